// SPDX-License-Identifier: Apache-2.0
// How a request is judged, row by row: the HTTP status, the JSON-RPC code and the id of the
// answer, for both eras, and in which order the checks come.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOf } from '../support/audit.mjs';
import { bearer, HttpServer } from '../support/http.mjs';
import { Purse } from '../support/purse.mjs';
import { modernMeta } from '../support/raw.mjs';

const key = name => `io.modelcontextprotocol/${name}`;
const without = (...names) => Object.fromEntries(Object.entries(modernMeta).filter(([name]) => !names.map(key).includes(name)));
const claiming = version => ({ ...modernMeta, [key('protocolVersion')]: version });

const none = Symbol('no id member');
const legacyVersions = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'];
const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
const call = (name, more = {}) => ({ name, arguments: {}, ...more });

/** A message as the legacy eras have it. */
const old = (method, its = {}, id = 7) => ({ jsonrpc: '2.0', id, method, params: its });
/** The same with an envelope. */
const now = (method, its = {}, meta = modernMeta, id = 7) => old(method, { ...its, _meta: meta }, id);

const modernHeaders = (method, name) => ({
    'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': method, ...(name !== undefined && { 'Mcp-Name': name }),
});
const version = name => ({ 'MCP-Protocol-Version': name });
const list = now('tools/list');
const status = now('tools/call', call('pay_budget_status'));
const statusHeaders = modernHeaders('tools/call', 'pay_budget_status');
const base64 = text => `=?base64?${Buffer.from(text).toString('base64')}?=`;

/**
 * Rows: [name, headers, body, expected]. expected: status, code (of the error), id, and what
 * `more` asks of the whole response. The session of a version is `session: '2025-06-18'`.
 */
const eras = [
    // Bodies that are no object.
    ['an empty array', {}, '[]', { status: 400, code: -32600, id: null }],
    ['an empty array, modern header', version('2026-07-28'), '[]', { status: 400, code: -32600, id: none }],
    ['an array with a claim', {}, [old('ping'), list], { status: 400, code: -32600, id: null }],
    ['an array with a claim, modern headers', modernHeaders('tools/list'), [list], { status: 400, code: -32600, id: none }],
    ['an array with a bad shape', {}, [old('ping'), {}], { status: 400, code: -32600, id: null }],
    ['an array with a number', {}, [1], { status: 400, code: -32600, id: null }],
    ['an array with initialize', {}, [old('initialize', params)], { status: 400, code: -32600, id: null }],
    ['a batch without a session', {}, [old('tools/list', {}, 1), old('ping', {}, 'b')], { status: 200, batch: [1, 'b'] }],
    ['a batch, header 2025-03-26', version('2025-03-26'), [old('ping', {}, 1)], { status: 200, batch: [1] }],
    ['a batch of a 2025-03-26 session', { session: '2025-03-26' }, [old('ping', {}, 1), { jsonrpc: '2.0', method: 'x' }, old('nope', {}, 2)], { status: 200, batch: [1, 2] }],
    ['a batch of calls', { session: '2025-03-26' }, [1, 2, 3].map(id => old('tools/call', call('pay_budget_status'), id)), { status: 200, batch: [1, 2, 3] }],
    ['a batch that takes events only', { session: '2025-03-26', Accept: 'text/event-stream' }, [old('ping', {}, 1), old('tools/list', {}, 2)], { status: 200, batch: [1, 2], events: true }],
    ['a batch of notifications', { session: '2025-03-26' }, [{ jsonrpc: '2.0', method: 'x' }], { status: 202, empty: true }],
    ['a batch of responses', { session: '2025-03-26' }, [{ jsonrpc: '2.0', id: 3, result: {} }], { status: 202, empty: true }],
    ...['2024-11-05', '2025-06-18', '2025-11-25'].map(name =>
        [`a batch of a ${name} session`, { session: name }, [old('ping')], { status: 400, code: -32600, id: null }]),
    ['a batch, unknown header', version('2099-01-01'), [old('ping')], { status: 400, code: -32600, id: null }],
    ['a batch, header 2025-11-25', version('2025-11-25'), [old('ping')], { status: 400, code: -32600, id: null }],

    // Answers of a client.
    ['a response without a session', {}, { jsonrpc: '2.0', id: 1, result: {} }, { status: 400 }],
    ['a response of a session', { session: '2025-11-25' }, { jsonrpc: '2.0', id: 1, result: {} }, { status: 202, empty: true }],
    ['an error response of a session', { session: '2025-11-25' }, { jsonrpc: '2.0', id: 1, error: { code: 1, message: 'x' } }, { status: 202, empty: true }],

    // initialize.
    ['initialize with an envelope', modernHeaders('initialize'), now('initialize', params), { status: 404, code: -32601, id: 7 }],
    ['initialize, modern header', version('2026-07-28'), old('initialize', params), { status: 200, begins: '2025-11-25' }],
    ['initialize, unknown header', version('2099-01-01'), old('initialize', params), { status: 200, begins: '2025-11-25' }],
    ...legacyVersions.map(name => [`initialize ${name}`, {}, old('initialize', { ...params, protocolVersion: name }), { status: 200, begins: name }]),
    ...['2026-07-28', '2099-01-01', '1', ''].map(name =>
        [`initialize with version "${name}"`, {}, old('initialize', { ...params, protocolVersion: name }), { status: 200, begins: '2025-11-25' }]),
    ['initialize that takes events only', { Accept: 'text/event-stream' }, old('initialize', params), { status: 200, begins: '2025-11-25', events: true }],
    ['initialize with the id of another session', { session: '2025-06-18' }, old('initialize', params), { status: 200, begins: '2025-11-25' }],

    // Claims.
    ['a claim without capabilities', modernHeaders('tools/list'), now('tools/list', {}, without('clientCapabilities')), { status: 400, code: -32602, id: 7 }],
    ['a claim without capabilities or headers', {}, now('tools/list', {}, without('clientCapabilities')), { status: 400, code: -32602, id: 7 }],
    ['a claim that is a number', modernHeaders('tools/list'), now('tools/list', {}, claiming(20260728)), { status: 400, code: -32602, id: 7 }],
    ['capabilities that are a list', modernHeaders('tools/list'), now('tools/list', {}, { ...modernMeta, [key('clientCapabilities')]: [] }), { status: 400, code: -32602, id: 7 }],
    ['a log level that is none', modernHeaders('tools/list'), now('tools/list', {}, { ...modernMeta, [key('logLevel')]: 'loud' }), { status: 400, code: -32602, id: 7 }],
    ['a claim without clientInfo', modernHeaders('tools/list'), now('tools/list', {}, without('clientInfo')), { status: 200, id: 7 }],
    ['the header names another version', { ...modernHeaders('tools/list'), ...version('2025-11-25') }, list, { status: 400, code: -32020, id: 7 }],
    ['the header names another version, the claim an unknown one', modernHeaders('tools/list'), now('tools/list', {}, claiming('2099-01-01')), { status: 400, code: -32020, id: 7 }],
    ...['2099-01-01', '2025-11-25', '2026-07-27'].map(name =>
        [`a claim of ${name}`, { ...modernHeaders('tools/list'), ...version(name) }, now('tools/list', {}, claiming(name)), { status: 400, code: -32022, id: 7, data: { supported: ['2026-07-28'], requested: name } }]),
    ['no claim, modern header', modernHeaders('tools/list'), old('tools/list'), { status: 400, code: -32602, id: 7, says: /protocolVersion.*clientCapabilities/s }],
    ['no params, modern header', modernHeaders('tools/list'), { jsonrpc: '2.0', id: 7, method: 'tools/list' }, { status: 400, code: -32602, id: 7 }],
    ...legacyVersions.map(name => [`no claim, header ${name}`, version(name), old('tools/list'), { status: 200, id: 7 }]),
    ['no claim, no header', {}, old('tools/list'), { status: 200, id: 7 }],
    ['no claim, unknown header', version('2099-01-01'), old('tools/list'), { status: 400, id: 7 }],
    ['no claim, unknown header, a session', { session: '2025-11-25', ...version('x') }, old('tools/list'), { status: 400, id: 7 }],
    ...legacyVersions.map(name => [`a 2024-11-05 session, header ${name}`, { session: '2024-11-05', ...version(name) }, old('tools/list'), { status: 200, id: 7 }]),
    ['a session without the header', { session: '2025-11-25' }, old('tools/list'), { status: 200, id: 7 }],
    ['a claim on a session', { session: '2025-06-18', ...modernHeaders('tools/list') }, list, { status: 200, id: 7, modern: true }],
    ['a claim on a session that never was', { 'Mcp-Session-Id': 'x', ...modernHeaders('tools/list') }, list, { status: 200, id: 7, modern: true }],
];

const headers = [
    ['all there', statusHeaders, status, { status: 200, id: 7, modern: true }],
    ['id 0', modernHeaders('tools/list'), now('tools/list', {}, modernMeta, 0), { status: 200, id: 0 }],
    ['an empty id', modernHeaders('tools/list'), now('tools/list', {}, modernMeta, ''), { status: 200, id: '' }],
    ['no MCP-Protocol-Version', { 'Mcp-Method': 'tools/list' }, list, { status: 400, code: -32020, id: 7 }],
    ['no Mcp-Method', version('2026-07-28'), list, { status: 400, code: -32020, id: 7 }],
    ['another Mcp-Method', modernHeaders('tools/call'), list, { status: 400, code: -32020, id: 7 }],
    ['Mcp-Method in other case', modernHeaders('Tools/List'), list, { status: 400, code: -32020, id: 7 }],
    ['names of headers in any case, blanks around values', { 'mcp-PROTOCOL-version': ' 2026-07-28 ', 'MCP-METHOD': '\ttools/list ' }, list, { status: 200, id: 7 }],
    ['no Mcp-Name for a tool', modernHeaders('tools/call'), status, { status: 400, code: -32020, id: 7 }],
    ['another Mcp-Name', modernHeaders('tools/call', 'pay_settle'), status, { status: 400, code: -32020, id: 7 }],
    ['Mcp-Name in other case', modernHeaders('tools/call', 'Pay_Budget_Status'), status, { status: 400, code: -32020, id: 7 }],
    ['Mcp-Name in base64', modernHeaders('tools/call', base64('pay_budget_status')), status, { status: 200, id: 7 }],
    ['Mcp-Name in base64 of another', modernHeaders('tools/call', base64('pay_settle')), status, { status: 400, code: -32020, id: 7 }],
    ['Mcp-Name in base64 that is none', modernHeaders('tools/call', '=?base64?%%%?='), status, { status: 400, code: -32020, id: 7 }],
    ['no Mcp-Name for a prompt', modernHeaders('prompts/get'), now('prompts/get', { name: 'spending_report' }), { status: 400, code: -32020, id: 7 }],
    ['Mcp-Name of a prompt', modernHeaders('prompts/get', 'spending_report'), now('prompts/get', { name: 'spending_report' }), { status: 200, id: 7 }],
    ['no Mcp-Name for a resource', modernHeaders('resources/read'), now('resources/read', { uri: 'purse://budget' }), { status: 400, code: -32020, id: 7 }],
    ['Mcp-Name of a resource', modernHeaders('resources/read', 'purse://budget'), now('resources/read', { uri: 'purse://budget' }), { status: 200, id: 7 }],
    ['Last-Event-ID means nothing', { ...modernHeaders('tools/list'), 'Last-Event-ID': '1-1' }, list, { status: 200, id: 7 }],
];

const codes = [
    ['half an object', {}, '{"jsonrpc":"2.0","id":7,', { status: 400, code: -32700, id: null }],
    ['half an object, modern', modernHeaders('tools/list'), '{"jsonrpc":"2.0","id":7,', { status: 400, code: -32700, id: none }],
    ['no body', {}, '', { status: 400, code: -32700, id: null }],
    ['bytes that are not UTF-8', {}, Buffer.from([0x22, 0xff, 0x22]), { status: 400, code: -32700, id: null }],
    ['two values', {}, '{"jsonrpc":"2.0","id":7,"method":"ping"}{}', { status: 400, code: -32700, id: null }],
    ['duplicate keys', {}, '{"jsonrpc":"2.0","id":7,"method":"ping","method":"tools/list"}', { status: 400, code: -32700, id: null }],
    ['an empty object', {}, '{}', { status: 400, code: -32600, id: null }],
    ['an empty object, modern', modernHeaders('tools/list'), '{}', { status: 400, code: -32600, id: none }],
    ['a null id', {}, old('ping', {}, null), { status: 400, code: -32600, id: null }],
    ['a null id, modern', modernHeaders('tools/list'), now('tools/list', {}, modernMeta, null), { status: 400, code: -32600, id: none }],
    ['another JSON-RPC', {}, { ...old('ping'), jsonrpc: '1.0' }, { status: 400, code: -32600 }],
    ['an unknown method', {}, old('pay/all'), { status: 200, code: -32601, id: 7 }],
    ['an unknown method, modern', modernHeaders('pay/all'), now('pay/all'), { status: 404, code: -32601, id: 7 }],
    ['a method that is not offered', {}, old('completion/complete'), { status: 200, code: -32601, id: 7 }],
    ...['ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe', 'completion/complete', 'roots/list'].map(method =>
        [`${method}, modern`, modernHeaders(method), now(method), { status: 404, code: -32601, id: 7 }]),
    ['ping', {}, old('ping'), { status: 200, id: 7 }],
    ['an unknown tool', {}, old('tools/call', call('pay_all')), { status: 200, code: -32602, id: 7 }],
    ['an unknown tool, modern', modernHeaders('tools/call', 'pay_all'), now('tools/call', call('pay_all')), { status: 200, code: -32602, id: 7 }],
    ['no tool', {}, old('tools/call', {}), { status: 200, code: -32602, id: 7 }],
    ['no tool, modern', modernHeaders('tools/call'), now('tools/call', {}), { status: 200, code: -32602, id: 7 }],
    ['a bad cursor', {}, old('tools/list', { cursor: 'x' }), { status: 200, code: -32602, id: 7 }],
    ['a bad cursor, modern', modernHeaders('tools/list'), now('tools/list', { cursor: 'x' }), { status: 200, code: -32602, id: 7 }],
    ['an empty cursor', modernHeaders('tools/list'), now('tools/list', { cursor: '' }), { status: 200, id: 7 }],
    ['a made-up requestState', statusHeaders, now('tools/call', call('pay_budget_status', { requestState: 'AAAA' })), { status: 200, code: -32602, id: 7 }],
    ['an unknown resource', {}, old('resources/read', { uri: 'purse://x' }), { status: 200, code: -32602, id: 7, data: { uri: 'purse://x' } }],
    ['an unknown resource, modern', modernHeaders('resources/read', 'purse://x'), now('resources/read', { uri: 'purse://x' }), { status: 200, code: -32602, id: 7, data: { uri: 'purse://x' } }],
    ['a notification', {}, { jsonrpc: '2.0', method: 'notifications/initialized' }, { status: 202, empty: true }],
    ['a notification of a session', { session: '2025-11-25' }, { jsonrpc: '2.0', method: 'notifications/roots/list_changed' }, { status: 202, empty: true }],
    ['a notification, modern', modernHeaders('notifications/cancelled'), { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1, _meta: modernMeta } }, { status: 202, empty: true }],
    ['a call without an id is not made', {}, { jsonrpc: '2.0', method: 'tools/call', params: call('pay_preauthorize', { arguments: { service: 'images', estimatedCost: '1' } }) }, { status: 202, empty: true }],
    ['a session that never was', { 'Mcp-Session-Id': 'x' }, old('ping'), { status: 404, id: null }],
    ['an empty session id', { 'Mcp-Session-Id': '' }, old('ping'), { status: 404, id: null }],
    ['another Content-Type', { 'Content-Type': 'text/plain' }, old('ping'), { status: 415, id: none }],
    ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }, 'a=b', { status: 415, id: none }],
    ['a Content-Type with a parameter', { 'Content-Type': 'Application/JSON; charset=utf-8' }, old('ping'), { status: 200, id: 7 }],
    ['a Content-Type that begins like it', { 'Content-Type': 'application/json5' }, old('ping'), { status: 415, id: none }],
    ['JSON only', { Accept: 'application/json' }, old('ping'), { status: 200, id: 7 }],
    ['anything', { Accept: '*/*' }, old('ping'), { status: 200, id: 7 }],
    ['events only', { Accept: 'text/event-stream' }, old('ping'), { status: 200, id: 7, events: true }],
    ['events, in the second of two lines', { Accept: ['text/plain', 'text/event-stream'] }, old('ping'), { status: 200, id: 7, events: true }],
    ['events only, modern', { ...modernHeaders('tools/list'), Accept: 'text/event-stream' }, list, { status: 200, id: 7, events: true, modern: true }],
    ['too large', {}, ' '.repeat(65_000) + JSON.stringify(old('ping', { x: 'y'.repeat(2000) })), { status: 413 }],
    ['just not too large', {}, ' '.repeat(65_000) + JSON.stringify(old('ping')), { status: 200, id: 7 }],
    ['nested too deeply', {}, `{"jsonrpc":"2.0","id":7,"method":"ping","params":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`, { status: 400, code: -32700 }],
];

/** Two mistakes at once: the earlier check answers. `anonymous`: without a credential. */
const foreign = { Origin: 'https://evil.example' };
const order = [
    ['Origin before credential', { anonymous: true, ...foreign }, list, { status: 403, id: none }],
    ['Host before credential', { anonymous: true, Host: 'evil.example' }, list, { status: 403, id: none }],
    ['Origin before Content-Type', { ...foreign, 'Content-Type': 'text/plain' }, 'x', { status: 403, id: none }],
    ['credential before Content-Type', { anonymous: true, 'Content-Type': 'text/plain' }, 'x', { status: 401, id: none }],
    ['credential before parsing', { anonymous: true }, '{', { status: 401, id: none }],
    ['credential before shape', { anonymous: true }, '{}', { status: 401, id: none }],
    ['credential before era', { anonymous: true, ...version('2099-01-01') }, old('initialize', params), { status: 401, id: none }],
    ['credential before session', { anonymous: true, 'Mcp-Session-Id': 'x' }, old('ping'), { status: 401, id: none }],
    ['Content-Type before parsing', { 'Content-Type': 'text/plain' }, '{', { status: 415, id: none }],
    ['size before parsing', {}, '{'.repeat(70_000), { status: 413 }],
    ['parsing before headers', { ...modernHeaders('x'), 'Mcp-Session-Id': 'x' }, '{', { status: 400, code: -32700, id: none }],
    ['shape before headers', modernHeaders('x'), { jsonrpc: '2.0', id: {}, method: 'tools/list' }, { status: 400, code: -32600, id: none }],
    ['envelope before version header', version('2025-11-25'), now('tools/list', {}, without('clientCapabilities')), { status: 400, code: -32602, id: 7 }],
    ['envelope before Mcp-Method', modernHeaders('x'), now('tools/list', {}, without('clientCapabilities')), { status: 400, code: -32602, id: 7 }],
    ['version header before support', modernHeaders('tools/list'), now('tools/list', {}, claiming('2099-01-01')), { status: 400, code: -32020, id: 7 }],
    ['Mcp-Method equality before support', { ...modernHeaders('x'), ...version('2099-01-01') }, now('tools/list', {}, claiming('2099-01-01')), { status: 400, code: -32020, id: 7 }],
    ['support before Mcp-Method presence', version('2099-01-01'), now('tools/list', {}, claiming('2099-01-01')), { status: 400, code: -32022, id: 7 }],
    ['support before version header presence', {}, now('tools/list', {}, claiming('2099-01-01')), { status: 400, code: -32022, id: 7 }],
    ['support before Mcp-Name', { ...modernHeaders('tools/call', 'x'), ...version('2099-01-01') }, now('tools/call', call('pay_settle'), claiming('2099-01-01')), { status: 400, code: -32022, id: 7 }],
    ['support before method', { ...modernHeaders('no/such'), ...version('2099-01-01') }, now('no/such', {}, claiming('2099-01-01')), { status: 400, code: -32022, id: 7 }],
    ['header presence before method', version('2026-07-28'), now('no/such'), { status: 400, code: -32020, id: 7 }],
    ['Mcp-Name before tool', modernHeaders('tools/call', 'pay_settle'), now('tools/call', call('no_such_tool')), { status: 400, code: -32020, id: 7 }],
    ['method before params', modernHeaders('no/such'), { ...now('no/such'), params: { _meta: modernMeta, cursor: 5 } }, { status: 404, code: -32601, id: 7 }],
    ['initialize is judged as a method', modernHeaders('initialize'), now('initialize', {}), { status: 404, code: -32601, id: 7 }],
];

/** [name, method, headers, status, what the Allow header must and must not name] */
const methods = [
    ['GET, modern', 'GET', { ...version('2026-07-28'), Accept: 'text/event-stream' }, 405, ['POST'], ['GET', 'DELETE']],
    ['DELETE, modern', 'DELETE', version('2026-07-28'), 405, ['POST'], ['GET', 'DELETE']],
    ['GET, modern, on a session', 'GET', { session: '2025-11-25', ...version('2026-07-28'), Accept: 'text/event-stream' }, 405, ['POST'], ['GET']],
    ['PUT', 'PUT', {}, 405, ['GET', 'POST', 'DELETE'], ['PUT']],
    ['PATCH', 'PATCH', {}, 405, ['GET', 'POST', 'DELETE'], []],
    ['HEAD', 'HEAD', {}, 405, ['GET', 'POST', 'DELETE'], []],
    ['GET that takes no events', 'GET', { session: '2025-11-25', Accept: 'application/json' }, 406],
    ['GET without a session', 'GET', { Accept: 'text/event-stream' }, 400],
    ['GET of a session that never was', 'GET', { Accept: 'text/event-stream', 'Mcp-Session-Id': 'x' }, 404],
    ['DELETE without a session', 'DELETE', {}, 400],
    ['DELETE of a session that never was', 'DELETE', { 'Mcp-Session-Id': 'x' }, 404],
    ['GET without a credential', 'GET', { anonymous: true, Accept: 'text/event-stream' }, 401],
    ['DELETE without a credential', 'DELETE', { anonymous: true, session: '2025-11-25' }, 401],
];

let purse, server, credential;
const sessions = {};

before(async () => {
    purse = new Purse(mkdtempSync(join(tmpdir(), 'purse-e2e-')));
    credential = await purse.issue('buyer');
    server = new HttpServer(purse, {});
    await server.begin();
    for (const name of legacyVersions) sessions[name] = (await server.initialize(credential, name)).session;
});
after(async () => {
    await server.kill();
    await endOf(purse);
});

function headersOf({ anonymous, session, ...more }) {
    return { ...(!anonymous && bearer(credential)), ...(session && { 'Mcp-Session-Id': sessions[session] }), ...more };
}

function bodyOf(answer, expected) {
    if (!expected.events) {
        assert.match(answer.headers['content-type'], /^application\/json/, answer.text);
        return answer.json;
    }
    assert.equal(answer.headers['content-type'], 'text/event-stream');
    assert.equal(answer.headers['x-accel-buffering'], 'no');
    assert.match(answer.headers['cache-control'], /no-cache/);
    return JSON.parse(/^data: ([{[].*)$/m.exec(answer.text)[1]);
}

function check(answer, expected) {
    assert.equal(answer.status, expected.status, answer.text);
    if (expected.empty) return assert.equal(answer.text, '');
    if (expected.status === 413 || expected.status >= 500) return undefined;
    const body = bodyOf(answer, expected);
    if (expected.batch) return assert.deepEqual(body.map(one => one.id).toSorted(), expected.batch);
    const failed = expected.status >= 400 || expected.code !== undefined;
    assert.equal(body.jsonrpc, '2.0');
    assert.equal('error' in body, failed, answer.text);
    assert.equal('result' in body, !failed, answer.text);
    if (expected.code !== undefined) assert.equal(body.error.code, expected.code, answer.text);
    if (failed) assert.ok(body.error.message.length > 0);
    if (expected.id === none) assert.ok(!('id' in body), answer.text);
    else if (expected.id !== undefined) assert.equal(body.id, expected.id, answer.text);
    for (const [name, value] of Object.entries(expected.data ?? {})) assert.deepEqual(body.error.data[name], value, answer.text);
    if (expected.says) assert.match(body.error.message, expected.says);
    if (expected.begins) {
        assert.equal(body.result.protocolVersion, expected.begins);
        assert.ok(answer.headers['mcp-session-id'], 'a session begins');
    } else {
        assert.equal(answer.headers['mcp-session-id'], undefined, 'no session begins by the way');
    }
    if (expected.modern) assert.equal(body.result.resultType, 'complete');
    return undefined;
}

for (const [title, rows] of Object.entries({ 'the era of a request': eras, 'modern headers': headers, 'statuses and codes': codes, 'the order of checks': order })) {
    describe(title, () => {
        for (const [name, its, body, expected] of rows) {
            test(name, { timeout: 20_000 }, async () => {
                const { host, ...more } = headersOf(its);
                check(await server.post(body, { headers: { ...more, ...(host && { Host: host }) } }), expected);
            });
        }
    });
}

describe('methods of the MCP address', () => {
    for (const [name, method, its, expected, allowed = [], not = []] of methods) {
        test(name, { timeout: 20_000 }, async () => {
            const answer = await server.ask(method, '/mcp', { headers: headersOf(its) });
            assert.equal(answer.status, expected, answer.text);
            const allow = (answer.headers.allow ?? '').split(/,\s*/);
            assert.equal('allow' in answer.headers, expected === 405);
            for (const one of allowed) assert.ok(allow.includes(one), answer.headers.allow);
            for (const one of not) assert.ok(!allow.includes(one), answer.headers.allow);
        });
    }

    test('a place that is none', async () => {
        for (const path of ['/', '/mcp/', '/mcp2', '/MCP', '/messages/x', '/.well-known/other'])
            assert.equal((await server.ask('GET', path, { headers: headersOf({}) })).status, 404, path);
    });
});

test('nothing of all this held any money', async () => {
    const answer = await server.modern('tools/call', call('pay_budget_status'), { credential });
    assert.equal(answer.json.result.structuredContent.held, '0.00');
});
