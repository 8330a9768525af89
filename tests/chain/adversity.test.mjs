// SPDX-License-Identifier: Apache-2.0
// What others and the chain do to a payout under way: strangers, stolen nonces, reorganisations,
// dropped transactions, lies; and the set-ups that must never start.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpServer } from '../e2e/support/http.mjs';
import { limit, scene } from './support/scene.mjs';
import { authorizationCalls, quantity } from './support/token.mjs';

const gwei = 10n ** 9n;

/** A payout that waits in the pool of a chain that makes no blocks. */
async function underWay(t, options) {
    const one = await scene(t, options);
    await one.bed.stopMining();
    await one.buy('0.01');
    return { one, waiting: await one.untilInPool() };
}

/** Somebody else uses the relayer's key: a transaction that pays nobody, dearer than ours. */
async function useKey(one, nonce) {
    const [relayer] = one.purse.relayers;
    await one.bed.rpc.call('eth_sendRawTransaction', await relayer.signTransaction({
        type: 'eip1559', chainId: one.bed.chainId, nonce: Number(nonce), gas: 21_000n, to: relayer.address, value: 0n,
        maxFeePerGas: 900n * gwei, maxPriorityFeePerGas: 90n * gwei,
    }));
    await one.bed.mine();
}

test('a stranger submits our authorization first: paid once, ours reverts, the books agree', limit, async t => {
    const { one, waiting } = await underWay(t);
    const [call] = authorizationCalls(waiting.to, waiting.input);
    const hash = await one.bed.rpc.call('eth_sendTransaction', {
        from: one.bed.stranger, to: call.token, data: call.data, gas: quantity(200_000), maxFeePerGas: quantity(900n * gwei), maxPriorityFeePerGas: quantity(90n * gwei),
    });
    await one.bed.mine();
    assert.equal((await one.bed.receipt(hash)).status, '0x1');
    one.bed.resumeMining();
    const { list } = await one.untilExact();
    assert.deepEqual(list.map(({ tx }) => tx), [hash]);
    assert.equal((await one.payoutsTo(0))[0].tx, hash, 'the books name the transaction that paid');
});

test('a reorganisation takes an included payout back: sent again, paid once', limit, async t => {
    const { one } = await underWay(t);
    await one.bed.mine();
    await one.untilPayout(0, 'included');
    assert.equal(await one.bed.balanceOf(one.payees[0]), 10_000n);
    await one.bed.reorg(1);
    assert.equal(await one.bed.balanceOf(one.payees[0]), 0n);
    await one.untilInPool();
    one.bed.resumeMining();
    assert.equal((await one.untilExact()).list.length, 1);
});

test('a reorganisation after which a stranger brings it back', limit, async t => {
    const { one, waiting } = await underWay(t);
    const [call] = authorizationCalls(waiting.to, waiting.input);
    await one.bed.mine();
    await one.untilPayout(0, 'included');
    await one.bed.reorg(1);
    const sent = one.bed.does(one.bed.stranger, { to: call.token, data: call.data, maxPriorityFeePerGas: quantity(90n * gwei) });
    await one.bed.mine();
    one.bed.resumeMining();
    await sent.catch(() => {});
    assert.equal((await one.untilExact()).list.length, 1);
});

for (const isTaken of [false, true]) {
    const what = isTaken ? ', though its nonce was taken' : '';
    test(`a reorganisation while no server ran is found by the next one, however long after${what}`, limit, async t => {
        const { one, waiting } = await underWay(t);
        await one.bed.mine();
        await one.untilPayout(0, 'included');
        await one.server.stop('SIGKILL');
        await one.bed.reorg(1);
        if (isTaken) await useKey(one, waiting.nonce);
        await one.bed.mine(300);
        assert.equal(await one.bed.balanceOf(one.payees[0]), 0n);
        await one.serve();
        one.bed.resumeMining();
        assert.equal((await one.untilExact()).list.length, 1);
    });
}

test('somebody uses the relayer\'s key: another nonce, paid once', limit, async t => {
    const { one, waiting } = await underWay(t);
    await useKey(one, waiting.nonce);
    assert.equal(await one.bed.balanceOf(one.payees[0]), 0n, 'the foreign transaction took its place');
    one.bed.resumeMining();
    assert.equal((await one.untilExact()).list.length, 1);
});

test('a foreign nonce that a reorganisation gives back leaves no gap that stops the relayer', limit, async t => {
    const one = await scene(t);
    await one.bed.stopMining();
    const nonce = await one.bed.nonceOf(one.purse.relayers[0].address);
    await useKey(one, nonce);
    await one.buy('0.01');
    const waiting = await one.untilInPool();
    assert.equal(Number(waiting.nonce), nonce + 1);
    await one.bed.reorg(1);
    one.bed.resumeMining();
    assert.equal((await one.untilExact()).list.length, 1);
});

test('dropped by the pool: the same bytes again', limit, async t => {
    const { one, waiting } = await underWay(t);
    await one.bed.dropAll();
    const again = await one.untilInPool();
    assert.equal(again.nonce, waiting.nonce);
    one.bed.resumeMining();
    assert.equal((await one.untilExact()).list.length, 1);
});

test('too cheap for the next blocks: replaced at a better price under the same nonce', limit, async t => {
    const { one, waiting } = await underWay(t);
    await one.bed.setBaseFee(30n * gwei);
    one.bed.resumeMining();
    const { list } = await one.untilExact();
    assert.equal(list.length, 1);
    assert.ok(Number(waiting.nonce) < await one.bed.nonceOf(one.purse.relayers[0].address));
});

test('a forged receipt closes nothing', limit, async t => {
    const one = await scene(t);
    await one.bed.stopMining();
    one.proxies[0].script({ class: 'forged_receipt', method: 'eth_getTransactionReceipt', times: 5 });
    await one.buy('0.01');
    await one.until('the lies are told', async () => one.proxies[0].scripted === 0);
    const [payout] = await one.payoutsTo(0);
    assert.notEqual(payout.state, 'final');
    one.bed.resumeMining();
    assert.equal((await one.untilExact()).list.length, 1);
});

test('a forged receipt for a transaction that is never mined does not hold the payout up for ever', limit, async t => {
    const one = await scene(t);
    // So long that the lie's block is far behind whatever is looked at anew.
    await one.bed.mine(2000);
    await one.bed.stopMining();
    for (const proxy of one.proxies) proxy.script({ class: 'forged_receipt', block: '0x5', all: true });
    await one.buy('0.01');
    const waiting = await one.untilInPool();
    // An engine that believes one node notes it as included; one that asks another hears all the lies.
    await one.until('the lie is believed, or all are told', async () =>
        (await one.payoutsTo(0))[0].state === 'included' || one.proxies.every(proxy => proxy.scripted === 0));
    one.proxies.forEach(proxy => proxy.heal());
    // Its number goes to a foreign transaction, so that no version of it can ever be mined.
    await useKey(one, waiting.nonce);
    one.bed.resumeMining();
    assert.equal((await one.untilExact()).list.length, 1);
});

test('one endpoint gone: nothing is final by the word of one alone', limit, async t => {
    const { one } = await underWay(t);
    one.proxies[1].down();
    one.bed.resumeMining();
    await one.until('it is on the chain', async () => await one.bed.balanceOf(one.payees[0]) === 10_000n);
    await sleep(3000);
    assert.notEqual((await one.payoutsTo(0))[0].state, 'final');
    one.proxies[1].up();
    assert.equal((await one.untilExact()).list.length, 1);
});

/** What a server says that must end at once, and not well. */
async function refusedStart(t, options) {
    const one = await scene(t, { ...options, serves: false });
    const server = new HttpServer(one.purse);
    t.after(() => server.kill());
    await server.begin().catch(() => {});
    const code = await one.until('its end', () => server.process.exitCode ?? server.process.signalCode);
    assert.ok(code > 0, `it ended with ${code}`);
    return server.errors;
}

test('another chain than the wallet names is refused at start, in a sentence', limit, async t => {
    const said = await refusedStart(t, { wallet: { chain: 'base' } });
    assert.match(said, /8453\b/);
    assert.match(said, /84532/);
});

test('a token that calls itself otherwise is refused at start, in a sentence', limit, async t => {
    const said = await refusedStart(t, { bed: { tokenName: 'USD Coin' } });
    assert.match(said, /USD Coin/);
});
