// SPDX-License-Identifier: Apache-2.0
// The faulty endpoint does what each of its faults says, and nothing else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { zeroAddress, startBed } from './support/bed.mjs';
import { exchangeClasses, FaultProxy, itemClasses } from './support/proxy.mjs';
import { Rpc } from './support/rpc.mjs';
import { StrictPool } from './support/strict_pool.mjs';

const limit = { timeout: 30_000 };
const ether = 10n ** 18n;
let bed;

before(async () => (bed = await startBed()), limit);
after(() => bed.stop());

/** A proxy before the bed, and a client of it. */
async function endpoint(t, options = {}) {
    const proxy = await FaultProxy.start({ target: bed.url, ...options });
    const rpc = new Rpc(proxy.url);
    t.after(() => (rpc.close(), proxy.stop()));
    return { proxy, rpc };
}

/** An account with ether that signs. */
async function payer() {
    const account = privateKeyToAccount(generatePrivateKey());
    await bed.giveEther(account.address, ether);
    const sign = (nonce, fees = {}) => account.signTransaction({
        chainId: bed.chainId, type: 'eip1559', nonce, gas: 21_000n, to: zeroAddress, value: 1n,
        maxFeePerGas: 20n * 10n ** 9n, maxPriorityFeePerGas: 10n ** 9n, ...fees,
    });
    return { address: account.address, sign };
}

const raw = (rpc, bytes) => rpc.call('eth_sendRawTransaction', bytes);
const body = (method, ...params) => JSON.stringify({ jsonrpc: '2.0', id: 7, method, params });

test('without faults it says what the node says, one by one and in batches', limit, async t => {
    const { proxy, rpc } = await endpoint(t);
    assert.equal(await rpc.call('eth_chainId'), '0x14a34');
    assert.deepEqual(await rpc.batch([['eth_chainId'], ['eth_getCode', zeroAddress, 'latest']]), ['0x14a34', '0x']);
    await assert.rejects(rpc.call('eth_nothing'), { code: -32601 });
    assert.equal((await rpc.post('{')).status, 400);
    assert.equal(proxy.log.length, 0);
});

test('lost: the node never sees it', limit, async t => {
    const { proxy, rpc } = await endpoint(t);
    const { address, sign } = await payer();
    proxy.script('lost');
    await assert.rejects(raw(rpc, await sign(0)), /socket hang up|ECONNRESET/);
    await bed.mine();
    assert.equal(await bed.nonceOf(address), 0);
    assert.deepEqual([proxy.counts.lost, proxy.log[0].items], [1, ['1 eth_sendRawTransaction']]);
});

for (const [fault, check] of Object.entries({
    cut: answer => assert.rejects(answer, /socket hang up|ECONNRESET/),
    bad_gateway: async answer => assert.equal((await answer).status, 502),
    truncated: async answer => assert.throws(() => JSON.parse((answer).text)),
    delay: answer => assert.rejects(answer, /no answer in 300 ms/),
    huge: async answer => assert.ok((await answer).text.length > 1024 * 1024),
})) {
    test(`${fault}: the node has done it, the client cannot know`, limit, async t => {
        const { proxy, rpc } = await endpoint(t, { delayMs: 1000, hugeBytes: 1024 * 1024 });
        const { address, sign } = await payer();
        proxy.script(fault);
        const answer = rpc.post(body('eth_sendRawTransaction', await sign(0)), { timeout: 300 });
        await check(fault === 'truncated' ? await answer : answer);
        await bed.mine();
        assert.equal(await bed.nonceOf(address), 1);
        assert.equal(proxy.counts[fault], 1);
    });
}

test('too_many and rate_limited: 429, and the two forms of -32016', limit, async t => {
    const { proxy, rpc } = await endpoint(t);
    proxy.script('too_many', { class: 'rate_limited', times: 20 });
    assert.equal((await rpc.post(body('eth_chainId'))).status, 429);
    const errors = [];
    for (let i = 0; i < 20; ++i) errors.push(await rpc.call('eth_chainId').catch(error => error));
    assert.deepEqual([...new Set(errors.map(error => error.code))].toSorted(), [-32000, -32016]);
    assert.ok(errors.every(error => error.words.includes('over rate limit')));
    assert.equal(await rpc.call('eth_chainId'), '0x14a34');
});

test('duplicate: the node is asked twice, the second answer comes back', limit, async t => {
    const { proxy, rpc } = await endpoint(t);
    const { sign } = await payer();
    proxy.script('duplicate');
    await assert.rejects(raw(rpc, await sign(0)), /already (imported|known)|nonce too low/);
});

test('null_receipt: for k polls, then the truth', limit, async t => {
    const { proxy, rpc } = await endpoint(t);
    const { sign } = await payer();
    const hash = await raw(rpc, await sign(0));
    assert.ok(await bed.receipt(hash));
    proxy.script({ class: 'null_receipt', polls: 3 });
    const polls = [];
    for (let i = 0; i < 4; ++i) polls.push(await rpc.call('eth_getTransactionReceipt', hash));
    assert.deepEqual(polls.map(Boolean), [false, false, false, true]);
});

test('forged_receipt: a success with all its logs in a block that is not there', limit, async t => {
    const { proxy, rpc } = await endpoint(t);
    const { sign } = await payer();
    const nobodys = `0x${'ab'.repeat(32)}`;
    proxy.script('forged_receipt', 'forged_receipt');
    const made = await rpc.call('eth_getTransactionReceipt', nobodys);
    assert.deepEqual([made.status, made.transactionHash], ['0x1', nobodys]);
    const hash = await raw(rpc, await sign(0));
    const real = await bed.receipt(hash);
    const forged = await rpc.call('eth_getTransactionReceipt', hash);
    assert.equal(forged.blockNumber, real.blockNumber);
    assert.notEqual(forged.blockHash, real.blockHash);
    assert.equal((await rpc.call('eth_getTransactionReceipt', hash)).blockHash, real.blockHash);
});

test('stale_count: one less, and never below zero', limit, async t => {
    const { proxy, rpc } = await endpoint(t);
    const { address } = await payer();
    await bed.setNonce(address, 5);
    proxy.script('stale_count', { class: 'stale_count', method: 'eth_getTransactionCount' });
    assert.equal(await rpc.call('eth_getTransactionCount', address, 'latest'), '0x4');
    assert.equal(await rpc.call('eth_getTransactionCount', zeroAddress, 'latest'), '0x0');
    assert.equal(await rpc.call('eth_getTransactionCount', address, 'latest'), '0x5');
});

test('frozen_head: no new block for a while', limit, async t => {
    const { proxy, rpc } = await endpoint(t, { frozenMs: 400 });
    proxy.script('frozen_head');
    const heads = () => rpc.batch(['latest', 'safe', 'finalized'].map(tag => ['eth_getBlockByNumber', tag, false]));
    const first = await heads();
    await bed.mine(3);
    assert.deepEqual(await heads(), first);
    assert.equal(await rpc.call('eth_blockNumber'), first[0].number);
    await new Promise(resolve => setTimeout(resolve, 450));
    assert.ok(Number((await heads())[0].number) >= Number(first[0].number) + 3);
});

test('wrong_chain and insufficient', limit, async t => {
    const { proxy, rpc } = await endpoint(t);
    const { address, sign } = await payer();
    proxy.script('wrong_chain', 'insufficient');
    assert.equal(await rpc.call('eth_chainId'), '0xdead');
    await assert.rejects(raw(rpc, await sign(0)), /insufficient funds for gas \* price \+ value: have \d+ want \d+/);
    await bed.mine();
    assert.equal(await bed.nonceOf(address), 0);
});

test('a replacement must raise both caps by a tenth, through whichever endpoint', limit, async t => {
    const pool = new StrictPool(bed.rpc);
    const [one, two] = [await endpoint(t, { pool }), await endpoint(t, { pool })];
    const { address, sign } = await payer();
    await bed.stopMining();
    t.after(() => bed.resumeMining());
    const gwei = 10n ** 9n;
    const fees = (cap, tip) => ({ maxFeePerGas: cap, maxPriorityFeePerGas: tip });
    await raw(one.rpc, await sign(0, fees(20n * gwei, gwei)));
    for (const [cap, tip] of [[21n * gwei, 2n * gwei], [40n * gwei, gwei], [22n * gwei, (gwei * 109n) / 100n]])
        await assert.rejects(raw(two.rpc, await sign(0, fees(cap, tip))), /replacement transaction underpriced/);
    await raw(two.rpc, await sign(0, fees(22n * gwei, (gwei * 110n) / 100n)));
    assert.deepEqual([two.proxy.counts.underpriced, pool.bumps], [3, 1]);
    await bed.mine();
    assert.equal(await bed.nonceOf(address), 1);
});

test('receipts carry the L1 fee of a rollup; pending is answered as latest', limit, async t => {
    const { rpc } = await endpoint(t);
    const { address, sign } = await payer();
    const hash = await raw(rpc, await sign(0));
    await bed.receipt(hash);
    assert.equal((await rpc.call('eth_getTransactionReceipt', hash)).l1Fee, '0x2540be400');
    await bed.stopMining();
    t.after(() => bed.resumeMining());
    await raw(rpc, await sign(1));
    assert.equal(await rpc.call('eth_getTransactionCount', address, 'pending'), '0x1');
    assert.equal(await bed.rpc.call('eth_getTransactionCount', address, 'pending'), '0x2');
});

test('in a batch only some items meet a fault of items', limit, async t => {
    const { proxy, rpc } = await endpoint(t);
    proxy.script({ class: 'rate_limited', method: 'eth_gasPrice' });
    const answers = await rpc.send(['eth_chainId', 'eth_gasPrice', 'eth_blockNumber'].map((method, id) => ({ jsonrpc: '2.0', id, method, params: [] })));
    assert.deepEqual(answers.map(answer => [answer.id, Boolean(answer.error)]), [[0, false], [1, true], [2, false]]);
});

test('by chance: the rate holds, every class comes, the same seed does the same, healing ends it', limit, async t => {
    const counts = [];
    for (let run = 0; run < 2; ++run) {
        const { proxy, rpc } = await endpoint(t, { seed: 42, rate: 0.3, delayMs: 5, hugeBytes: 100_000, frozenMs: 1, weights: { huge: 1 } });
        const calls = [['eth_getTransactionReceipt', `0x${'cd'.repeat(32)}`], ['eth_getTransactionCount', zeroAddress, 'latest'], ['eth_chainId'],
            ['eth_blockNumber'], ['eth_sendRawTransaction', '0x02']];
        const items = calls.map(([method, ...params], id) => ({ jsonrpc: '2.0', id, method, params }));
        for (let i = 0; i < 1500; ++i) await rpc.post(JSON.stringify(items)).catch(() => {});
        const met = Object.values(proxy.counts).reduce((sum, count) => sum + count);
        assert.ok(met > 380 && met < 520, `${met} of 1500`);
        for (const name of [...exchangeClasses, ...itemClasses]) assert.ok(proxy.counts[name] > 0, name);
        assert.ok(proxy.log.length > 0 && proxy.log.length <= 2000);
        counts.push({ ...proxy.counts });
        proxy.heal();
        for (let i = 0; i < 50; ++i) assert.equal(await rpc.call('eth_chainId'), '0x14a34');
    }
    assert.deepEqual(counts[0], counts[1]);
});
