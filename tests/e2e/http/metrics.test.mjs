// SPDX-License-Identifier: Apache-2.0
// /metrics: Prometheus' text format, line by line, and figures that say what was done.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { networkInterfaces } from 'node:os';
import { approved } from '../support/answers.mjs';
import { bearer, HttpServer } from '../support/http.mjs';
import { freshPurse } from '../support/purse.mjs';

const limit = { timeout: 60_000 };
const image = { service: 'images', estimatedCost: '0.08' };
const nameOf = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const valueOf = /^[+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|Inf|NaN)$/;

/** Parses the exposition format strictly: Map of family -> { type, help, samples: Map of series -> number }. */
function parse(text) {
    assert.ok(text.endsWith('\n') && !text.includes('\r') && !text.includes('\n\n'));
    const families = new Map();
    let family;
    for (const line of text.slice(0, -1).split('\n')) {
        const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
        if (comment) {
            const [, kind, name, rest] = comment;
            assert.match(name, nameOf);
            if (kind === 'HELP') {
                assert.ok(!families.has(name), `${name} is described twice`);
                families.set(name, (family = { name, help: rest, samples: new Map() }));
            } else {
                assert.equal(name, family.name, line);
                assert.ok(['counter', 'gauge', 'histogram'].includes(rest), line);
                family.type = rest;
            }
            continue;
        }
        const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? (\S+)$/.exec(line) ?? assert.fail(`no line of the format: ${line}`);
        const [, name, , labels = '', value] = sample;
        assert.match(value, valueOf, line);
        assert.ok(family.type, line);
        const suffixes = family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
        assert.ok(suffixes.some(suffix => name === family.name + suffix), `${line} is not of ${family.name}`);
        if (labels) for (const label of labels.split(',')) assert.match(label, /^[a-z_]+="[^"\\]*"$/, line);
        const series = labels ? `${name}{${labels}}` : name;
        assert.ok(!family.samples.has(series), `${series} comes twice`);
        family.samples.set(series, Number(value.replace('Inf', 'Infinity')));
    }
    return families;
}

function checkHistogram({ name, samples }) {
    const buckets = [...samples].filter(([series]) => series.startsWith(`${name}_bucket`)).map(([series, count]) => [Number(/le="(.+)"/.exec(series)[1].replace('+Inf', 'Infinity')), count]);
    assert.ok(buckets.length > 2);
    for (let i = 1; i < buckets.length; ++i) {
        assert.ok(buckets[i][0] > buckets[i - 1][0], `${name}: bounds rise`);
        assert.ok(buckets[i][1] >= buckets[i - 1][1], `${name}: counts are cumulative`);
    }
    assert.equal(buckets.at(-1)[0], Infinity);
    assert.equal(buckets.at(-1)[1], samples.get(`${name}_count`));
    assert.ok(samples.get(`${name}_sum`) >= 0);
}

async function figures(server) {
    const answer = await server.ask('GET', '/metrics');
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-type'], /^text\/plain; version=0\.0\.4/);
    const families = parse(answer.text);
    for (const family of families.values()) {
        assert.match(family.name, /^purse_/);
        if (family.type === 'histogram') checkHistogram(family);
        if (family.type === 'counter') assert.match(family.name, /_total$/);
        for (const value of family.samples.values()) assert.ok(value >= 0);
    }
    return (series) => families.get(series.replace(/(_bucket|_sum|_count)?(\{.*)?$/, ''))?.samples.get(series) ?? families.get(series.replace(/\{.*$/, ''))?.samples.get(series) ?? 0;
}

async function start(t, options = {}) {
    const purse = freshPurse(t);
    const credential = await purse.issue('buyer');
    return { purse, credential, server: await HttpServer.start(t, purse, options) };
}

describe('figures', { concurrency: 4 }, () => {
    test('an untouched server has valid ones', limit, async t => {
        const { server } = await start(t);
        const at = await figures(server);
        for (const name of ['purse_sessions', 'purse_streams', 'purse_sse_sessions', 'purse_holds_open', 'purse_http_unauthorized_total', 'purse_http_throttled_total'])
            assert.equal(at(name), 0, name);
        assert.equal(at('purse_http_connections'), 1);
    });

    test('decisions are counted by reason', limit, async t => {
        const { server, credential } = await start(t);
        const talk = await server.initialize(credential);
        const say = (name, args) => talk.call(name, args);
        const holds = [];
        for (let i = 0; i < 5; ++i) holds.push(approved(await say('pay_preauthorize', image)).txId);
        approved(await say('pay_settle', { txId: holds[0], actualCost: '0.07' }));
        approved(await say('pay_settle', { txId: holds[1], outcome: 'void' }));
        approved(await say('pay_budget_status', {}));
        for (let i = 0; i < 3; ++i) await say('pay_preauthorize', { ...image, estimatedCost: '6' });
        for (let i = 0; i < 2; ++i) await say('pay_preauthorize', { ...image, service: 'nothing' });
        await say('pay_settle', { txId: holds[0], actualCost: '0.06' });
        await say('pay_preauthorize', { service: 'images' });
        await server.modern('tools/call', { name: 'pay_preauthorize', arguments: image }, { credential });
        await talk.request('resources/read', { uri: 'purse://budget' });
        const at = await figures(server);
        const decided = reason => at(`purse_decisions_total{reason="${reason}"}`);
        assert.deepEqual(['ok', 'transaction_limit_exceeded', 'service_unknown', 'hold_closed', 'invalid_argument', 'spend_limit_reached'].map(decided), [9, 3, 2, 1, 1, 0]);
        assert.equal(at('purse_holds_open'), 4);
        const [begun, ended] = [at('purse_commit_pieces_count'), at('purse_commit_seconds_count')];
        assert.ok(ended > 0 && (begun === ended || begun === ended + 1), 'the commit that counts the holds may not have ended yet');
        assert.ok(at('purse_commit_pieces_sum') >= at('purse_commit_pieces_count'));
        assert.equal(at('purse_sessions'), 1);
    });

    test('requests are counted by route and status', limit, async t => {
        const { server, credential } = await start(t);
        const talk = await server.initialize(credential);  // 200 and 202
        for (let i = 0; i < 3; ++i) await talk.request('ping', {});  // 200
        await talk.request('ping', {}, { credential: undefined });  // 401
        await server.post('{', { credential });  // 400
        await server.post('{', { credential, headers: { 'Content-Type': 'text/plain' } });  // 415
        await server.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { credential, session: 'x' });  // 404
        await server.modern('ping', {}, { credential });  // 404
        await server.ask('PUT', '/mcp', { headers: bearer(credential) });  // 405
        await server.ask('GET', '/mcp', { headers: { ...bearer(credential), Accept: 'text/plain' } });  // 406
        await server.ask('GET', '/mcp', { headers: { ...bearer(credential), Host: 'evil.example' } });  // 403
        await server.ask('GET', '/nothing');
        await server.ask('GET', '/healthz');
        await server.ask('GET', '/readyz');
        await server.ask('GET', '/.well-known/oauth-protected-resource');
        const sse = await server.events('GET', '/sse', { headers: bearer(credential) });
        await server.ask('POST', '/messages?sessionId=x', { headers: { ...bearer(credential), 'Content-Type': 'application/json' }, body: '{}' });
        const stream = await talk.events();
        const at = await figures(server);
        const counted = (route, status) => at(`purse_http_requests_total{route="${route}",status="${status}"}`);
        assert.deepEqual([200, 202, 400, 401, 403, 404, 405, 406, 415].map(status => counted('mcp', status)), [5, 1, 1, 1, 1, 2, 1, 1, 1]);
        assert.deepEqual(['healthz', 'readyz', 'metadata', 'sse'].map(route => counted(route, 200)), [1, 1, 1, 1]);
        assert.deepEqual([counted('messages', 404), counted('other', 404)], [1, 1]);
        assert.equal(at('purse_http_unauthorized_total'), 1);
        assert.deepEqual(['purse_streams', 'purse_sse_sessions'].map(at), [2, 1]);
        stream.close();
        sse.close();
        const later = await figures(server);
        assert.equal(later('purse_http_requests_total{route="metrics",status="200"}'), 2, 'the figures themselves, too');
        assert.ok(later('purse_http_accepted_total') > at('purse_http_accepted_total'));
    });

    test('bad credentials, throttled and malformed requests are counted', limit, async t => {
        const { server } = await start(t);
        for (let i = 0; i < 40; ++i) await server.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { credential: `purse_buyer_${String(i).padStart(52, '0')}` });
        for (let i = 0; i < 3; ++i) {
            const socket = await server.socket();
            socket.write('NONSENSE\r\n\r\n');
            await socket.rest();
        }
        const at = await figures(server);
        assert.equal(at('purse_http_unauthorized_total') + at('purse_http_throttled_total'), 40);
        assert.ok(at('purse_http_throttled_total') > 0);
        assert.equal(at('purse_http_requests_total{route="mcp",status="429"}'), at('purse_http_throttled_total'));
        assert.equal(at('purse_http_malformed_total'), 3);
    });

    test('are for this machine alone, unless opened', limit, async t => {
        const outside = Object.values(networkInterfaces()).flat().find(one => one.family === 'IPv4' && !one.internal);
        if (!outside) return t.skip('this machine has no address but loopback');
        for (const [args, status] of [[[], 403], [['--open-metrics'], 200]]) {
            const { server } = await start(t, { address: '0.0.0.0:0', args: ['--insecure-http', ...args] });
            const asked = Object.assign(new HttpServer(server.purse, {}), { base: `http://${outside.address}:${server.port}`, host: outside.address, port: server.port });
            const answer = await asked.ask('GET', '/metrics');
            assert.equal(answer.status, status);
            if (status === 403) assert.match(answer.json.error.message, /--open-metrics/);
            assert.equal((await asked.ask('GET', '/healthz')).status, 200);
        }
        return undefined;
    });
});
