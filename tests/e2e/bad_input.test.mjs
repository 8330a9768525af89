// SPDX-License-Identifier: Apache-2.0
// Input that no client library would send: each line gets a clear error, nothing is held,
// and the next good call works in the same process.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { approved, refused } from './support/answers.mjs';
import { oneOff } from './support/cases.mjs';
import { freshPurse } from './support/purse.mjs';
import { RawPeer } from './support/raw.mjs';

const limit = { timeout: 60_000 };

async function start(t, agent = 'buyer') {
    const purse = freshPurse(t);
    const peer = new RawPeer(t, purse.env(await purse.issue(agent)));
    await peer.initialize();
    return peer;
}

const callWith = args => `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"pay_preauthorize","arguments":${args}}}`;
const costing = cost => callWith(`{"service":"images","estimatedCost":${cost}}`);

/** Lines that are not even a request; the codes an answer may have. */
const broken = [
    ['half an object', '{"jsonrpc":"2.0","id":7,"method":"ping"', [-32700]],
    ['no JSON at all', 'hello', [-32700]],
    ['two values on a line', '{"jsonrpc":"2.0","id":7,"method":"ping"} {}', [-32700]],
    ['a trailing comma', '{"jsonrpc":"2.0","id":7,"method":"ping",}', [-32700]],
    ['single quotes', "{'jsonrpc':'2.0','id':7,'method':'ping'}", [-32700]],
    ['NaN', costing('NaN'), [-32700]],
    ['bytes that are not UTF-8', Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":7,"method":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]), [-32700, -32600]],
    ['a number', '7', [-32600]],
    ['null', 'null', [-32600]],
    ['an empty object', '{}', [-32600]],
    ['an empty batch', '[]', [-32600]],
    ['a null id', '{"jsonrpc":"2.0","id":null,"method":"ping"}', [-32600]],
    ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"ping"}', [-32600]],
    ['an id that is a fraction', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', [-32600]],
    ['no version of JSON-RPC', '{"id":7,"method":"ping"}', [-32600]],
    ['another version of JSON-RPC', '{"jsonrpc":"1.0","id":7,"method":"ping"}', [-32600]],
    ['a method that is a number', '{"jsonrpc":"2.0","id":7,"method":5}', [-32600]],
    ['params that are a list', '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":["pay_preauthorize"]}', [-32600, -32602]],
    ['an unknown method', '{"jsonrpc":"2.0","id":7,"method":"pay/everything"}', [-32601]],
    ['an unknown tool', '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"pay_all","arguments":{}}}', [-32602]],
    ['no tool', '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{}}', [-32602]],
    ['duplicate keys of the request', '{"jsonrpc":"2.0","id":7,"method":"ping","method":"tools/list"}', [-32700, -32600]],
    ['a depth bomb', callWith('['.repeat(30_000) + ']'.repeat(30_000)), [-32700, -32600]],
    ['a deep object', callWith('{"a":'.repeat(5000) + '1' + '}'.repeat(5000)), [-32700, -32600]],
    ['ten megabytes on a line', costing(`"${'9'.repeat(10_000_000)}"`), [-32700, -32600]],
];

/** Well-formed calls whose arguments must be refused; also as a protocol error. */
const doubtful = [
    ['duplicate keys of the arguments', callWith('{"service":"images","estimatedCost":"0.01","estimatedCost":"4"}')],
    ['the same key, once escaped', callWith('{"service":"images","estimatedCost":"0.01","estimated\\u0043ost":"4"}')],
    ['1e400', costing('1e400')],
    ['an exponent', costing('1e-1')],
    ['a negative number', costing('-0.08')],
    ['a negative text', costing('"-0.08"')],
    ['seven decimals as a number', costing('0.0000001')],
    ['seven decimals as text', costing('"0.0000001"')],
    ['2 to the power of 64', costing('18446744073709551616')],
    ['a NUL in a text', callWith('{"service":"images","estimatedCost":"0.08\\u0000"}')],
    ['half a surrogate', callWith('{"service":"\\ud800","estimatedCost":"0.08"}')],
    ['an unknown field', callWith('{"service":"images","estimatedCost":"0.08","tip":"1"}')],
    ['wrong types', callWith('{"service":["images"],"estimatedCost":"0.08"}')],
    ['arguments that are a list', callWith('["images","0.08"]')],
    ['arguments that are a text', callWith('"images"')],
];

async function stillWorks(peer, held = '0.00') {
    const status = approved((await peer.callTool('pay_budget_status', {})).result);
    assert.equal(status.held, held, 'nothing was held by the way');
}

test('lines that are no request are answered with an error', limit, async t => {
    const peer = await start(t);
    for (const [name, line, codes] of broken) {
        const answer = await peer.say(line);
        assert.ok(codes.includes(answer.error?.code), `${name}: ${JSON.stringify(answer)}`);
        assert.ok(answer.error.message.length > 0, name);
        assert.ok([7, null, undefined].includes(answer.id), `${name}: id ${answer.id}`);
        await stillWorks(peer);
        assert.equal(peer.unread, 0, `${name}: one answer only`);
    }
});

test('doubtful arguments are refused', limit, async t => {
    const peer = await start(t);
    for (const [name, line] of doubtful) {
        const answer = await peer.say(line);
        if (answer.error) assert.ok([-32700, -32600, -32602].includes(answer.error.code), `${name}: ${JSON.stringify(answer)}`);
        else refused(answer.result, 'invalid_argument');
        await stillWorks(peer);
    }
    const hold = approved((await peer.callTool('pay_preauthorize', { service: 'images', estimatedCost: '0.08' })).result);
    await stillWorks(peer, '0.08');
    assert.equal(approved((await peer.callTool('pay_settle', { txId: hold.txId, actualCost: 0.07 })).result).captured, '0.07');
});

test('an amount is taken by its exact text', limit, async t => {
    const peer = await start(t);
    for (const [text, amount] of [['0.1', '0.10'], ['0.000001', '0.000001'], ['4.999999', '4.999999'], ['1.10', '1.10'], ['2.000000', '2.00'], ['"0.30"', '0.30'], ['3', '3.00']]) {
        const hold = approved((await peer.say(costing(text))).result);
        assert.equal(hold.amount, amount, text);
    }
});

test('a hold settled twice is paid once', limit, async t => {
    const peer = await start(t);
    const { txId } = approved((await peer.callTool('pay_preauthorize', { service: 'images', estimatedCost: '0.08' })).result);
    approved((await peer.callTool('pay_settle', { txId, actualCost: '0.05' })).result);
    for (const actualCost of ['0.06', '0.04', '0.050001'])
        refused((await peer.callTool('pay_settle', { txId, actualCost })).result, 'hold_closed');
    refused((await peer.callTool('pay_settle', { txId, outcome: 'void' })).result, 'hold_closed');
    refused((await peer.callTool('pay_settle', { txId: oneOff(txId), actualCost: '0.05' })).result, 'hold_unknown');
    const status = approved((await peer.callTool('pay_budget_status', {})).result);
    assert.equal(status.caps.find(cap => cap.cap === 'daily').spent, '0.05');
});

test('blank lines and CRLF are ignored, notifications are not answered', limit, async t => {
    const peer = await start(t);
    peer.send('');
    peer.send('\r');
    peer.send('{"jsonrpc":"2.0","method":"notifications/unheard-of","params":{"x":1}}');
    peer.send('{"jsonrpc":"2.0","id":99,"result":{}}');
    const answer = await peer.say('{"jsonrpc":"2.0","id":"","method":"ping"}\r');
    assert.deepEqual(answer, { jsonrpc: '2.0', id: '', result: {} });
    assert.equal(peer.unread, 0);
});

test('requests before initialize are answered, not fatal', limit, async t => {
    const purse = freshPurse(t);
    const peer = new RawPeer(t, purse.env());
    const answer = await peer.request('tools/list', {});
    assert.ok(answer.error || answer.result, JSON.stringify(answer));
    assert.equal((await peer.initialize()).result.protocolVersion, '2025-11-25');
    assert.equal(await peer.close(), 0);
});
