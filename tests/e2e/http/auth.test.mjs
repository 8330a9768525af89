// SPDX-License-Identifier: Apache-2.0
// Who is let in, and that nobody sees or touches what belongs to another credential.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { approved, refused } from '../support/answers.mjs';
import { bearer, HttpServer } from '../support/http.mjs';
import { freshPurse } from '../support/purse.mjs';
import { httpSetups } from '../support/setups.mjs';

const limit = { timeout: 60_000 };
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
const image = { service: 'images', estimatedCost: '0.08' };
const unknown = `purse_buyer_${'0'.repeat(52)}`;
const wellKnown = '/.well-known/oauth-protected-resource';

async function start(t, options = {}) {
    const purse = freshPurse(t);
    const credential = await purse.issue('buyer');
    const server = await HttpServer.start(t, purse, options);
    return { purse, credential, server };
}

/** A 401 as RFC 6750 and RFC 9728 want it. */
function checkUnauthorized(answer, server, error) {
    assert.equal(answer.status, 401, answer.text);
    const challenge = answer.headers['www-authenticate'];
    assert.match(challenge, /^Bearer /);
    assert.ok(challenge.includes(`resource_metadata="${server.base}${wellKnown}/mcp"`), challenge);
    if (error) assert.match(challenge, new RegExp(`\\berror="${error}"`));
    else assert.doesNotMatch(challenge, /error/);
    assert.ok(!('id' in answer.json));
    assert.ok(answer.json.error.message.length > 0);
}

/** Asks until the answer has that status; a verdict may be remembered for a second. */
async function untilStatus(ask, status, time = 5000) {
    const stop = Date.now() + time;
    for (;;) {
        const answer = await ask();
        if (answer.status === status) return answer;
        assert.ok(Date.now() < stop, `still ${answer.status} and not ${status}`);
        await sleep(50);
    }
}

test('without a credential: 401 with a pointer and no error', limit, async t => {
    const { server } = await start(t);
    for (const [method, path] of [['POST', '/mcp'], ['GET', '/mcp'], ['DELETE', '/mcp'], ['GET', '/sse'], ['POST', '/messages?sessionId=x']])
        checkUnauthorized(await server.ask(method, path, { headers: { 'Content-Type': 'application/json' } }), server);
    checkUnauthorized(await server.modern('server/discover'), server);
});

test('with a credential that is none: 401 invalid_token', limit, async t => {
    const { server, credential } = await start(t);
    for (const wrong of [unknown, 'guess', credential.slice(0, -1), `${credential}0`, credential.toUpperCase(), 'x'.repeat(600), '"', '%00'])
        checkUnauthorized(await server.post(ping, { credential: wrong }), server, 'invalid_token');
    for (const header of [`Basic ${Buffer.from(`buyer:${credential}`).toString('base64')}`, `Token ${credential}`, credential, 'Bearer'])
        checkUnauthorized(await server.post(ping, { headers: { Authorization: header } }), server, 'invalid_token');
    for (const path of [`/mcp?access_token=${credential}`, `/mcp?token=${credential}`])
        checkUnauthorized(await server.ask('POST', path, { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(ping) }), server);
});

test('the scheme is read in any case, the credential is not', limit, async t => {
    const { server, credential } = await start(t);
    for (const header of [`Bearer ${credential}`, `bearer ${credential}`, `BEARER   ${credential} `])
        assert.equal((await server.post(ping, { headers: { Authorization: header } })).status, 200, header.slice(0, 10));
});

test('metadata of the resource, at both addresses and for anybody', limit, async t => {
    const { server } = await start(t);
    for (const path of [wellKnown, `${wellKnown}/mcp`]) {
        const answer = await server.ask('GET', path);
        assert.equal(answer.status, 200);
        assert.match(answer.headers['content-type'], /^application\/json/);
        assert.equal(answer.json.resource, `${server.base}/mcp`);
        assert.deepEqual(answer.json.bearer_methods_supported, ['header']);
        assert.equal((await server.ask('POST', path)).status, 405);
    }
});

test('the official clients meet a 401 as one', limit, async t => {
    const { server } = await start(t);
    for (const setup of httpSetups)
        for (const credential of [undefined, unknown])
            await assert.rejects(setup.connect({ base: server.base, credential }), error => /401|[Uu]nauthorized/.test(`${error.name} ${error.code} ${error.status} ${error.data?.status} ${error.message}`), setup.name);
});

test('a revoked credential ends its sessions no later than the next payment', limit, async t => {
    const { server, purse, credential } = await start(t);
    const talk = await server.initialize(credential);
    const { txId } = approved(await talk.call('pay_preauthorize', image));
    const [id] = await purse.credentialIds();
    await purse.command('credential', 'revoke', id);
    // The door may remember its verdict for a second; money may not move in it.
    const next = await talk.request('tools/call', { name: 'pay_preauthorize', arguments: image });
    if (next.status === 200) refused(next.json.result, 'credential_revoked');
    else checkUnauthorized(next, server, 'invalid_token');
    const answer = await untilStatus(() => talk.request('tools/call', { name: 'pay_settle', arguments: { txId, actualCost: '0.01' } }), 401);
    checkUnauthorized(answer, server, 'invalid_token');
    assert.match(answer.json.error.message, /revoked/);
    const other = await server.initialize(await purse.issue('buyer'));
    const status = approved(await other.call('pay_budget_status', {}));
    assert.equal(status.held, '0.08', 'the hold of the agent is as it was');
});

test('an expired credential is not let in', limit, async t => {
    const { server, purse } = await start(t);
    const credential = await purse.issue('poor', '--expires', '2s');
    const talk = await server.initialize(credential);
    approved(await talk.call('pay_preauthorize', image));
    await sleep(2000);
    const next = await talk.request('tools/call', { name: 'pay_preauthorize', arguments: image });
    if (next.status === 200) refused(next.json.result, 'credential_expired');
    checkUnauthorized(await untilStatus(() => talk.request('ping', {}), 401), server, 'invalid_token');
});

test('an agent that the policy has no more is not let in, and is let in again', limit, async t => {
    const { server, purse } = await start(t);
    const credential = await purse.issue('poor');
    const talk = await server.initialize(credential);
    purse.writePolicy(text => text.replace('"poor"', '"rich"'));
    const next = await talk.request('tools/call', { name: 'pay_preauthorize', arguments: image });
    if (next.status === 200) refused(next.json.result, 'agent_unknown');
    checkUnauthorized(await untilStatus(() => talk.request('ping', {}), 401), server, 'invalid_token');
    purse.writePolicy(text => text);
    await untilStatus(() => talk.request('ping', {}), 200);
    approved(await talk.call('pay_preauthorize', image));
});

test('a frozen agent is let in to read why, and pays nothing', limit, async t => {
    const { server, purse, credential } = await start(t);
    const talk = await server.initialize(credential);
    const { txId } = approved(await talk.call('pay_preauthorize', image));
    await purse.command('freeze', 'agent', 'buyer');
    refused(await talk.call('pay_preauthorize', image), 'frozen');
    assert.equal(approved(await talk.call('pay_budget_status', {})).frozen, true);
    refused(await (await server.initialize(credential)).call('pay_preauthorize', image), 'frozen');
    approved(await talk.call('pay_settle', { txId, actualCost: '0.07' }));
});

test('a policy that cannot be read is the server\'s trouble, not the client\'s', limit, async t => {
    const purse = freshPurse(t);
    purse.writePolicy(() => '{ "version": 1, ');
    const server = await HttpServer.start(t, purse, {});
    const answer = await server.post(ping, { credential: unknown });
    assert.equal(answer.status, 503, answer.text);
    assert.ok(Number(answer.headers['retry-after']) >= 1);
});

test('a session is its credential\'s own', limit, async t => {
    const { server, purse, credential } = await start(t);
    const other = await purse.issue('poor');
    const twin = await purse.issue('buyer');
    const talk = await server.initialize(credential);
    for (const thief of [other, twin]) {
        const stolen = { credential: thief };
        const answer = await talk.post(ping, stolen);
        assert.equal(answer.status, 404, 'as if it never was');
        const headers = { ...bearer(thief), 'Mcp-Session-Id': talk.session };
        assert.equal((await server.ask('GET', '/mcp', { headers: { ...headers, Accept: 'text/event-stream' } })).status, 404);
        assert.equal((await server.ask('DELETE', '/mcp', { headers })).status, 404);
    }
    assert.equal((await talk.post(ping, { credential: undefined })).status, 401);
    assert.equal((await talk.request('ping', {})).status, 200, 'and goes on for its owner');
});

test('one agent cannot settle, void or read what another holds', limit, async t => {
    const { server, purse, credential } = await start(t);
    const mine = await server.initialize(credential);
    const theirs = await server.initialize(await purse.issue('poor'));
    const { txId } = approved(await mine.call('pay_preauthorize', { ...image, idempotencyKey: 'k' }));
    for (const args of [{ txId, actualCost: '0.01' }, { txId, outcome: 'void' }])
        refused(await theirs.call('pay_settle', args), 'hold_unknown');
    const read = await theirs.request('resources/read', { uri: `purse://journal/${txId}` });
    assert.equal(read.json.error.code, -32602);
    assert.ok(!read.text.includes('buyer') && !read.text.includes('0.08'));
    const status = await theirs.call('pay_budget_status', {});
    assert.deepEqual(approved(status).holds, []);
    assert.ok(!JSON.stringify(status).includes(txId));
    const same = approved(await theirs.call('pay_preauthorize', { ...image, idempotencyKey: 'k' }));
    assert.notEqual(same.txId, txId, 'keys are each agent\'s own');
    approved(await mine.call('pay_settle', { txId, actualCost: '0.07' }));
});

test('the streams of one credential tell nothing of another', limit, async t => {
    const { server, purse, credential } = await start(t);
    const mine = await server.initialize(credential);
    const theirs = await server.initialize(await purse.issue('poor'));
    const streams = [await theirs.events(), await server.events('GET', '/sse', { headers: bearer(theirs.with.credential) })];
    for (const stream of streams) await stream.next();
    const { txId } = approved(await mine.call('pay_preauthorize', image));
    approved(await mine.call('pay_settle', { txId, actualCost: '0.07' }));
    approved(await theirs.call('pay_budget_status', {}));
    await sleep(300);
    for (const stream of streams) {
        assert.equal(stream.unread, 0);
        stream.close();
    }
});

test('many bad attempts are throttled; a good credential passes', limit, async t => {
    const { server, credential } = await start(t);
    assert.equal((await server.post(ping, { credential })).status, 200);
    const tried = [];
    for (let i = 0; i < 60; ++i) tried.push(await server.post(ping, { credential: `${unknown.slice(0, -2)}${String(i).padStart(2, '0')}` }));
    const counts = status => tried.filter(answer => answer.status === status).length;
    assert.equal(counts(401) + counts(429), 60);
    assert.ok(counts(401) >= 20 && counts(401) <= 30, `${counts(401)} were looked up`);
    const last = tried.at(-1);
    assert.equal(last.status, 429);
    assert.ok(Number(last.headers['retry-after']) >= 1);
    assert.equal((await server.post(ping, { credential })).status, 200, 'the good one passes all the while');
    assert.equal((await server.ask('GET', '/healthz')).status, 200);
    await untilStatus(() => server.post(ping, { credential: unknown }), 401, 5000);
});

test('a good credential passes a throttled address for the first time, too', limit, async t => {
    const { server, credential } = await start(t);
    for (let i = 0; i < 30; ++i) await server.post(ping, { credential: `${unknown.slice(0, -2)}${String(i).padStart(2, '0')}` });
    assert.equal((await server.post(ping, { credential })).status, 200);
});

test('requests without any credential are not held against their address', limit, async t => {
    const { server, purse } = await start(t);
    for (let i = 0; i < 60; ++i) assert.equal((await server.post(ping)).status, 401);
    const credential = await purse.issue('poor');
    assert.equal((await server.post(ping, { credential })).status, 200, 'a credential that was never seen before');
});

test('no secret is ever written to standard error', limit, async t => {
    const { server, purse, credential } = await start(t, { log: 'debug' });
    const gone = await purse.issue('poor');
    const talk = await server.initialize(credential);
    const { txId } = approved(await talk.call('pay_preauthorize', { ...image, purpose: 'a secret plan', idempotencyKey: 'my-key-77' }));
    approved(await talk.call('pay_settle', { txId, actualCost: '0.07' }));
    await server.post(ping, { credential: gone });
    await server.post(ping, { credential: unknown });
    await server.post(ping, { headers: { Authorization: `Basic ${credential}` } });
    await server.ask('POST', `/mcp?token=${credential}`, { headers: { 'Content-Type': 'application/json' }, body: '{' });
    await server.post(`{"jsonrpc":"2.0","id":1,"method":"${credential}`, { credential });
    await server.post({ jsonrpc: '2.0', id: 1, method: credential }, { credential });
    await server.post(ping, { credential: 'purse_buyer_other', session: talk.session });
    const socket = await server.socket();
    socket.write(`GET /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization : Bearer ${credential}\r\n\r\n`);
    await socket.rest();
    await server.stop();
    assert.match(server.errors, /purse serves MCP at/);
    for (const secret of [credential, gone, unknown, talk.session]) {
        const body = secret.split('_').at(-1);
        assert.ok(!server.errors.includes(body.slice(0, 16)) && !server.errors.includes(body.slice(-16)), 'standard error has a part of a secret');
    }
});

test('the sandbox serves whoever brings nothing, and no made-up credential', limit, async t => {
    const purse = freshPurse(t);
    const server = await HttpServer.start(t, purse, { policy: null });
    const one = await server.initialize();
    const other = await server.initialize();
    assert.notEqual(one.session, other.session);
    approved(await one.call('pay_preauthorize', image));
    assert.equal(approved(await other.call('pay_budget_status', {})).agent, 'sandbox');
    checkUnauthorized(await server.post(ping, { credential: unknown }), server, 'invalid_token');
    checkUnauthorized(await one.post(ping, { credential: unknown }), server, 'invalid_token');
});
