// SPDX-License-Identifier: Apache-2.0
// `journal tail` and `journal export` as OpenTelemetry log records: OpenTelemetry's own protobuf
// definitions read each line, and nothing of it is unknown to them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import root from '@opentelemetry/otlp-transformer/build/src/generated/root.js';
import { approved, refused } from './support/answers.mjs';
import { freshPurse } from './support/purse.mjs';
import { open, pinned } from './support/setups.mjs';

const { LogsData } = root.opentelemetry.proto.logs.v1;

/** The line's one record, after a round through the wire format. */
function recordOf(line) {
    const object = JSON.parse(line);
    assert.equal(LogsData.verify(LogsData.fromObject(object)), null);
    const back = LogsData.toObject(LogsData.decode(LogsData.encode(LogsData.fromObject(object)).finish()), { longs: String });
    assert.deepEqual(back, object, 'nothing is lost: every name and every type is OpenTelemetry\'s');
    assert.equal(object.resourceLogs.length, 1);
    const { attributes, ...record } = object.resourceLogs[0].scopeLogs[0].logRecords[0];
    return { ...record, of: Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])) };
}

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
