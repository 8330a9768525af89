// SPDX-License-Identifier: Apache-2.0
// What payouts cost: micro-payments netted into one transfer, payees batched into one transaction.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limit, scene } from './support/scene.mjs';

/** `count` settlements of 0.001 USDC to each of these payees, several at a time. */
async function buyMany(one, count, payees) {
    await one.buy('0.001', 0);
    const orders = Array.from({ length: count * payees }, (_, i) => i % payees).slice(1);
    const clerk = async () => {
        for (let payee = orders.pop(); payee !== undefined; payee = orders.pop()) await one.buy('0.001', payee);
    };
    await Promise.all(Array.from({ length: 16 }, clerk));
}

/** The receipts of the relayers' transactions that carried transfers. */
async function receiptsOf(one, list) {
    const hashes = [...new Set(list.map(transfer => transfer.tx))];
    return Promise.all(hashes.map(hash => one.bed.receipt(hash)));
}
const gasOf = receipts => receipts.reduce((sum, receipt) => sum + Number(receipt.gasUsed), 0);

test('1,000 settlements of 0.001 USDC to one payee that holds USDC: one transfer, at most 86,000 gas', limit, async t => {
    const one = await scene(t, { payees: 1, wallet: { pay: { when: { threshold: '1' }, owedMax: '1000' } } });
    await one.bed.fund(one.payees[0], 1n);
    await buyMany(one, 1000, 1);
    const { list } = await one.untilExact();
    assert.deepEqual(list.map(({ value }) => value), [1_000_000n]);
    const gas = gasOf(await receiptsOf(one, list));
    t.diagnostic(`${gas} gas for 1,000 settlements`);
    assert.ok(gas <= 86_000, `${gas} gas`);
});

test('1,000 settlements to 100 payees that hold USDC: batches, at most 50,000 gas a payee', limit, async t => {
    // A round long enough to find all of them due at once: batches are then as full as they can be.
    const timing = { poll: '4s', rebroadcast: '5s', bump: '15s', timeout: '2s' };
    const one = await scene(t, { payees: 100, wallet: { pay: { when: { threshold: '0.01' }, owedMax: '1000' }, timing } });
    for (const payee of one.payees) await one.bed.rpc.call('anvil_dealERC20', payee, one.bed.token.address, '0x1');
    await buyMany(one, 10, 100);
    const { list } = await one.untilExact();
    const receipts = await receiptsOf(one, list);
    const each = gasOf(receipts) / 100;
    t.diagnostic(`${list.length} transfers in ${receipts.length} transactions, ${each.toFixed(0)} gas a payee`);
    assert.equal(list.length, 100);
    assert.ok(each <= 50_000, `${each} gas a payee`);
});
