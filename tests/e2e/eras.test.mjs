// SPDX-License-Identifier: Apache-2.0
// Both eras in one process, message by message, and the errors of the modern one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { approved, refused } from './support/answers.mjs';
import { freshPurse } from './support/purse.mjs';
import { modernMeta, RawPeer } from './support/raw.mjs';

const limit = { timeout: 60_000 };
const key = name => `io.modelcontextprotocol/${name}`;
const legacy = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'];

async function start(t) {
    const purse = freshPurse(t);
    return new RawPeer(t, purse.env(await purse.issue('buyer')));
}

test('a probe that is thrown away leaves nothing behind', limit, async t => {
    const purse = freshPurse(t);
    for (const speak of [
        peer => peer.initialize(),
        peer => peer.modern('server/discover'),
        async peer => (await peer.initialize(), peer.request('tools/list', {})),
        async () => {},
    ]) {
        const peer = new RawPeer(t, purse.env('purse_buyer_' + '0'.repeat(52)));
        await speak(peer);
        assert.equal(await peer.close(), 0);
        assert.equal(purse.hasState(), false, 'no state folder');
    }
});

test('initialize echoes each legacy version and offers the newest for others', limit, async t => {
    const peer = await start(t);
    for (const version of legacy) assert.equal((await peer.initialize(version)).result.protocolVersion, version);
    for (const version of ['2026-07-28', '2099-01-01', '1', ''])
        assert.equal((await peer.initialize(version)).result.protocolVersion, '2025-11-25', version);
});

test('discover names modern versions only', limit, async t => {
    const peer = await start(t);
    const { result } = await peer.modern('server/discover');
    assert.deepEqual(result.supportedVersions, ['2026-07-28']);
    assert.equal(result.resultType, 'complete');
    assert.ok(result.capabilities.tools);
    assert.ok(result.ttlMs >= 0);
    assert.ok(['public', 'private'].includes(result.cacheScope));
    assert.equal(result._meta[key('serverInfo')].name, 'purse');
});

test('modern lists and calls carry what the era asks for', limit, async t => {
    const peer = await start(t);
    const list = (await peer.modern('tools/list')).result;
    assert.equal(list.resultType, 'complete');
    assert.ok(list.ttlMs >= 0 && ['public', 'private'].includes(list.cacheScope));
    assert.ok(!('nextCursor' in list));
    const call = (await peer.modern('tools/call', { name: 'pay_preauthorize', arguments: { service: 'images', estimatedCost: '0.08' } })).result;
    assert.equal(call.resultType, 'complete');
    approved(call);
});

test('one process serves both eras, in any order', limit, async t => {
    const peer = await start(t);
    const hold = args => ({ name: 'pay_preauthorize', arguments: { service: 'images', estimatedCost: '0.08', ...args } });
    await peer.modern('server/discover');
    approved((await peer.modern('tools/call', hold())).result);
    await peer.initialize('2025-06-18');
    const old = (await peer.request('tools/call', hold())).result;
    approved(old);
    assert.ok(!('resultType' in old), 'a legacy answer in its own shape');
    const modern = approved((await peer.modern('tools/call', hold())).result);
    const paid = approved((await peer.request('tools/call', { name: 'pay_settle', arguments: { txId: modern.txId, actualCost: '0.08' } })).result);
    assert.equal(paid.state, 'settled');
});

test('an incomplete envelope is an error', limit, async t => {
    const peer = await start(t);
    const { [key('clientCapabilities')]: _, ...half } = modernMeta;
    for (const _meta of [
        half,
        { ...modernMeta, [key('clientCapabilities')]: null },
        { ...modernMeta, [key('clientCapabilities')]: [] },
        { ...modernMeta, [key('protocolVersion')]: 20260728 },
    ]) {
        const answer = await peer.request('tools/list', { _meta });
        assert.equal(answer.error?.code, -32602, JSON.stringify(answer));
    }
    const { [key('protocolVersion')]: __, ...other } = modernMeta;
    assert.equal((await peer.request('server/discover', { _meta: other })).error.code, -32602);
    const { [key('clientInfo')]: ___, ...enough } = modernMeta;
    assert.ok((await peer.request('tools/list', { _meta: enough })).result, 'clientInfo may be left out');
});

test('a version that is not served is refused with those that are', limit, async t => {
    const peer = await start(t);
    for (const version of ['2099-01-01', '2025-11-25', '']) {
        const { error } = await peer.request('tools/list', { _meta: { ...modernMeta, [key('protocolVersion')]: version } });
        assert.equal(error.code, -32022, version);
        assert.deepEqual(error.data, { supported: ['2026-07-28'], requested: version });
    }
});

test('what the modern era removed is not found in it', limit, async t => {
    const peer = await start(t);
    for (const method of ['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'no/such/method']) {
        const params = method === 'initialize' ? { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } } : {};
        assert.equal((await peer.modern(method, params)).error?.code, -32601, method);
    }
    assert.deepEqual((await peer.request('ping', {})).result, {});
});

test('a modern refusal is a complete result', limit, async t => {
    const peer = await start(t);
    const { result } = await peer.modern('tools/call', { name: 'pay_preauthorize', arguments: { service: 'nothing', estimatedCost: '0.08' } });
    assert.equal(result.resultType, 'complete');
    refused(result, 'service_unknown');
});

test('ids come back as they were, also 0 and a text', limit, async t => {
    const peer = await start(t);
    await peer.initialize();
    for (const id of [0, -5, 'a', '', '0', 9007199254740991])
        assert.deepEqual(await peer.request('ping', {}, id), { jsonrpc: '2.0', id, result: {} });
});
