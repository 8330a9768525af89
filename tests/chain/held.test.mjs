// SPDX-License-Identifier: Apache-2.0
// What stops a payout and for whom: a blacklisted payee, a paused token, an empty treasury, a
// relayer without ether. None of it loses a debt or pays it twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limit, scene } from './support/scene.mjs';

test('a blacklisted payee is held with a reason; the others are paid', limit, async t => {
    const one = await scene(t);
    await one.bed.blacklist(one.payees[0]);
    await one.buy('0.01', 0);
    await one.buy('0.02', 1);
    const held = await one.untilPayout(0, 'held');
    assert.match(held.reason, /blacklist/i);
    await one.untilPayout(1, 'final');
    await one.buy('0.03', 1);
    await one.until('the second payout of the other', async () => (await one.payoutsTo(1)).filter(payout => payout.state === 'final').length === 2);
    assert.equal(await one.bed.balanceOf(one.payees[0]), 0n);
    await one.bed.unBlacklist(one.payees[0]);
    await one.untilExact();
});

test('a paused token holds all, then all are paid', limit, async t => {
    const one = await scene(t);
    await one.bed.pause();
    await one.buy('0.01', 0);
    await one.buy('0.02', 1);
    for (const payee of [0, 1]) assert.match((await one.untilPayout(payee, 'held')).reason, /pause/i);
    assert.equal((await one.bed.transfersFromTreasury(one.purse.treasury.address)).list.length, 0);
    await one.bed.unpause();
    const { list } = await one.untilExact();
    assert.equal(list.length, 2);
});

test('without funds a hold is refused or its payout is held; topped up, it is paid', limit, async t => {
    const one = await scene(t, { funded: 10_000n });
    let hold;
    // What the treasury has is only known once the chain was asked: until then a hold may wait.
    await one.until('the reason', async () => {
        if (!hold?.ok) hold = await one.hold('0.02');
        if (!hold.ok) return hold.reason === 'funds_insufficient' && hold.retry !== 'after';
        if (!hold.isSettled) await one.settle(hold.txId, '0.02');
        hold.isSettled = true;
        return /funds/.test(JSON.stringify(await one.purse.payouts()));
    });
    assert.equal(await one.bed.balanceOf(one.purse.treasury.address), 10_000n);
    await one.topUp(50_000n);
    if (!hold.ok) {
        hold = await one.until('the hold', async () => {
            const answer = await one.hold('0.02');
            return answer.ok && answer;
        });
        await one.settle(hold.txId, '0.02');
    }
    const { sums } = await one.untilExact();
    assert.equal(sums.get(one.payees[0]), 20_000n);
});

test('a relayer without ether: an alarm that names it, then the payout', limit, async t => {
    const one = await scene(t, { ether: 0n });
    await one.buy('0.01');
    const address = one.purse.relayers[0].address;
    await one.until('an alarm', async () => one.server.log.some(line => line.toLowerCase().includes(address.toLowerCase()) && /\b(ether|ETH|gas|wei)\b/i.test(line)));
    assert.equal((await one.bed.transfersFromTreasury(one.purse.treasury.address)).list.length, 0);
    await one.giveEther();
    assert.equal((await one.untilExact()).list.length, 1);
});

test('one relayer without ether does not stop the other', limit, async t => {
    const one = await scene(t, { relayers: 2 });
    await one.bed.giveEther(one.purse.relayers[0].address, 0n);
    await one.buy('0.01', 0);
    await one.buy('0.02', 1);
    assert.equal((await one.untilExact()).list.length, 2);
});

test('expired while nobody could send it: a definite no, then paid once under the next number', limit, async t => {
    const one = await scene(t, { ether: 0n, wallet: { validFor: '10m' } });
    await one.buy('0.01');
    const [first] = await one.until('a signed payout', async () => {
        const payouts = await one.payoutsTo(0);
        return payouts.length > 0 && payouts[0].state !== 'queued' && payouts;
    });
    // The chain's clock leads: what is signed next must be valid by the chain's time, not by ours.
    await one.bed.increaseTime(660);
    await one.until('the first is expired', async () => (await one.payoutsTo(0))[0].state === 'expired');
    assert.equal(await one.bed.authorizationState(one.purse.treasury.address, first.nonce), false);
    await one.giveEther();
    const { list } = await one.untilExact();
    assert.equal(list.length, 1);
    const states = (await one.payoutsTo(0)).map(({ k, state }) => [k, state]);
    assert.deepEqual(states, [[0, 'expired'], [1, 'final']]);
});

test('cancelled by the operator: the authorization is dead, the debt is paid under the next number', limit, async t => {
    const one = await scene(t);
    await one.bed.blacklist(one.payees[0]);
    await one.buy('0.01');
    const held = await one.untilPayout(0, 'held');
    const { code, stderr } = await one.purse.stateCommand('wallet', 'cancel', String(held.id));
    assert.equal(code, 0, stderr);
    await one.until('it is cancelled', async () => /^cancell?ed$/.test((await one.payoutsTo(0))[0].state));
    assert.equal(await one.bed.authorizationState(one.purse.treasury.address, held.nonce), true, 'cancelled, it can never be used');
    await one.bed.unBlacklist(one.payees[0]);
    const { list } = await one.untilExact();
    assert.equal(list.length, 1);
    assert.equal((await one.payoutsTo(0)).length, 2);
});
