// SPDX-License-Identifier: Apache-2.0
// The test bed stands for the real chain: its token says what the real one says, and what the
// chain, its owner and strangers do shows.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { startBed } from './support/bed.mjs';
import { Rpc } from './support/rpc.mjs';
import { authorizationCalls, encode, quantity, tokens } from './support/token.mjs';
import { signAuthorization } from './support/keys.mjs';

const limit = { timeout: 30_000 };
const payee = '0x00000000000000000000000000000000000c0ffe';

async function bedFor(t, options) {
    const bed = await startBed(options);
    t.after(() => bed.stop());
    return bed;
}

for (const [chainId, { name }] of tokens) {
    test(`chain ${chainId}: USDC calls itself ${name}, and its domain separator is the real one`, limit, async t => {
        // startBed itself compares with the published separator.
        const bed = await bedFor(t, { chainId });
        assert.equal(Number(await bed.rpc.call('eth_chainId')), chainId);
        assert.equal(bed.token.name, name);
        assert.ok((await bed.rpc.call('eth_getCode', bed.multicall3, 'latest')).length > 7000);
    });
}

test('an authorization pays once, whoever submits it; sums and nonces are read back', limit, async t => {
    const bed = await bedFor(t);
    const treasury = privateKeyToAccount(generatePrivateKey());
    await bed.fund(treasury.address, 5_000_000);
    const nonce = `0x${'17'.repeat(32)}`;
    const data = await signAuthorization(bed, treasury, { to: payee, value: 1_250_000n, nonce });
    assert.equal(await bed.authorizationState(treasury.address, nonce), false);
    await bed.does(bed.stranger, { to: bed.token.address, data });
    await assert.rejects(bed.does(bed.thief, { to: bed.token.address, data }), /authorization is used/);
    assert.equal(await bed.authorizationState(treasury.address, nonce), true);
    const { sums, list } = await bed.transfersFromTreasury(treasury.address);
    assert.deepEqual([[...sums], list.length], [[[payee, 1_250_000n]], 1]);
    assert.deepEqual(await bed.authorizationsUsed(treasury.address), [nonce]);
    assert.equal(await bed.balanceOf(payee), 1_250_000n);
    const [call] = authorizationCalls(bed.token.address, data);
    assert.deepEqual([call.nonce, call.value, call.payee.toLowerCase()], [nonce, 1_250_000n, payee]);
});

test('pause, blacklist, time, fees, nonces and dropped transactions', limit, async t => {
    const bed = await bedFor(t);
    await bed.pause();
    await assert.rejects(bed.does(bed.funder, { to: bed.token.address, data: encode('mint', payee, 1n) }), /paused/);
    await bed.unpause();
    await bed.blacklist(payee);
    assert.equal(await bed.isBlacklisted(payee), true);
    await bed.unBlacklist(payee);
    assert.equal(await bed.isBlacklisted(payee), false);
    await bed.giveEther(payee, 7n);
    assert.equal(await bed.rpc.call('eth_getBalance', payee, 'latest'), '0x7');
    await bed.setNonce(payee, 9);
    assert.equal(await bed.nonceOf(payee), 9);

    await bed.stopMining();
    const before = await bed.block('latest');
    const hash = await bed.rpc.call('eth_sendTransaction', { from: bed.thief, to: payee, gas: quantity(21_000), value: '0x1' });
    assert.equal((await bed.pool()).length, 1);
    await bed.dropAll();
    await bed.setBaseFee(50n * 10n ** 9n);
    await bed.increaseTime(1000);
    await bed.mine();
    const after = await bed.block('latest');
    assert.equal(after.baseFeePerGas, quantity(50n * 10n ** 9n));
    assert.ok(Number(after.timestamp) - Number(before.timestamp) >= 1000);
    assert.equal(await bed.rpc.call('eth_getTransactionReceipt', hash), null);
});

test('a reorganisation takes what was mined, but nothing final', limit, async t => {
    const bed = await bedFor(t, { slots: 2 });
    const { transactionHash } = await bed.does(bed.thief, { to: payee, value: '0x1' });
    const [latest, safe, final] = await Promise.all(['latest', 'safe', 'finalized'].map(async tag => Number((await bed.block(tag)).number)));
    assert.ok(latest - safe >= 1 && latest - final >= 3, `${latest} ${safe} ${final}`);
    await bed.reorg(3);
    assert.equal(await bed.rpc.call('eth_getTransactionReceipt', transactionHash), null);
    assert.throws(() => bed.reorg(5), /what is final/);
});

test('the command prints where everything is, and Anvil ends with it, however it ends', limit, async () => {
    for (const end of [child => child.stdin.end(), child => child.kill('SIGTERM'), child => child.kill('SIGKILL')]) {
        const began = Date.now();
        const child = spawn(process.execPath, [fileURLToPath(new URL('bed.mjs', import.meta.url))], { stdio: ['pipe', 'pipe', 'inherit'] });
        const [line] = await once(createInterface({ input: child.stdout }), 'line');
        const said = JSON.parse(line);
        assert.deepEqual([said.chainId, said.token, said.name, said.version], [84532, '0x036CbD53842c5426634e7929541eC2318f3dCF7e', 'USDC', '2']);
        assert.ok(Date.now() - began < 5000);
        const rpc = new Rpc(said.url);
        assert.equal(await rpc.call('eth_chainId'), '0x14a34');
        const ended = once(child, 'exit');
        end(child);
        await ended;
        await sleep(100);
        await assert.rejects(rpc.call('eth_chainId'), /ECONNREFUSED|ECONNRESET|socket hang up/);
        rpc.close();
    }
});
