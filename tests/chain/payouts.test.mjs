// SPDX-License-Identifier: Apache-2.0
// Payouts on a chain that behaves: queued, paid, final; netted; what the books then say.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { killHard, spawnBound } from './support/child.mjs';
import { limit, scene } from './support/scene.mjs';

test('the official client pays: queued, then paid, then final', limit, async t => {
    const one = await scene(t);
    const client = new Client({ name: 'purse-chain', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', one.server.base), { requestInit: { headers: { Authorization: `Bearer ${one.credential}` } } }));
    t.after(() => client.close());
    await client.listTools();
    const call = async (name, args) => (await client.callTool({ name, arguments: args })).structuredContent;
    const hold = await one.until('a hold', async () => {
        const answer = await call('pay_preauthorize', { service: 's0', estimatedCost: '0.08' });
        assert.ok(answer.ok || answer.retry === 'after', JSON.stringify(answer));
        return answer.ok && answer;
    });
    assert.equal((await one.purse.payouts()).payouts.length, 0, 'a hold pays nothing');

    const settled = await one.settle(hold.txId, '0.07');
    assert.ok(['queued', 'submitted'].includes(settled.settlement), JSON.stringify(settled));
    const seen = new Set();
    await one.until('the settlement is final', async () => {
        const again = await call('pay_settle', { txId: hold.txId, actualCost: '0.07' });
        assert.deepEqual([again.ok, again.replayed, again.captured], [true, true, '0.07'], JSON.stringify(again));
        seen.add(again.settlement);
        return again.settlement === 'final';
    });
    const order = ['queued', 'submitted', 'paid', 'final'];
    assert.deepEqual([...seen], order.filter(state => seen.has(state)), 'it never goes back');

    const { list } = await one.untilExact();
    assert.deepEqual(list.map(({ payee, value }) => [payee, value]), [[one.payees[0], 70_000n]]);
    const [payout] = await one.payoutsTo(0);
    assert.deepEqual([payout.k, payout.value, payout.state, payout.tx], [0, '0.07', 'final', list[0].tx]);
    const { payees } = await one.purse.payouts();
    const book = payees.find(entry => entry.payee.toLowerCase() === one.payees[0]);
    assert.deepEqual([book.paid, book.final], ['0.07', '0.07']);
});

test('a void pays nothing', limit, async t => {
    const one = await scene(t);
    await one.buy('0.01', 1);
    const hold = await one.hold('0.08');
    assert.ok((await one.call('pay_settle', { txId: hold.txId, outcome: 'void' })).ok);
    await one.buy('0.01', 1);
    const { list } = await one.untilExact();
    assert.deepEqual(list.map(({ payee }) => payee), [one.payees[1]]);
});

test('what is settled while a payout is under way goes out in one: 21 settlements, few transfers', limit, async t => {
    const one = await scene(t);
    await one.bed.stopMining();
    await one.buy('0.02');
    await one.untilInPool();
    for (let i = 0; i < 20; ++i) await one.buy('0.001');
    one.bed.resumeMining();
    const { sums, list } = await one.untilExact();
    assert.equal(sums.get(one.payees[0]), 40_000n);
    assert.ok(list.length <= 3, `${list.length} transfers`);
});

test('many payees are paid at once, each its own', limit, async t => {
    const one = await scene(t, { payees: 12, relayers: 2 });
    for (let i = 0; i < 12; ++i) await one.buy(`0.0${10 + i}`, i);
    const { list } = await one.untilExact();
    assert.equal(list.length, 12);
});

test('nothing is paid by a server that has no debts, and a second server takes over', limit, async t => {
    const one = await scene(t);
    await one.buy('0.01');
    await one.untilExact();
    const first = one.server;
    await one.serve();
    await first.stop('SIGKILL');
    await one.buy('0.02');
    const { list } = await one.untilExact();
    assert.equal(list.length, 2);
});

test('the worker alone pays what a server left', limit, async t => {
    const one = await scene(t);
    await one.bed.stopMining();
    await one.buy('0.03');
    await one.server.stop('SIGKILL');
    one.bed.resumeMining();
    const worker = spawnBound(process.env.PURSE_BINARY, ['payout', 'run', '--state', one.purse.state], { env: one.purse.env(), stdio: 'ignore' });
    t.after(() => killHard(worker));
    assert.equal((await one.untilExact()).list.length, 1);
});

test('a worker that pays once can be ended by a signal while the chain stands still', limit, async t => {
    const one = await scene(t);
    await one.bed.stopMining();
    await one.buy('0.03');
    await one.server.stop('SIGKILL');
    const worker = spawnBound(process.env.PURSE_BINARY, ['payout', 'run', '--once', '--state', one.purse.state], { env: one.purse.env(), stdio: 'ignore' });
    t.after(() => killHard(worker));
    await one.untilPayout(0, 'sent');
    worker.kill('SIGTERM');
    await one.until('the worker has ended', () => worker.exitCode !== null || worker.signalCode !== null, 10_000);
    one.bed.resumeMining();
    await one.serve();
    assert.equal((await one.untilExact()).list.length, 1);
});
