// SPDX-License-Identifier: Apache-2.0
// `journal tail` and `journal export` as OpenTelemetry log records: OpenTelemetry's own protobuf
// definitions read each line, and nothing of it is unknown to them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import root from '@opentelemetry/otlp-transformer/build/src/generated/root.js';
import { approved, refused } from './support/answers.mjs';
import { HttpServer } from './support/http.mjs';
import { freshPurse } from './support/purse.mjs';
import { open, pinned } from './support/setups.mjs';

const { LogsData } = root.opentelemetry.proto.logs.v1;

/**
 * The line's one record, after a round through the wire format. (Ids are hexadecimal in OTLP/JSON;
 * the generated code takes them for base64, and gives the same text back.)
 */
function recordOf(line) {
    const object = JSON.parse(line);
    assert.equal(LogsData.verify(LogsData.fromObject(object)), null);
    const back = LogsData.toObject(LogsData.decode(LogsData.encode(LogsData.fromObject(object)).finish()), { longs: String, bytes: String });
    assert.deepEqual(back, object, 'nothing is lost: every name and every type is OpenTelemetry\'s');
    assert.equal(object.resourceLogs.length, 1);
    const { attributes, ...record } = object.resourceLogs[0].scopeLogs[0].logRecords[0];
    return { ...record, of: Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])) };
}

test('a request that belongs to a trace, and those that do not', { timeout: 60_000 }, async t => {
    const purse = freshPurse(t);
    const server = await HttpServer.start(t, purse);
    const talk = await server.initialize(await purse.issue('buyer'));
    const parents = ['1111111111111111', '2222222222222222', '3333333333333333'];
    const traced = (name, args, parent) => talk.request('tools/call',
        { name, arguments: args, _meta: { traceparent: `00-4bf92f3577b34da6a3ce929d0e0e4736-${parent}-01` } });
    const held = approved((await traced('pay_preauthorize', { service: 'images', estimatedCost: '0.08' }, parents[0])).json.result);
    approved((await traced('pay_settle', { txId: held.txId, actualCost: '0.07' }, parents[1])).json.result);
    refused((await traced('pay_preauthorize', { service: 'images', estimatedCost: '6' }, parents[2])).json.result, 'transaction_limit_exceeded');
    refused((await traced('pay_preauthorize', { service: 'images', estimatedCost: '6' }, 'none')).json.result, 'transaction_limit_exceeded');
    const modern = await open(t, pinned, purse.env(await purse.issue('buyer')));
    const { txId } = approved(await modern.call('pay_preauthorize', { service: 'images', estimatedCost: '0.08' }));
    approved(await modern.call('pay_settle', { txId, outcome: 'void' }));
    const { stdout } = await purse.command('journal', 'tail', '-n', '100', '--format', 'otel');
    const spans = stdout.trimEnd().split('\n').map(recordOf).filter(({ of }) => !of['purse.kind'].startsWith('credential') && of['purse.kind'] !== 'policy');
    assert.deepEqual(spans.map(({ spanId }) => spanId), [...parents, undefined, undefined, undefined]);
    assert.ok(spans.slice(0, 3).every(({ traceId, flags }) => traceId === '4bf92f3577b34da6a3ce929d0e0e4736' && flags === 1));
});

test('every entry is a log record that OpenTelemetry knows', { timeout: 60_000 }, async t => {
    const purse = freshPurse(t);
    const session = await open(t, pinned, purse.env(await purse.issue('buyer')));
    const { txId } = approved(await session.call('pay_preauthorize', { service: 'images', estimatedCost: '0.08', taskId: 't "1"' }));
    approved(await session.call('pay_settle', { txId, actualCost: '0.07' }));
    refused(await session.call('pay_preauthorize', { service: 'images', estimatedCost: '6' }), 'transaction_limit_exceeded');
    await purse.command('freeze', 'all', '--note', 'ünïcödé');
    const { stdout: tail } = await purse.command('journal', 'tail', '-n', '100', '--format', 'otel');
    const { stdout: exported } = await purse.command('journal', 'export', '--format', 'otel');
    assert.equal(tail, exported);
    const records = tail.trimEnd().split('\n').map(recordOf);
    const named = name => records.find(({ eventName }) => eventName === `purse.${name}`);
    assert.deepEqual(records.map(({ of }) => of['purse.entry']), records.map((_, index) => String(index + 1)));
    assert.equal(named('payment.settled').of['purse.actual_micro_usdc'], '70000');
    assert.equal(named('payment.settled').of['purse.tx_id'], txId);
    assert.equal(named('decision.approved').of['purse.task'], 't "1"');
    assert.equal(named('decision.refused').of['purse.reason'], 'transaction_limit_exceeded');
    assert.equal(named('decision.refused').severityNumber, 13);
    assert.equal(named('freeze.begun').of['purse.note'], 'ünïcödé');
    const { stdout: stored } = await purse.command('journal', 'tail', '-n', '100', '--json');
    for (const [index, entry] of stored.trimEnd().split('\n').map(line => JSON.parse(line)).entries())
        assert.equal(BigInt(records[index].timeUnixNano) / 1_000_000n, BigInt(Date.parse(entry.at)));
    const { stdout: ours } = await purse.command('journal', 'export', '--format', 'otel', '--agent', 'buyer');
    assert.ok(ours.trimEnd().split('\n').map(recordOf).every(({ of }) => of['purse.agent'] === 'buyer'));
});
