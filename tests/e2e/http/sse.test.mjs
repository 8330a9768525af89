// SPDX-License-Identifier: Apache-2.0
// A client of MCP 2024-11-05, written by hand: GET /sse, the endpoint event, POST /messages.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { approved, refused } from '../support/answers.mjs';
import { bearer, HttpServer } from '../support/http.mjs';
import { freshPurse } from '../support/purse.mjs';

const limit = { timeout: 60_000 };
const image = { service: 'images', estimatedCost: '0.08' };

class SseClient {
    #nextId = 1;

    static async open(server, credential) {
        const client = new SseClient();
        Object.assign(client, { server, credential, stream: await server.events('GET', '/sse', { headers: bearer(credential) }) });
        assert.equal(client.stream.status, 200);
        assert.equal(client.stream.headers['content-type'], 'text/event-stream');
        const first = await client.stream.next();
        assert.equal(first.event, 'endpoint');
        assert.match(first.data, /^\/messages\?sessionId=[\w-]{16,}$/, 'an address on this server, not JSON');
        client.path = first.data;
        return client;
    }
    post(message, { credential = this.credential, path = this.path } = {}) {
        const body = typeof message === 'string' ? message : JSON.stringify(message);
        return this.server.ask('POST', path, { headers: { 'Content-Type': 'application/json', ...bearer(credential) }, body });
    }
    /** Sends a request and takes the answer from the stream. */
    async request(method, params) {
        const id = this.#nextId++;
        const accepted = await this.post({ jsonrpc: '2.0', id, method, params });
        assert.deepEqual([accepted.status, accepted.text], [202, 'Accepted']);
        const event = await this.stream.next();
        assert.equal(event.event, 'message');
        const answer = JSON.parse(event.data);
        assert.equal(answer.id, id);
        return answer;
    }
    async initialize(protocolVersion = '2024-11-05') {
        const { result } = await this.request('initialize', { protocolVersion, capabilities: {}, clientInfo: { name: 'old', version: '1' } });
        assert.equal((await this.post({ jsonrpc: '2.0', method: 'notifications/initialized' })).status, 202);
        return result;
    }
    async call(name, args) {
        return (await this.request('tools/call', { name, arguments: args })).result;
    }
}

async function start(t, options = {}) {
    const purse = freshPurse(t);
    const credential = await purse.issue('buyer');
    return { purse, credential, server: await HttpServer.start(t, purse, options) };
}

/** What a result of 2024-11-05 says; it has text alone. */
function answerOf(result) {
    assert.equal(result.structuredContent, undefined, '2024-11-05 has no structured content');
    return JSON.parse(result.content[1].text);
}

describe('HTTP+SSE of 2024-11-05', { concurrency: 4 }, () => {
    test('a conversation', limit, async t => {
        const { server, credential } = await start(t);
        const client = await SseClient.open(server, credential);
        assert.equal((await client.initialize()).protocolVersion, '2024-11-05');
        const { tools } = (await client.request('tools/list', {})).result;
        assert.deepEqual(tools.map(tool => tool.name), ['pay_preauthorize', 'pay_settle', 'pay_budget_status']);
        for (const tool of tools) assert.deepEqual(Object.keys(tool).toSorted(), ['_meta', 'description', 'inputSchema', 'name']);
        const hold = answerOf(await client.call('pay_preauthorize', image));
        assert.equal(hold.ok, true);
        assert.equal(answerOf(await client.call('pay_settle', { txId: hold.txId, actualCost: '0.07' })).captured, '0.07');
        const no = await client.call('pay_preauthorize', { ...image, estimatedCost: '9' });
        assert.equal(no.isError, true);
        assert.equal(answerOf(no).reason, 'transaction_limit_exceeded');
        assert.deepEqual((await client.request('ping', {})).result, {});
        assert.equal((await client.request('no/such', {})).error.code, -32601);
        assert.equal((await client.request('tools/list', { cursor: 'x' })).error.code, -32602);
    });

    test('any legacy version may ride on it', limit, async t => {
        const { server, credential } = await start(t);
        for (const version of ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']) {
            const client = await SseClient.open(server, credential);
            assert.equal((await client.initialize(version)).protocolVersion, version);
            const result = await client.call('pay_budget_status', {});
            if (version >= '2025-06-18') approved(result);
            else assert.equal(answerOf(result).ok, true);
            client.stream.close();
        }
    });

    test('what is no message is answered on the stream', limit, async t => {
        const { server, credential } = await start(t);
        const client = await SseClient.open(server, credential);
        await client.initialize();
        for (const [text, code] of [['{', -32700], ['{}', -32600], ['[]', -32600], ['{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600]]) {
            assert.equal((await client.post(text)).status, 202, text);
            const answer = await client.stream.message();
            assert.equal(answer.error.code, code, text);
            assert.equal(answer.id, null);
        }
        assert.deepEqual((await client.request('ping', {})).result, {});
    });

    test('a session that is not, and one of another credential, are 404 at once', limit, async t => {
        const { server, purse, credential } = await start(t);
        const other = await purse.issue('poor');
        const client = await SseClient.open(server, credential);
        await client.initialize();
        const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
        const began = Date.now();
        for (const path of ['/messages?sessionId=http-0000000000000000', '/messages?sessionId=', '/messages', `${client.path}0`])
            assert.equal((await client.post(ping, { path })).status, 404, path);
        assert.equal((await client.post(ping, { credential: other })).status, 404);
        assert.equal((await client.post(ping, { credential: null })).status, 401);
        assert.ok(Date.now() - began < 3000);
        assert.equal(client.stream.unread, 0);
        assert.deepEqual((await client.request('ping', {})).result, {});
    });

    test('closing the stream ends the session; what it held stays held', limit, async t => {
        const { server, credential } = await start(t);
        const client = await SseClient.open(server, credential);
        await client.initialize();
        const { txId } = answerOf(await client.call('pay_preauthorize', image));
        client.stream.close();
        for (let i = 0; ; ++i) {
            const { status } = await client.post({ jsonrpc: '2.0', id: 9, method: 'ping' });
            if (status === 404) break;
            assert.ok(i < 100, `still ${status}`);
        }
        const next = await SseClient.open(server, credential);
        assert.notEqual(next.path, client.path);
        await next.initialize();
        assert.equal(answerOf(await next.call('pay_settle', { txId, actualCost: '0.07' })).captured, '0.07');
    });

    test('the other methods of its two addresses', limit, async t => {
        const { server, credential } = await start(t);
        for (const [method, path] of [['POST', '/sse'], ['DELETE', '/sse'], ['GET', '/messages'], ['PUT', '/messages?sessionId=x']]) {
            const answer = await server.ask(method, path, { headers: { 'Content-Type': 'application/json', ...bearer(credential) } });
            assert.equal(answer.status, 405, `${method} ${path}`);
            assert.ok(answer.headers.allow);
        }
    });

    test('--legacy-sse off switches it off, and says so', limit, async t => {
        const { server, credential } = await start(t, { args: ['--legacy-sse', 'off'] });
        const answer = await server.ask('GET', '/sse', { headers: bearer(credential) });
        assert.equal(answer.status, 404);
        assert.match(answer.json.error.message, /--legacy-sse on/);
        assert.equal((await server.ask('POST', '/messages?sessionId=x', { headers: bearer(credential) })).status, 404);
        refused(await (await server.initialize(credential)).call('pay_preauthorize', { ...image, estimatedCost: '9' }), 'transaction_limit_exceeded');
    });

    test('at SIGTERM its streams end as they should', limit, async t => {
        const { server, credential } = await start(t);
        const clients = await Promise.all([1, 2, 3].map(() => SseClient.open(server, credential)));
        await clients[0].initialize();
        const { code, took } = await server.stop();
        assert.equal(code, 0);
        assert.ok(took < 3000, `${took} ms`);
        for (const client of clients) assert.equal(await client.stream.ended, 'whole');
    });
});
