// SPDX-License-Identifier: Apache-2.0
// Event streams: how they begin, stay alive, are come back to, and end.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { approved } from '../support/answers.mjs';
import { bearer, HttpServer, steadyAddress } from '../support/http.mjs';
import { freshPurse } from '../support/purse.mjs';
import { modernMeta } from '../support/raw.mjs';

const limit = { timeout: 60_000 };
const key = name => `io.modelcontextprotocol/${name}`;
const list = { jsonrpc: '2.0', id: 'list', method: 'tools/list', params: {} };

async function start(t, options = {}) {
    const purse = freshPurse(t);
    const credential = await purse.issue('buyer');
    return { purse, credential, server: await HttpServer.start(t, purse, { address: await steadyAddress(), ...options }) };
}

/** A listen request: its event stream. */
function listen(server, credential, { id = 'sub', notifications = {}, headers = {} } = {}) {
    return server.events('POST', '/mcp', {
        headers: {
            ...bearer(credential), 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream',
            'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'subscriptions/listen', ...headers,
        },
        body: JSON.stringify({ jsonrpc: '2.0', id, method: 'subscriptions/listen', params: { notifications, _meta: modernMeta } }),
    });
}

/** A POST of a session that takes events only: all its events. */
async function eventsOf(talk, message) {
    const answer = await talk.post(message, { headers: { Accept: 'text/event-stream' } });
    assert.equal(answer.status, 200, answer.text);
    return answer.text.split('\n\n').filter(Boolean).map(block => Object.fromEntries(block.split('\n').map(line => /^([a-z]+): ?(.*)$/.exec(line).slice(1))));
}

async function gauge(server, name) {
    const { text } = await server.ask('GET', '/metrics');
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)[1]);
}

async function untilGauge(server, name, value) {
    for (let i = 0; await gauge(server, name) !== value; ++i) {
        assert.ok(i < 100, `${name} is still ${await gauge(server, name)}`);
        await sleep(30);
    }
}

describe('streams', { concurrency: 8 }, () => {
    test('GET begins with a priming event for 2025-11-25, and not before', limit, async t => {
        const { server, credential } = await start(t);
        const newest = await (await server.initialize(credential, '2025-11-25')).events();
        assert.equal(newest.status, 200);
        assert.equal(newest.headers['content-type'], 'text/event-stream');
        assert.match(newest.headers['cache-control'], /no-cache/);
        assert.equal(newest.headers['x-accel-buffering'], 'no');
        const priming = await newest.next();
        assert.equal(priming.data, '');
        assert.ok(priming.id.length > 0);
        for (const version of ['2025-03-26', '2025-06-18']) {
            const older = await (await server.initialize(credential, version)).events();
            assert.equal(older.status, 200);
            await assert.rejects(older.next(200), 'nothing to say');
        }
    });

    test('a comment keeps each kind of stream alive within 20 seconds', limit, async t => {
        const { server, credential } = await start(t);
        const talk = await server.initialize(credential, '2025-06-18');
        const streams = [await talk.events(), await server.events('GET', '/sse', { headers: bearer(credential) }), await listen(server, credential)];
        const stop = Date.now() + 20_000;
        while (streams.some(stream => stream.comments === 0) && Date.now() < stop) await sleep(100);
        assert.deepEqual(streams.map(stream => stream.comments), [1, 1, 1]);
    });

    test('an answer that was missed can be had with Last-Event-ID, within its stream', limit, async t => {
        const { server, purse, credential } = await start(t);
        const talk = await server.initialize(credential);
        const [priming, answer, ...rest] = await eventsOf(talk, list);
        assert.deepEqual(rest, []);
        assert.equal(priming.data, '');
        assert.ok(Number(priming.retry) > 0);
        assert.notEqual(priming.id, answer.id);
        assert.equal(JSON.parse(answer.data).id, 'list');
        const [, second] = await eventsOf(talk, { ...list, id: 'second' });
        assert.notEqual(second.id, answer.id);

        const missed = await talk.events({ 'Last-Event-ID': priming.id });
        const again = await missed.next();
        assert.deepEqual([again.id, again.data], [answer.id, answer.data]);
        assert.equal(await missed.ended, 'whole');
        assert.equal(missed.unread, 0, 'nothing of the other stream');
        const none = await talk.events({ 'Last-Event-ID': answer.id });
        assert.equal(await none.ended, 'whole');
        assert.equal(none.unread, 0, 'nothing is sent twice');

        const sibling = await server.initialize(credential);
        const stranger = await server.initialize(await purse.issue('poor'));
        for (const other of [sibling, stranger]) {
            const stream = await other.events({ 'Last-Event-ID': priming.id });
            await sleep(200);
            while (stream.unread > 0) assert.equal((await stream.next()).data, '', 'another session has none of it');
            stream.close();
        }
    });

    test('a Last-Event-ID that means nothing opens a stream like any other', limit, async t => {
        const { server, credential } = await start(t);
        const talk = await server.initialize(credential);
        for (const id of ['99-1', '0-0', 'x', '-', '1-', '18446744073709551616-0', '1-18446744073709551615', ' ', '💸'.replace(/./gu, '%')]) {
            const stream = await talk.events({ 'Last-Event-ID': id });
            assert.equal(stream.status, 200, id);
            assert.equal((await stream.next()).data, '', id);
            stream.close();
        }
        assert.equal((await talk.request('ping', {})).status, 200);
    });

    test('a session has a bounded number of them, and gets room back', limit, async t => {
        const { server, credential } = await start(t);
        const talk = await server.initialize(credential);
        const streams = [];
        let full;
        while (full === undefined) {
            const stream = await talk.events();
            if (stream.status === 200) streams.push(stream);
            else full = stream;
            assert.ok(streams.length <= 64);
        }
        assert.equal(full.status, 503);
        assert.ok(Number(full.headers['retry-after']) >= 1);
        assert.equal(await gauge(server, 'purse_streams'), streams.length);
        assert.equal((await talk.request('ping', {})).status, 200);
        streams.forEach(stream => stream.close());
        await untilGauge(server, 'purse_streams', 0);
        assert.equal((await talk.events()).status, 200);
    });

    test('subscriptions/listen acknowledges first and stays open', limit, async t => {
        const { server, credential } = await start(t);
        for (const id of ['sub', 0, 7]) {
            const stream = await listen(server, credential, { id, notifications: { toolsListChanged: true, resourceSubscriptions: ['purse://budget'] } });
            assert.equal(stream.status, 200);
            assert.equal(stream.headers['content-type'], 'text/event-stream');
            const first = await stream.message();
            assert.equal(first.method, 'notifications/subscriptions/acknowledged');
            assert.equal(first.params._meta[key('subscriptionId')], id);
            assert.deepEqual(first.params.notifications, {}, 'nothing here ever changes');
            assert.ok(!('id' in first));
            await sleep(100);
            assert.equal(stream.unread, 0);
            assert.equal(await Promise.race([stream.ended, sleep(100, 'open')]), 'open');
            stream.close();
        }
        await untilGauge(server, 'purse_streams', 0);
    });

    test('SIGTERM ends a subscription with its result', limit, async t => {
        const { server, credential } = await start(t);
        const stream = await listen(server, credential, { id: 41 });
        await stream.next();
        const { code, took } = await server.stop();
        const last = await stream.message();
        assert.equal(last.id, 41);
        assert.equal(last.result.resultType, 'complete');
        assert.equal(last.result._meta[key('subscriptionId')], 41);
        assert.equal(await stream.ended, 'whole');
        assert.equal(code, 0);
        assert.ok(took < 3000, `${took} ms`);
    });

    for (const signal of ['SIGTERM', 'SIGINT'])
        test(`${signal} ends all streams as they should end, and the process with 0`, limit, async t => {
            const { server, credential } = await start(t);
            const talk = await server.initialize(credential);
            const streams = [await talk.events(), await talk.events(), await listen(server, credential), await server.events('GET', '/sse', { headers: bearer(credential) })];
            const idle = await server.socket();
            for (const stream of streams) await stream.next();
            const { code, took } = await server.stop(signal);
            assert.equal(code, 0);
            assert.ok(took < 3000, `${took} ms`);
            for (const stream of streams) assert.equal(await stream.ended, 'whole');
            await idle.rest();
            assert.doesNotMatch(server.errors, /error|terminate|assert/i);
            await server.restart();
            approved(await talk.call('pay_budget_status', {}));
        });
});
