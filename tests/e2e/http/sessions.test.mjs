// SPDX-License-Identifier: Apache-2.0
// Sessions of Streamable HTTP: they outlive the process, end when told to, and open for
// nobody else. Calls that wait for the ledger can be taken back.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { approved, refused } from '../support/answers.mjs';
import { bearer, holdLedger, HttpServer, postBytes, steadyAddress } from '../support/http.mjs';
import { freshPurse } from '../support/purse.mjs';
import { modernMeta } from '../support/raw.mjs';
import { httpSetups, open } from '../support/setups.mjs';

const limit = { timeout: 60_000 };
const image = { service: 'images', estimatedCost: '0.08' };

async function start(t, options = {}) {
    const purse = freshPurse(t);
    const credential = await purse.issue('buyer');
    return { purse, credential, server: await HttpServer.start(t, purse, { address: await steadyAddress(), ...options }) };
}

const heldBy = async talk => approved(await talk.call('pay_budget_status', {})).held;

describe('sessions', { concurrency: 4 }, () => {
    test('go on after kill -9 and a restart, with versions and holds', limit, async t => {
        const { server, credential } = await start(t);
        const talks = await Promise.all(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'].map(version => server.initialize(credential, version)));
        const { txId } = approved(await talks[3].call('pay_preauthorize', { ...image, idempotencyKey: 'k' }));
        for (let i = 0; i < 2; ++i) {
            await server.stop('SIGKILL');
            await server.restart();
            const [, batches, , newest] = talks;
            assert.equal((await batches.post([{ jsonrpc: '2.0', id: 1, method: 'ping' }])).json.length, 1, 'its version is known');
            assert.equal((await newest.post([{ jsonrpc: '2.0', id: 1, method: 'ping' }])).status, 400);
            assert.equal(approved(await newest.call('pay_preauthorize', { ...image, idempotencyKey: 'k' })).txId, txId);
            const plain = await talks[0].call('pay_budget_status', {});
            assert.equal(plain.structuredContent, undefined, 'what 2024-11-05 is told');
            const stream = await newest.events();
            assert.equal((await stream.next()).data, '');
            stream.close();
        }
        approved(await talks[3].call('pay_settle', { txId, actualCost: '0.07' }));
        assert.equal(await heldBy(talks[2]), '0.00');
    });

    for (const setup of httpSetups.filter(one => one.sessions))
        test(`${setup.name}: the official client notices nothing of a restart`, limit, async t => {
            const { server, credential } = await start(t);
            const session = await open(t, setup, { base: server.base, credential });
            const id = session.transport.sessionId;
            const { txId } = approved(await session.call('pay_preauthorize', image));
            await server.stop('SIGKILL');
            await server.restart();
            const settle = () => session.call('pay_settle', { txId, actualCost: '0.07' });
            approved(await settle().catch(settle));  // a connection of its pool is dead
            assert.equal(session.transport.sessionId, id);
        });

    test('end with DELETE, at once and for good', limit, async t => {
        const { server, credential } = await start(t);
        const talk = await server.initialize(credential);
        const other = await server.initialize(credential);
        const stream = await talk.events();
        await stream.next();
        assert.equal((await talk.end()).status, 200);
        assert.equal(await stream.ended, 'whole', 'its stream ends with it');
        for (let i = 0; i < 3; ++i) assert.equal((await talk.request('ping', {})).status, 404);
        assert.equal((await talk.end()).status, 404);
        await assert.rejects(async () => assert.equal((await talk.events()).status, 200));
        assert.equal((await other.request('ping', {})).status, 200, 'another one of the same credential goes on');
    });

    test('an id of another state folder, or one that was tampered with, is 404', limit, async t => {
        const { server, credential, purse } = await start(t);
        const talk = await server.initialize(credential);
        const elsewhere = freshPurse(t);
        await elsewhere.issue('buyer');
        // The same ledger and credential under another key.
        cpSync(`${purse.state}/ledger.db`, `${elsewhere.state}/ledger.db`);
        cpSync(`${purse.state}/ledger.db-wal`, `${elsewhere.state}/ledger.db-wal`);
        const second = await HttpServer.start(t, elsewhere, {});
        assert.equal((await second.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { credential })).status, 200, 'the credential is good there');
        assert.equal((await second.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { credential, session: talk.session })).status, 404);
        const { session } = talk;
        const flips = [...session].map((char, i) => session.slice(0, i) + (char === 'A' ? 'B' : 'A') + session.slice(i + 1));
        const wrong = [...flips, session.slice(1), session.slice(0, -1), `${session}A`, `A${session}`, session.toLowerCase(), `${session},${session}`, 'x'.repeat(300), '=', '0'];
        for (const id of wrong.filter(one => one !== session))
            assert.equal((await server.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { credential, session: id })).status, 404, id);
        assert.equal((await talk.request('ping', {})).status, 200);
    });

    test('are served by every process on the same state', limit, async t => {
        const { server, credential, purse } = await start(t);
        const second = await HttpServer.start(t, purse, {});
        const talk = await server.initialize(credential);
        const { txId } = approved(await talk.call('pay_preauthorize', image));
        talk.server = second;
        approved(await talk.call('pay_settle', { txId, actualCost: '0.07' }));
        assert.equal((await talk.end()).status, 200);
    });

    test('what needs no session is served without one', limit, async t => {
        const { server, credential } = await start(t);
        const post = (method, params) => server.post({ jsonrpc: '2.0', id: 1, method, params }, { credential });
        assert.equal((await post('tools/list', {})).json.result.tools.length, 3);
        const hold = await post('tools/call', { name: 'pay_preauthorize', arguments: image });
        assert.equal(hold.headers['mcp-session-id'], undefined);
        const { txId } = JSON.parse(hold.json.result.content[1].text);
        const paid = await post('tools/call', { name: 'pay_settle', arguments: { txId, actualCost: '0.07' } });
        assert.equal(JSON.parse(paid.json.result.content[1].text).captured, '0.07');
    });
});

describe('calls that wait', { concurrency: 8 }, () => {
    const hold = { name: 'pay_preauthorize', arguments: image };

    test('are taken back by notifications/cancelled of their session', limit, async t => {
        const { server, purse, credential } = await start(t);
        const talk = await server.initialize(credential);
        const other = await server.initialize(credential);
        const release = await holdLedger(t, purse);
        const call = talk.post({ jsonrpc: '2.0', id: 'slow', method: 'tools/call', params: hold });
        const kept = other.post({ jsonrpc: '2.0', id: 'slow', method: 'tools/call', params: { ...hold, arguments: { ...image, estimatedCost: '0.01' } } });
        await sleep(300);
        const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'slow', reason: 'tired' } };
        assert.equal((await talk.post(cancel)).status, 202);
        await release();
        const answer = await call;
        assert.ok(!answer.text.includes('"result"'), `nothing is sent for it: ${answer.text}`);
        approved((await kept).json.result);
        assert.equal(await heldBy(talk), '0.01', 'the same id of another session is another call');
    });

    test('go on when a legacy client loses its connection', limit, async t => {
        const { server, purse, credential } = await start(t);
        const talk = await server.initialize(credential);
        const release = await holdLedger(t, purse);
        const socket = await server.socket();
        socket.write(postBytes({ jsonrpc: '2.0', id: 5, method: 'tools/call', params: { ...hold, arguments: { ...image, idempotencyKey: 'again' } } }, talk.with));
        await sleep(300);
        socket.close();
        await sleep(200);
        await release();
        const again = approved(await talk.call('pay_preauthorize', { ...image, idempotencyKey: 'again' }));
        assert.equal(again.replayed, true, 'the answer is found by its key');
        assert.equal(await heldBy(talk), '0.08');
    });

    // With a credential that the door knows, and with one that it has yet to look up.
    for (const known of [true, false])
        test(`are taken back when a modern client hangs up; its credential is ${known ? 'known' : 'new'}`, limit, async t => {
            const { server, purse, credential } = await start(t);
            const status = () => server.modern('tools/call', { name: 'pay_budget_status', arguments: {} }, { credential });
            if (known) approved((await status()).json.result);
            const release = await holdLedger(t, purse);
            const socket = await server.socket();
            const lines = ['Mcp-Method: tools/call', 'Mcp-Name: pay_preauthorize'];
            const message = { jsonrpc: '2.0', id: 5, method: 'tools/call', params: { ...hold, _meta: modernMeta } };
            socket.write(postBytes(message, { credential, version: '2026-07-28', lines }));
            await sleep(300);
            socket.close();
            await sleep(200);
            await release();
            assert.equal(approved((await status()).json.result).held, '0.00');
        });

    test('leave no streams behind when their clients leave before they are let in', limit, async t => {
        const { server, purse, credential } = await start(t);
        const talk = await server.initialize(await purse.issue('poor'));
        const release = await holdLedger(t, purse);
        const head = (path, secret) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nAuthorization: Bearer ${secret}\r\n`;
        const sockets = await Promise.all(Array.from({ length: 20 }, () => server.socket()));
        sockets.forEach((socket, i) => socket.write(i % 2 ? `${head('/sse', credential)}\r\n` : postBytes({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params: { notifications: {}, _meta: modernMeta } }, { credential, version: '2026-07-28', lines: ['Mcp-Method: subscriptions/listen'] })));
        await sleep(300);
        for (const socket of sockets) socket.close();
        await sleep(200);
        await release();
        assert.equal((await talk.request('ping', {})).status, 200);
        assert.equal((await server.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { credential })).status, 200);
        const { text } = await server.ask('GET', '/metrics');
        assert.match(text, /^purse_streams 0$/m);
        assert.match(text, /^purse_sse_sessions 0$/m);
    });

    /** What a stream says of progress, up to the answer: [progress notices, answer]. */
    async function untilAnswer(stream) {
        const notices = [];
        for (;;) {
            const event = await stream.next();
            if (!event.data) continue;
            const message = JSON.parse(event.data);
            if (message.method !== 'notifications/progress') return [notices, message];
            notices.push(message.params);
        }
    }

    function checkProgress(notices, token) {
        assert.ok(notices.length >= 2, `${notices.length} notices in five seconds`);
        for (const [i, { progressToken, progress }] of notices.entries()) {
            assert.equal(progressToken, token);
            assert.ok(i === 0 || progress > notices[i - 1].progress, 'progress rises');
        }
    }

    test('are reported on to who gave a token, and to nobody else', limit, async t => {
        const { server, purse, credential } = await start(t);
        const talk = await server.initialize(credential, '2025-11-25');
        const meta = token => ({ _meta: { ...modernMeta, progressToken: token } });
        const params = token => ({ ...hold, arguments: { ...image, estimatedCost: '0.01' }, ...(token !== undefined && { _meta: { progressToken: token } }) });
        const headers = { ...bearer(credential), 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' };
        const events = (body, more) => server.events('POST', '/mcp', { headers: { ...headers, ...more }, body: JSON.stringify(body) });
        const inSession = { 'Mcp-Session-Id': talk.session };
        const quiet = await talk.events();
        await quiet.next();
        const release = await holdLedger(t, purse);
        const legacy = events({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: params('a') }, inSession);
        const modern = events({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { ...params(), ...meta(7) } }, { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call', 'Mcp-Name': hold.name });
        const silent = talk.post({ jsonrpc: '2.0', id: 3, method: 'tools/call', params: params() });
        const jsonOnly = talk.post({ jsonrpc: '2.0', id: 4, method: 'tools/call', params: params('b') }, { headers: { Accept: 'application/json' } });
        await sleep(5500);
        await release();
        for (const [stream, token] of [[await legacy, 'a'], [await modern, 7]]) {
            const [notices, answer] = await untilAnswer(stream);
            checkProgress(notices, token);
            approved(answer.result);
            assert.equal(await stream.ended, 'whole');
            assert.equal(stream.unread, 0, 'nothing after the answer');
        }
        for (const answer of [await silent, await jsonOnly]) {
            assert.match(answer.headers['content-type'], /json/);
            approved(answer.json.result);
        }
        assert.equal(quiet.unread, 0, 'a message goes to one stream');
        assert.equal(await heldBy(talk), '0.04');
    });

    test('can be come back to while they wait, with Last-Event-ID', limit, async t => {
        const { server, purse, credential } = await start(t);
        const talk = await server.initialize(credential, '2025-11-25');
        const release = await holdLedger(t, purse);
        const first = await server.events('POST', '/mcp', {
            headers: { ...bearer(credential), 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', 'Mcp-Session-Id': talk.session },
            body: JSON.stringify({ jsonrpc: '2.0', id: 'x', method: 'tools/call', params: { ...hold, _meta: { progressToken: 1 } } }),
        });
        const priming = await first.next();
        assert.equal(priming.data, '');
        const seen = await first.next();
        first.close();
        await sleep(200);
        const second = await talk.events({ 'Last-Event-ID': seen.id });
        const third = await talk.events({ 'Last-Event-ID': priming.id });
        assert.equal(await second.ended, 'whole', 'the client knows which of its streams is alive');
        assert.deepEqual(await third.next(), seen, 'what was missed comes first');
        await release();
        const [, answer] = await untilAnswer(third);
        assert.equal(answer.id, 'x');
        approved(answer.result);
        assert.equal(await third.ended, 'whole');
        assert.equal(await heldBy(talk), '0.08', 'the call was made once');
    });

    for (const setup of httpSetups)
        test(`are reported on to ${setup.name}`, limit, async t => {
            const { server, purse, credential } = await start(t);
            const session = await open(t, setup, { base: server.base, credential });
            const release = await holdLedger(t, purse);
            const notices = [];
            const call = session.call('pay_preauthorize', image, { onprogress: notice => notices.push(notice), timeout: 3500, resetTimeoutOnProgress: true });
            call.catch(() => {});
            await sleep(5500);
            await release();
            approved(await call);
            assert.ok(notices.length >= 2, `${notices.length} notices`);
        });

    test('are answered before the server ends', limit, async t => {
        const { server, purse, credential } = await start(t);
        const talk = await server.initialize(credential);
        const release = await holdLedger(t, purse);
        const call = talk.request('tools/call', hold);
        await sleep(300);
        const stopped = server.stop();
        await sleep(300);
        await assert.rejects(server.ask('GET', '/healthz'), 'no new connections');
        await release();
        const { txId } = approved((await call).json.result);
        assert.equal((await stopped).code, 0);
        await server.restart();
        approved(await talk.call('pay_settle', { txId, actualCost: '0.07' }));
    });

    // Two transactions may be under way, a verdict's and the call's: each waits ten seconds for the lock.
    test('do not keep the server from ending when the ledger stays locked', limit, async t => {
        const { server, purse, credential } = await start(t);
        const talk = await server.initialize(credential);
        const release = await holdLedger(t, purse);
        const call = talk.request('tools/call', hold).catch(() => undefined);
        await sleep(200);
        const { code } = await server.stop('SIGTERM', 25_000);
        assert.equal(code, 0);
        await call;
        await release();
        await server.restart();
        assert.equal(await heldBy(talk), '0.00', 'what was not answered is not held');
    });

    test('end with busy and not with silence when the ledger stays locked', limit, async t => {
        const { server, purse, credential } = await start(t);
        const talk = await server.initialize(credential);
        const release = await holdLedger(t, purse);
        const began = Date.now();
        const answer = refused(await talk.call('pay_preauthorize', image), 'busy');
        assert.equal(answer.retry, 'same_request');
        assert.ok(Date.now() - began < 14_000);
        assert.equal((await server.ask('GET', '/healthz')).status, 200);
        await release();
        assert.equal(await heldBy(talk), '0.00');
    });

    test('make the server not ready, while it is alive', limit, async t => {
        const { server, purse, credential } = await start(t);
        assert.equal((await server.ask('GET', '/readyz')).status, 200);
        approved(await (await server.initialize(credential)).call('pay_preauthorize', image));
        const release = await holdLedger(t, purse);
        assert.equal(await server.isHealthy(), true);
        const began = Date.now();
        assert.equal((await server.ask('GET', '/readyz')).status, 503);
        const figures = await server.ask('GET', '/metrics');
        assert.equal(figures.status, 200);
        assert.doesNotMatch(figures.text, /purse_holds_open/, 'not known now');
        assert.ok(Date.now() - began < 8000, 'whoever probes does not wait long');
        await release();
        assert.equal((await server.ask('GET', '/readyz')).status, 200);
    });
});
