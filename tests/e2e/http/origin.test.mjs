// SPDX-License-Identifier: Apache-2.0
// Names, pages and addresses: which Host and Origin are taken, what a page in a browser
// gets, and how the server refuses to start where credentials would be in the clear.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { approved } from '../support/answers.mjs';
import { bearer, HttpServer } from '../support/http.mjs';
import { binary, freshPurse } from '../support/purse.mjs';

const limit = { timeout: 60_000 };
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
const image = { service: 'images', estimatedCost: '0.08' };
const wellKnown = '/.well-known/oauth-protected-resource';

async function start(t, options = {}) {
    const purse = freshPurse(t);
    const credential = await purse.issue('buyer');
    const server = await HttpServer.start(t, purse, options);
    return { purse, credential, server };
}

function checkForbidden(answer, flag) {
    assert.equal(answer.status, 403, answer.text);
    assert.ok(!('id' in answer.json));
    assert.ok(answer.json.error.message.includes(flag), answer.json.error.message);
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
}

describe('names and pages', { concurrency: 4 }, () => {
    test('a foreign Host is refused, with the flag that would allow it', limit, async t => {
        const { server, credential } = await start(t);
        for (const host of ['evil.example', 'evil.example:80', 'localhost.evil.example', '127.0.0.1.nip.io', '10.0.0.1', 'localhost:x', '[::2]', 'xn--localhst-q8a'])
            for (const path of ['/mcp', '/sse', '/messages', '/metrics', wellKnown, '/nothing']) {
                const method = path === '/mcp' || path === '/messages' ? 'POST' : 'GET';
                checkForbidden(await server.ask(method, path, { headers: { ...bearer(credential), Host: host } }), '--allow-host');
            }
    });

    test('the names of this machine are taken with any port', limit, async t => {
        const { server, credential } = await start(t);
        for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '[::1]', 'localhost:1', '127.0.0.1:65535', '[::1]:8377'])
            assert.equal((await server.post(ping, { credential, headers: { Host: host } })).status, 200, host);
    });

    test('a foreign Origin, and null, are refused, with the flag that would allow them', limit, async t => {
        const { server, credential } = await start(t);
        for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example', 'file://', '', 'http://10.0.0.1', 'chrome-extension://abc', 'http://localhost/x', 'http://evil.example@localhost'])
            for (const method of ['POST', 'GET', 'DELETE', 'OPTIONS'])
                checkForbidden(await server.ask(method, '/mcp', { headers: { ...bearer(credential), Origin: origin } }), '--allow-origin');
    });

    test('a page of this machine may read what it needs', limit, async t => {
        const { server, credential } = await start(t);
        for (const origin of ['http://localhost:5173', 'http://127.0.0.1', 'https://localhost', 'http://[::1]:3000']) {
            const flight = await server.ask('OPTIONS', '/mcp', {
                headers: { Origin: origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization,content-type,mcp-session-id' },
            });
            assert.equal(flight.status, 204, 'a preflight has no credential');
            assert.equal(flight.headers['access-control-allow-origin'], origin);
            const list = name => flight.headers[name].toLowerCase().split(/,\s*/);
            for (const method of ['get', 'post', 'delete']) assert.ok(list('access-control-allow-methods').includes(method), method);
            for (const header of ['authorization', 'content-type', 'accept', 'last-event-id', 'mcp-session-id', 'mcp-protocol-version', 'mcp-method', 'mcp-name'])
                assert.ok(list('access-control-allow-headers').includes(header), header);
        }
        const Origin = 'http://localhost:5173';
        for (const answer of [
            await server.post(ping, { credential, headers: { Origin } }),
            await server.post(ping, { headers: { Origin } }),
            await server.post('{', { credential, headers: { Origin } }),
            await server.ask('GET', wellKnown, { headers: { Origin } }),
            await server.ask('GET', '/mcp', { headers: { ...bearer(credential), Origin } }),
        ]) {
            assert.equal(answer.headers['access-control-allow-origin'], Origin, `status ${answer.status}`);
            assert.match(answer.headers.vary, /origin/i);
            const exposed = answer.headers['access-control-expose-headers'].toLowerCase();
            for (const header of ['mcp-session-id', 'mcp-protocol-version', 'www-authenticate']) assert.ok(exposed.includes(header), header);
            assert.equal(answer.headers['access-control-allow-credentials'], undefined, 'no cookies here');
        }
        const stream = await server.events('GET', '/sse', { headers: { ...bearer(credential), Origin } });
        assert.equal(stream.headers['access-control-allow-origin'], Origin);
        stream.close();
        assert.equal((await server.post(ping, { credential })).headers['access-control-allow-origin'], undefined, 'nothing for who is no page');
    });

    test('--allow-origin and --allow-host allow what they name, and nothing else', limit, async t => {
        const args = ['--allow-origin', 'https://app.example', '--allow-origin', 'https://two.example:8443', '--allow-host', 'purse.example', '--allow-host', 'Other.Example'];
        const { server, credential } = await start(t, { args });
        for (const origin of ['https://app.example', 'HTTPS://APP.example', 'https://two.example:8443'])
            assert.equal((await server.post(ping, { credential, headers: { Origin: origin } })).status, 200, origin);
        for (const origin of ['http://app.example', 'https://app.example:444', 'https://two.example', 'https://x.app.example'])
            checkForbidden(await server.post(ping, { credential, headers: { Origin: origin } }), '--allow-origin');
        for (const host of ['purse.example', 'PURSE.example:9', 'other.example'])
            assert.equal((await server.post(ping, { credential, headers: { Host: host } })).status, 200, host);
        checkForbidden(await server.post(ping, { credential, headers: { Host: 'x.purse.example' } }), '--allow-host');
    });

    test('--public-url allows its host and origin, and is what metadata names', limit, async t => {
        const { server, credential } = await start(t, { args: ['--public-url', 'https://Pay.Example:8443/some/path'] });
        const headers = { Host: 'pay.example:8443', Origin: 'https://pay.example:8443' };
        assert.equal((await server.post(ping, { credential, headers })).status, 200);
        assert.equal((await server.ask('GET', wellKnown, { headers })).json.resource, 'https://pay.example:8443/mcp');
        assert.ok((await server.post(ping, { headers })).headers['www-authenticate'].includes(`"https://pay.example:8443${wellKnown}/mcp"`));
        checkForbidden(await server.post(ping, { credential, headers: { Host: 'pay.example', Origin: 'https://evil.example' } }), '--allow-origin');
    });

    test('probes come by any name', limit, async t => {
        const { server } = await start(t);
        for (const path of ['/healthz', '/readyz'])
            assert.equal((await server.ask('GET', path, { headers: { Host: '10.1.2.3:8377' } })).status, 200, path);
    });
});

/** Runs `purse serve` that is to end by itself: { code, stdout, stderr }. */
async function runServe(t, purse, ...args) {
    const child = spawn(binary, ['serve', ...args], { env: purse.env(), stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => child.kill('SIGKILL'));
    const out = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', text => (out[name] += text));
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    const [code] = await once(child, 'close');
    clearTimeout(timer);
    return { code, ...out };
}

/** A certificate of localhost and its key, made now. */
function makeCertificate(folder) {
    const [cert, key] = ['cert.pem', 'key.pem'].map(name => join(folder, name));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', '-subj', '/CN=localhost',
        '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { cert, key };
}

describe('starting', { concurrency: 4 }, () => {
    test('beyond this machine it takes TLS or a word', limit, async t => {
        const purse = freshPurse(t);
        for (const address of ['0.0.0.0:0', '[::]:0', '192.0.2.1:0']) {
            const run = await runServe(t, purse, '--http', address);
            assert.equal(run.code, 2, run.stderr);
            for (const flag of ['--tls-cert', '--tls-key', '--insecure-http']) assert.ok(run.stderr.includes(flag), run.stderr);
            assert.match(run.stderr, /^purse: /);
            assert.equal(run.stdout, '');
        }
        const { server, credential } = await start(t, { address: '0.0.0.0:0', args: ['--insecure-http'] });
        const local = new HttpServer(purse, {});
        Object.assign(local, { base: `http://127.0.0.1:${server.port}`, host: '127.0.0.1', port: server.port });
        assert.equal((await local.post(ping, { credential })).status, 200);
        assert.equal((await local.ask('GET', '/sse', { headers: bearer(credential) })).status, 404, 'HTTP+SSE is for loopback');
        checkForbidden(await local.post(ping, { credential, headers: { Host: 'evil.example' } }), '--allow-host');
        checkForbidden(await local.post(ping, { credential, headers: { Origin: 'http://evil.example' } }), '--allow-origin');
    });

    test('half a TLS, and what is no name, are mistakes of the command line', limit, async t => {
        const purse = freshPurse(t);
        for (const [flag, ...args] of [
            ['--tls-key', '--tls-cert', 'x.pem'], ['--tls-cert', '--tls-key', 'x.pem'],
            ['--public-url', '--public-url', 'ftp://x'], ['--allow-origin', '--allow-origin', 'https://x/y'],
            ['--allow-host', '--allow-host', 'a b:c'], ['--legacy-sse', '--legacy-sse', 'maybe'],
        ]) {
            const run = await runServe(t, purse, '--http', '127.0.0.1:0', ...args);
            assert.equal(run.code, 2, run.stderr);
            assert.ok(run.stderr.includes(flag), run.stderr);
        }
        for (const flag of ['--tls-cert', '--public-url']) assert.equal((await runServe(t, purse, '--http', '127.0.0.1:0', flag, '')).code, 2, `${flag} ''`);
        for (const address of ['', '127.0.0.1', '127.0.0.1:', '127.0.0.1:99999', 'localhost:http', '127.0.0.1:80x', '[::1:80'])
            assert.equal((await runServe(t, purse, '--http', address)).code, 2, address);
    });

    test('a port in use is said to be so', limit, async t => {
        const purse = freshPurse(t);
        const other = createServer().listen(0, '127.0.0.1');
        t.after(() => other.close());
        await once(other, 'listening');
        const address = `127.0.0.1:${other.address().port}`;
        const run = await runServe(t, purse, '--http', address);
        assert.equal(run.code, 1, run.stderr);
        assert.match(run.stderr, /^purse: /m);
        assert.ok(run.stderr.includes(address) || run.stderr.includes(String(other.address().port)), run.stderr);
        assert.match(run.stderr, /in use/i);
    });

    test('a certificate that cannot be read is said to be so', limit, async t => {
        const purse = freshPurse(t);
        const { cert, key } = makeCertificate(purse.folder);
        for (const pair of [['/nowhere.pem', key], [cert, '/nowhere.pem'], [key, cert]]) {
            const run = await runServe(t, purse, '--http', '127.0.0.1:0', '--tls-cert', pair[0], '--tls-key', pair[1]);
            assert.ok([1, 2].includes(run.code), run.stderr);
            assert.ok(pair.some(name => run.stderr.includes(name)), run.stderr);
        }
    });

    test('TLS: a conversation, and no plain one at the same port', limit, async t => {
        const purse = freshPurse(t);
        const { cert, key } = makeCertificate(purse.folder);
        const credential = await purse.issue('buyer');
        const server = await HttpServer.start(t, purse, { args: ['--tls-cert', cert, '--tls-key', key] });
        assert.match(server.base, /^https:/);
        const ca = readFileSync(cert);
        const post = (message, more = {}) => server.post(message, { ca, credential, ...more });
        const begun = await post({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } } });
        const session = begun.headers['mcp-session-id'];
        const hold = await post({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'pay_preauthorize', arguments: image } }, { session });
        approved(hold.json.result);
        const metadata = await server.ask('GET', wellKnown, { ca });
        assert.equal(metadata.json.resource, `${server.base}/mcp`);
        const stream = await server.events('GET', '/mcp', { ca, headers: { ...bearer(credential), 'Mcp-Session-Id': session } });
        assert.equal((await stream.next()).data, '');
        const plain = await server.socket();
        plain.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
        assert.doesNotMatch(await plain.rest(), /200 OK/);
        await assert.rejects(server.ask('GET', '/healthz', { ca, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }), 'old TLS');
        const { code } = await server.stop();
        assert.equal(code, 0);
        assert.equal(await stream.ended, 'whole');
    });
});
