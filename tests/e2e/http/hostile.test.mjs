// SPDX-License-Identifier: Apache-2.0
// Peers that mean harm, or are broken: each gets an error or an end, and the server stays
// up, answers others meanwhile and does not grow.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { approved } from '../support/answers.mjs';
import { bearer, HttpServer, postBytes, statuses, steadyAddress } from '../support/http.mjs';
import { freshPurse } from '../support/purse.mjs';

const limit = { timeout: 90_000 };
const growthMax = 16 * 1024 * 1024;
const image = { service: 'images', estimatedCost: '0.08' };
const mib = 1024 * 1024;
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };

/** Runs `act` against a warm server; then it must be as it was. */
async function survives(t, act) {
    const purse = freshPurse(t);
    const credential = await purse.issue('buyer');
    const server = await HttpServer.start(t, purse, { log: 'warn' });
    const talk = await server.initialize(credential);
    approved(await talk.call('pay_budget_status', {}));
    const before = server.memory();
    let most = before;
    let over = false;
    const watch = (async () => {
        while (!over) {
            assert.equal(await server.isHealthy(), true, 'meanwhile');
            most = Math.max(most, server.memory());
            await sleep(100);
        }
    })();
    try {
        await act({ server, credential, talk });
    } finally {
        over = true;
    }
    await watch;
    assert.equal(await server.isHealthy(), true);
    const grown = Math.max(most, server.memory()) - before;
    assert.ok(grown < growthMax, `grown by ${(grown / mib).toFixed(1)} MiB`);
    const { txId } = approved(await talk.call('pay_preauthorize', image));
    assert.equal(approved(await talk.call('pay_budget_status', {})).held, '0.08', 'nothing else was held');
    approved(await talk.call('pay_settle', { txId, actualCost: '0.07' }));
    t.diagnostic(`grown by ${(grown / mib).toFixed(1)} MiB`);
}

/** Writes until the server has had enough, waiting for it to read; how many bytes it took. */
async function pour(socket, piece, most) {
    let sent = 0;
    while (!socket.tcp.destroyed && sent < most) {
        sent += piece.length;
        if (!socket.tcp.write(piece)) await Promise.race([new Promise(resolve => socket.tcp.once('drain', resolve)), socket.closed]);
    }
    return sent;
}

const head = (credential, ...lines) => ['POST /mcp HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', `Authorization: Bearer ${credential}`, ...lines, '', ''].join('\r\n');
const chunk = text => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

describe('slow peers', { concurrency: 8 }, () => {
    test('a header that comes byte by byte is cut', limit, t => survives(t, async ({ server }) => {
        const sockets = await Promise.all(Array.from({ length: 50 }, () => server.socket()));
        const began = Date.now();
        for (const socket of sockets) socket.write('GET /healthz HTTP/1.1\r\nX-Slow: ');
        while (sockets.some(socket => !socket.tcp.destroyed)) {
            assert.ok(Date.now() - began < 15_000, 'still open after 15 s');
            for (const socket of sockets) if (!socket.tcp.destroyed) socket.write('x');
            await sleep(250);
        }
        assert.ok(Date.now() - began > 5000, 'an honest peer has some seconds');
        for (const socket of sockets) assert.ok(['', '408'].includes(statuses(socket.text).join()), socket.text);
    }));

    test('a body that comes byte by byte is cut', limit, t => survives(t, async ({ server, credential }) => {
        const sockets = await Promise.all(Array.from({ length: 50 }, () => server.socket()));
        const began = Date.now();
        for (const [i, socket] of sockets.entries()) socket.write(head(credential, i % 2 ? 'Content-Length: 5000' : 'Transfer-Encoding: chunked'));
        while (sockets.some(socket => !socket.tcp.destroyed)) {
            assert.ok(Date.now() - began < 20_000, 'still open after 20 s');
            for (const [i, socket] of sockets.entries()) if (!socket.tcp.destroyed) socket.write(i % 2 ? ' ' : '1\r\n \r\n');
            await sleep(250);
        }
        for (const socket of sockets) assert.ok(['', '408'].includes(statuses(socket.text).join()), socket.text);
    }));

    test('2,000 idle connections', limit, t => survives(t, async ({ server, credential }) => {
        const sockets = [];
        for (let i = 0; i < 20; ++i) sockets.push(...await Promise.all(Array.from({ length: 100 }, () => server.socket())));
        for (const [i, socket] of sockets.entries()) if (i % 2) socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
        for (const [i, socket] of sockets.entries()) if (i % 2) await socket.until(text => text.endsWith('ok\n'));
        const { text } = await server.ask('GET', '/metrics');
        assert.ok(Number(/^purse_http_connections (\d+)$/m.exec(text)[1]) >= 2000);
        const began = Date.now();
        assert.equal((await server.post(ping, { credential })).status, 200);
        assert.ok(Date.now() - began < 2000);
        for (const socket of sockets) assert.equal(socket.tcp.destroyed, false, 'they may stay');
        await sleep(200);
        sockets.forEach(socket => socket.close());
    }));

    test('connections that are half closed or reset in the middle of everything', limit, t => survives(t, async ({ server, credential, talk }) => {
        const whole = postBytes(ping, { credential });
        const cuts = [1, 20, whole.indexOf('\r\n\r\n') + 2, whole.indexOf('\r\n\r\n') + 4, whole.length - 1, whole.length];
        for (const reset of [true, false])
            for (const cut of cuts) {
                const sockets = await Promise.all(Array.from({ length: 10 }, () => server.socket()));
                for (const socket of sockets) {
                    socket.write(whole.subarray(0, cut));
                    if (reset) socket.tcp.resetAndDestroy();
                    else socket.tcp.end();
                }
                await Promise.all(sockets.map(socket => socket.rest()));
            }
        const streams = await Promise.all(Array.from({ length: 5 }, () => talk.events()));
        streams.forEach(stream => stream.sent.socket.resetAndDestroy());
        await sleep(200);
        const { text } = await server.ask('GET', '/metrics');
        assert.match(text, /^purse_streams 0$/m);
    }));

    test('an event stream that nobody reads is given up', limit, t => survives(t, async ({ server, credential }) => {
        const stream = await server.socket();
        stream.write(`GET /sse HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${credential}\r\n\r\n`);
        await stream.until(text => text.includes('sessionId='));
        const path = /data: (\S+)/.exec(stream.text)[1];
        stream.tcp.pause();
        const feeder = await server.socket();
        const asking = (method, params) => {
            const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
            return `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${credential}\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
        };
        feeder.write(asking('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } }));
        const request = asking('tools/list', {});
        let asked = 1;
        while (!feeder.text.includes(' 404 ')) {
            assert.ok(asked < 20_000, `still served after ${asked} answers that nobody read`);
            asked += 50;
            feeder.write(request.repeat(50));
            await feeder.until(text => statuses(text).length >= asked);
        }
        assert.deepEqual([...new Set(statuses(feeder.text))], [202, 404]);
        stream.close();
    }));
});

describe('too much', { concurrency: 4 }, () => {
    test('100 MB of header', limit, t => survives(t, async ({ server }) => {
        for (const piece of [`X-A: ${'a'.repeat(1000)}\r\n`.repeat(64), 'a'.repeat(65_536)]) {
            const socket = await server.socket();
            socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ');
            const sent = await pour(socket, piece, 100 * mib);
            assert.ok(sent < 20 * mib, `${sent} bytes were taken`);
            await socket.rest();
            assert.deepEqual(statuses(socket.text).filter(status => status !== 431), []);
        }
        const many = await server.socket();
        many.write(`GET /healthz HTTP/1.1\r\nHost: localhost\r\n${'a: b\r\n'.repeat(200)}\r\n`);
        assert.deepEqual(statuses(await many.rest()), [431]);
    }));

    test('10 MB of body, said and unsaid', limit, t => survives(t, async ({ server, credential }) => {
        const said = await server.socket();
        said.write(head(credential, `Content-Length: ${10 * mib}`));
        await pour(said, 'x'.repeat(65_536), 10 * mib);
        assert.deepEqual(statuses(await said.rest()).filter(status => status !== 413), []);
        const expecting = await server.socket();
        expecting.write(head(credential, `Content-Length: ${10 * mib}`, 'Expect: 100-continue'));
        assert.deepEqual(statuses(await expecting.rest()), [413], 'and no 100');
        const huge = await server.socket();
        huge.write(head(credential, `Content-Length: ${'9'.repeat(30)}`));
        assert.deepEqual(statuses(await huge.rest()), [400], 'no length at all: more digits than a number holds');
        const unsaid = await server.socket();
        unsaid.write(head(credential, 'Transfer-Encoding: chunked'));
        await pour(unsaid, chunk('y'.repeat(8192)), 10 * mib);
        assert.deepEqual(statuses(await unsaid.rest()).filter(status => status !== 413), []);
    }));

    test('chunks without end', limit, t => survives(t, async ({ server, credential }) => {
        for (const piece of [chunk('a').repeat(1000), `1;${'x'.repeat(4000)}\r\na\r\n`.repeat(16), `1 ${' '.repeat(60_000)}`, '0'.repeat(60_000), `0\r\n${'T: x\r\n'.repeat(10_000)}`]) {
            const socket = await server.socket();
            socket.write(head(credential, 'Transfer-Encoding: chunked'));
            const sent = await pour(socket, piece, 50 * mib);
            assert.ok(sent < 20 * mib, `${sent} bytes of ${JSON.stringify(piece.slice(0, 20))} were taken`);
            await socket.rest();
            assert.deepEqual(statuses(socket.text).filter(status => ![400, 413, 431].includes(status)), []);
        }
    }));

    test('deep, wide and broken JSON', limit, t => survives(t, async ({ server, credential }) => {
        const bodies = ['['.repeat(60_000), '{"a":'.repeat(10_000), `[${'[],'.repeat(20_000)}[]]`, `{${Array.from({ length: 4000 }, (_, i) => `"k${i}":1`).join()}}`,
            Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":1,"method":"'), Buffer.from([0xc0, 0xaf, 0xed, 0xa0, 0x80]), Buffer.from('"}')]),
            '{"jsonrpc":"2.0","id":1,"method":"ping","id":2}', `{"jsonrpc":"2.0","id":${'9'.repeat(60_000)},"method":"ping"}`, `"${'\\u0000'.repeat(10_000)}"`,
            JSON.stringify(Array.from({ length: 1000 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'ping' }))), '\0'.repeat(60_000)];
        for (let i = 0; i < 20; ++i)
            for (const body of bodies) {
                const answer = await server.post(body, { credential });
                assert.equal(answer.status, 400, answer.text.slice(0, 200));
                assert.ok([-32700, -32600].includes(answer.json.error.code));
                assert.ok(answer.text.length < 1000, 'an error does not repeat what it was sent');
            }
    }));

    test('a crowd of strangers', limit, t => survives(t, async ({ server, credential }) => {
        const secret = i => `purse_buyer_${String(i).padStart(52, '0')}`;
        for (let round = 0; round < 10; ++round) {
            const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => server.post(ping, { credential: secret(100 * round + i) })));
            for (const { status } of answers) assert.ok([401, 429].includes(status), `${status}`);
            assert.equal((await server.post(ping, { credential })).status, 200);
        }
    }));

    test('many sessions of one credential', limit, t => survives(t, async ({ server, credential }) => {
        const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'n'.repeat(4000), version: 'v' } } };
        const sockets = await Promise.all(Array.from({ length: 4 }, () => server.socket()));
        for (let round = 0; round < 20; ++round) {
            sockets.forEach(socket => socket.write(Buffer.concat(Array.from({ length: 25 }, () => postBytes(initialize, { credential })))));
            await Promise.all(sockets.map(socket => socket.until(text => statuses(text).length >= 25 * (round + 1))));
        }
        for (const socket of sockets) {
            const ids = [...socket.text.matchAll(/mcp-session-id: (\S+)/gi)].map(match => match[1]);
            assert.equal(new Set(ids).size, 500, 'each its own');
            assert.ok(ids.every(id => id.length <= 256));
            socket.close();
        }
    }));
});

/** What is sent; the server must answer once, with a status of 4xx or 5xx, and then hang up. */
const body = JSON.stringify(ping);
const smuggled = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
const request = (...lines) => ['POST /mcp HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', ...lines].join('\r\n');
const pairs = [
    ['Content-Length and Transfer-Encoding', `${request('Content-Length: 5', 'Transfer-Encoding: chunked')}\r\n\r\n0\r\n\r\n`],
    ['Transfer-Encoding and Content-Length', `${request('Transfer-Encoding: chunked', `Content-Length: ${smuggled.length}`)}\r\n\r\n0\r\n\r\n`],
    ['two Content-Lengths', `${request('Content-Length: 0', `Content-Length: ${smuggled.length}`)}\r\n\r\n`],
    ['two equal Content-Lengths', `${request('Content-Length: 0', 'Content-Length: 0')}\r\n\r\n`],
    ['a list of Content-Lengths', `${request('Content-Length: 0, 0')}\r\n\r\n`],
    ...['+0', '-0', '0x0', '0 0', '', '1e0', '٠'].map(value => [`Content-Length "${value}"`, `${request(`Content-Length: ${value}`)}\r\n\r\n`]),
    ...['chunked, chunked', 'identity', 'gzip, chunked', 'xchunked', 'chunked;q=1', '"chunked"', 'chunked\x0b'].map(value => [`Transfer-Encoding ${JSON.stringify(value)}`, `${request(`Transfer-Encoding: ${value}`)}\r\n\r\n0\r\n\r\n`]),
    ['two Transfer-Encodings', `${request('Transfer-Encoding: chunked', 'Transfer-Encoding: identity')}\r\n\r\n0\r\n\r\n`],
    ['a blank before the colon', `${request('Content-Length : 0')}\r\n\r\n`],
    ['a folded line', `${request('X: a', ' Content-Length: 0')}\r\n\r\n`],
    ['a tab at the start of a header', `${request('\tTransfer-Encoding: chunked')}\r\n\r\n`],
    ['a bare LF', 'POST /mcp HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n'],
    ['a bare LF inside', `${request('X: a\nContent-Length: 0')}\r\n\r\n`],
    ['a bare CR inside', `${request('X: a\rContent-Length: 0')}\r\n\r\n`],
    ['a NUL', `${request('X: a\0b')}\r\n\r\n`],
    ['chunked in HTTP/1.0', `${request('Transfer-Encoding: chunked').replace('1.1', '1.0')}\r\n\r\n0\r\n\r\n`],
    ['no Host', `POST /mcp HTTP/1.1\r\nContent-Length: 0\r\n\r\n`],
    ['two Hosts', `${request('Host: localhost', 'Content-Length: 0')}\r\n\r\n`],
    ['another host in the target', `POST http://evil.example/mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`],
    ['HTTP/2', `POST /mcp HTTP/2.0\r\nHost: localhost\r\n\r\n`],
    ['HTTP/1.1 in lower case', `POST /mcp http/1.1\r\nHost: localhost\r\n\r\n`],
    ['two blanks in the request line', `POST  /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    ['no colon', `${request('Content-Length 0')}\r\n\r\n`],
    ...['g', '-1', '0x1', 'ffffffffffffffffff', '1 1', '', '+1'].map(size => [`a chunk of size "${size}"`, `${request('Transfer-Encoding: chunked')}\r\n\r\n${size}\r\na\r\n0\r\n\r\n`]),
    ['a chunk that is longer than it says', `${request('Transfer-Encoding: chunked')}\r\n\r\n1\r\nab\r\n0\r\n\r\n`],
    ['a chunk with a bare LF', `${request('Transfer-Encoding: chunked')}\r\n\r\n1\na\n0\n\n`],
    ['a TLS handshake', Buffer.from('16030100a5010000a10303', 'hex').toString('latin1') + '\0'.repeat(160)],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
];

test('requests that two readers could read in two ways end the connection', limit, t => survives(t, async ({ server }) => {
    for (const [name, text] of pairs) {
        const socket = await server.socket();
        socket.tcp.write(Buffer.from(text + smuggled, 'latin1'));
        const seen = statuses(await socket.rest());
        assert.equal(seen.length, 1, `${name}: ${seen}`);
        assert.ok(seen[0] >= 400, `${name}: ${seen}`);
    }
}));

describe('pipelined requests', { concurrency: 4 }, () => {
    /** The JSON bodies of the responses, in their order; a last one that has come only in part is none yet. */
    const bodiesOf = text => {
        const bodies = [...text.matchAll(/\r\n\r\n(\{.*?\}|)(?=HTTP\/1\.1|$)/gs)].map(match => match[1]).filter(Boolean);
        return bodies.flatMap((one, index) => {
            try {
                return [JSON.parse(one)];
            } catch (error) {
                if (index === bodies.length - 1) return [];
                throw error;
            }
        });
    };

    test('are answered in their order, whatever each of them takes', limit, t => survives(t, async ({ server, talk }) => {
        const socket = await server.socket();
        const call = { name: 'pay_budget_status', arguments: {} };
        const messages = Array.from({ length: 60 }, (_, id) => (id % 3 === 0
            ? { jsonrpc: '2.0', id, method: 'tools/call', params: call }
            : { jsonrpc: '2.0', id, method: id % 3 === 1 ? 'ping' : 'tools/list', params: {} }));
        socket.write(Buffer.concat(messages.map(message => postBytes(message, talk.with))));
        await socket.until(text => bodiesOf(text).length >= messages.length);
        assert.deepEqual(bodiesOf(socket.text).map(one => one.id), messages.map(message => message.id));
        assert.deepEqual([...new Set(statuses(socket.text))], [200]);
        socket.close();
    }));

    test('byte by byte, and with a mistake that ends them', limit, t => survives(t, async ({ server, talk }) => {
        const good = [1, 2, 3].map(id => postBytes({ jsonrpc: '2.0', id, method: 'ping' }, talk.with));
        const slow = await server.socket();
        slow.tcp.setNoDelay(true);
        for (const byte of Buffer.concat(good)) {
            slow.write(Buffer.from([byte]));
            if (byte === 0x0a) await sleep(1);
        }
        await slow.until(text => bodiesOf(text).length >= 3);
        assert.deepEqual(bodiesOf(slow.text).map(one => one.id), [1, 2, 3]);
        slow.close();
        const wrong = await server.socket();
        wrong.write(Buffer.concat([good[0], good[1], Buffer.from('NONSENSE\r\n\r\n'), good[2]]));
        assert.deepEqual(statuses(await wrong.rest()), [200, 200, 400]);
    }));

    test('a connection that asks to be closed is, after its answer', limit, t => survives(t, async ({ server, talk }) => {
        const socket = await server.socket();
        socket.write(Buffer.concat([postBytes(ping, { ...talk.with, lines: ['Connection: close'] }), postBytes(ping, talk.with)]));
        assert.deepEqual(statuses(await socket.rest()), [200]);
        const old = await server.socket();
        old.write(`GET /healthz HTTP/1.0\r\n\r\n`);
        assert.match(await old.rest(), /^HTTP\/1\.[01] 200 /);
    }));

    test('a call behind a call that hangs up early is made once', limit, t => survives(t, async ({ server, talk }) => {
        const hold = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'pay_preauthorize', arguments: { ...image, idempotencyKey: 'k' } } };
        for (let i = 0; i < 5; ++i) {
            const socket = await server.socket();
            socket.write(Buffer.concat([postBytes(hold, talk.with), postBytes(hold, talk.with)]));
            socket.tcp.end();
            await socket.rest();
        }
        const { txId } = approved(await talk.call('pay_preauthorize', { ...image, idempotencyKey: 'k' }));
        approved(await talk.call('pay_settle', { txId, outcome: 'void' }));
    }));
});

test('SIGTERM ends the server among peers that neither read nor finish', limit, async t => {
    const purse = freshPurse(t);
    const credential = await purse.issue('buyer');
    const server = await HttpServer.start(t, purse, { log: 'warn', address: await steadyAddress() });
    const talk = await server.initialize(credential);
    const { txId } = approved(await talk.call('pay_preauthorize', image));
    const sockets = await Promise.all(Array.from({ length: 60 }, () => server.socket()));
    const list = postBytes({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }, talk.with);
    for (const [i, socket] of sockets.entries()) {
        socket.tcp.pause();
        if (i % 3 === 0) socket.write('POST /mcp HTTP/1.1\r\nHost: loc');
        if (i % 3 === 1) socket.write(head(credential, 'Content-Length: 100'));
        if (i % 3 === 2) for (let n = 0; n < 1000; ++n) socket.write(list);
    }
    await sleep(500);
    const { code, took } = await server.stop();
    assert.equal(code, 0);
    assert.ok(took < 8000, `${took} ms`);
    await server.restart();
    approved(await talk.call('pay_settle', { txId, actualCost: '0.07' }));
});

test('bearer credentials of any kind of bytes', limit, t => survives(t, async ({ server }) => {
    for (const bytes of ['', ' ', '\t', 'a b', '\xff\xfe', '%00', '{}', 'purse_', 'purse__', `purse_${'a'.repeat(4000)}`, '../../x', "'; DROP TABLE credentials; --"]) {
        const socket = await server.socket();
        socket.tcp.write(Buffer.from(`POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nAuthorization: Bearer ${bytes}\r\nContent-Length: ${body.length}\r\n\r\n${body}`, 'latin1'));
        const seen = statuses(await socket.rest());
        assert.ok(['400', '401', '429'].includes(seen.join()), `${JSON.stringify(bytes)}: ${seen}`);
    }
    assert.ok(bearer('x').Authorization);
}));
