// SPDX-License-Identifier: Apache-2.0
// The test bed: Anvil with the real USDC where the real chain has it, and hands to do what a
// chain, its users and the token's owner may do.
import assert from 'node:assert/strict';
import { arch, platform } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { getContractAddress } from 'viem/utils';
import { endOf, killHard, spawnBound } from './child.mjs';
import { Rpc } from './rpc.mjs';
import * as usdc from './token.mjs';

const { asBool, encode, quantity } = usdc;

const names = { x64: 'amd64', arm64: 'arm64' };
const anvil = fileURLToPath(new URL(`../node_modules/@foundry-rs/anvil-${platform()}-${names[arch()]}/bin/anvil`, import.meta.url));

// Anvil's own unlocked accounts, by their place in its list.
const roles = { owner: 0, funder: 1, stranger: 2, thief: 3 };
const admin = '0x00000000000000000000000000000000000000ad';
const minterAllowance = 2n ** 60n;
const ownFee = quantity(2_000n * 10n ** 9n);

export const zeroAddress = `0x${'0'.repeat(40)}`;

/**
 * `options`: chainId (8453, 84532, 31337), blockTime in seconds (null: a block a transaction),
 * slots (safe is `slots` blocks behind the latest, finalized twice that), gasLimit, tokenName
 * (another than the chain's own, to see it refused).
 */
export async function startBed(options = {}) {
    const bed = new Bed({ chainId: 84532, blockTime: 0.2, slots: 1, gasLimit: 1_000_000_000n, ...options });
    try {
        await bed.begin();
    } catch (error) {
        await bed.stop();
        throw error;
    }
    return bed;
}

export class Bed {
    constructor(options) {
        this.options = options;
        this.chainId = options.chainId;
        const known = usdc.tokens.get(options.chainId);
        assert.ok(known, `no USDC is known for chain ${options.chainId}`);
        this.token = { ...known, name: options.tokenName ?? known.name };
        this.multicall3 = usdc.multicall3;
    }

    async begin() {
        const { chainId, blockTime, slots, gasLimit } = this.options;
        const args = ['-p', '0', '--chain-id', chainId, '--slots-in-an-epoch', slots, '--gas-limit', gasLimit,
            ...(blockTime === null ? [] : ['-b', blockTime])];
        this.process = spawnBound(anvil, args.map(String), { stdio: ['ignore', 'pipe', 'inherit'] });
        this.ended = endOf(this.process);
        this.url = await new Promise((resolve, reject) => {
            // It is read to the end, so that Anvil never waits for a full pipe.
            createInterface({ input: this.process.stdout }).on('line', line => {
                const said = /^Listening on (\S+)$/.exec(line);
                if (said) resolve(`http://${said[1]}`);
            });
            this.process.on('error', reject);
            this.ended.then(({ code, signal }) => reject(new Error(`Anvil ended with ${code ?? signal}`)));
        });
        this.rpc = new Rpc(this.url);
        const accounts = await this.rpc.call('eth_accounts');
        for (const [role, place] of Object.entries(roles)) this[role] = accounts[place];
        await this.#deploy();
        await this.#check();
    }

    async #deploy() {
        const { owner, token } = this;
        const at = nonce => getContractAddress({ from: owner, nonce: BigInt(nonce) });
        const [library, implementation, proxy, multicall] = [0, 1, 2, 3].map(at);
        const proxyArgument = implementation.slice(2).toLowerCase().padStart(64, '0');
        const calls = [
            { data: usdc.libraryCode() },
            { data: usdc.tokenCode(library) },
            { data: usdc.proxyCode() + proxyArgument },
            { data: await usdc.multicall3Creation() },
        ];
        await this.#sendAll(calls);
        const [proxyRuntime, multicallRuntime] = await this.rpc.batch([proxy, multicall].map(one => ['eth_getCode', one, 'latest']));
        await this.rpc.batch([
            ['anvil_setCode', token.address, proxyRuntime],
            ['anvil_setStorageAt', token.address, usdc.slots.implementation, usdc.word(implementation)],
            ['anvil_setStorageAt', token.address, usdc.slots.admin, usdc.word(admin)],
            ['anvil_setCode', this.multicall3, multicallRuntime],
        ]);
        await this.#sendAll([
            encode('initialize', token.name, 'USDC', 'USD', 6, owner, owner, owner, owner),
            encode('initializeV2', token.name),
            encode('initializeV2_1', owner),
            encode('initializeV2_2', [], 'USDC'),
            encode('configureMinter', owner, minterAllowance),
            encode('mint', this.funder, 10n ** 15n),
        ].map(data => ({ to: token.address, data })));
        // A reorganisation must not reach what was just built.
        await this.mine(10);
    }

    /** In the order given, in one block. */
    async #sendAll(calls) {
        const hashes = await this.rpc.batch(calls.map(call =>
            ['eth_sendTransaction', { from: this.owner, gas: quantity(8_000_000), maxFeePerGas: ownFee, ...call }]));
        await this.mine(1);
        const receipts = await this.rpc.batch(hashes.map(hash => ['eth_getTransactionReceipt', hash]));
        receipts.forEach((receipt, i) => assert.equal(receipt?.status, '0x1', `transaction ${i} of the test bed: ${JSON.stringify(receipt)}`));
    }

    /** The token must say of itself what the real chain's says. */
    async #check() {
        const { address, name, version } = this.token;
        const ask = data => ['eth_call', { to: address, data: encode(data) }, 'latest'];
        const said = await this.rpc.batch([ask('DOMAIN_SEPARATOR'), ask('name'), ask('version'), ask('decimals')]);
        assert.equal(said[0], usdc.domainSeparator({ chainId: this.chainId, address, name, version }));
        if (this.token.separator && !this.options.tokenName) assert.equal(said[0], this.token.separator, 'the domain separator of the real chain');
        assert.deepEqual([usdc.asText(said[1]), usdc.asText(said[2]), Number(said[3])], [name, version, 6]);
    }

    // What the token says.

    async #view(at, ...call) {
        return this.rpc.call('eth_call', { to: this.token.address, data: encode(...call) }, at);
    }
    async balanceOf(account, at = 'latest') {
        return BigInt(await this.#view(at, 'balanceOf', account));
    }
    async authorizationState(authorizer, nonce, at = 'latest') {
        return asBool(await this.#view(at, 'authorizationState', authorizer, nonce));
    }
    async isPaused() {
        return asBool(await this.#view('latest', 'paused'));
    }
    async isBlacklisted(account) {
        return asBool(await this.#view('latest', 'isBlacklisted', account));
    }

    /** { sums: Map payee -> micro-USDC, list: [{ payee, value, block, tx, index }] } up to `at`. */
    async transfersFromTreasury(treasury, at = 'latest') {
        const logs = await this.#logs([usdc.topics.transfer, usdc.word(treasury)], at);
        const list = logs.map(log => ({
            payee: usdc.addressOf(log.topics[2]), value: BigInt(log.data),
            block: Number(log.blockNumber), tx: log.transactionHash, index: Number(log.logIndex),
        }));
        const sums = new Map();
        for (const { payee, value } of list) sums.set(payee, (sums.get(payee) ?? 0n) + value);
        return { sums, list };
    }

    /** The nonces of AuthorizationUsed (or, by the topic, AuthorizationCanceled) of `treasury`. */
    async authorizationsUsed(treasury, topic = usdc.topics.used) {
        return (await this.#logs([topic, usdc.word(treasury)], 'latest')).map(log => log.topics[2]);
    }

    #logs(topics, toBlock) {
        return this.rpc.call('eth_getLogs', { address: this.token.address, topics, fromBlock: '0x0', toBlock });
    }

    // What people do.

    /** Mints `micro` USDC to an account. */
    fund(account, micro) {
        return this.#ownerDoes(encode('mint', account, BigInt(micro)));
    }
    giveEther(account, wei) {
        return this.rpc.call('anvil_setBalance', account, quantity(wei));
    }
    pause() {
        return this.#ownerUntil(encode('pause'), () => this.isPaused());
    }
    unpause() {
        return this.#ownerUntil(encode('unpause'), async () => !(await this.isPaused()));
    }
    blacklist(account) {
        return this.#ownerUntil(encode('blacklist', account), () => this.isBlacklisted(account));
    }
    unBlacklist(account) {
        return this.#ownerUntil(encode('unBlacklist', account), async () => !(await this.isBlacklisted(account)));
    }

    #ownerDoes(data) {
        return this.does(this.owner, { to: this.token.address, data });
    }

    /** What the owner does may be undone by a reorganisation: again, until the token says so. */
    async #ownerUntil(data, isDone) {
        for (let i = 0; i < 20; ++i) {
            if (await isDone()) return;
            await this.#ownerDoes(data).catch(() => {});
        }
        assert.ok(await isDone(), 'the token does not do what its owner says');
    }

    /** A transaction of an unlocked account; its receipt, once it has succeeded. */
    async does(from, call) {
        const hash = await this.rpc.call('eth_sendTransaction', { from, gas: quantity(300_000), maxFeePerGas: ownFee, ...call });
        const receipt = await this.receipt(hash);
        if (receipt?.status === '0x1') return receipt;
        const why = receipt ? await this.rpc.call('eth_call', { from, ...call }, 'latest').catch(error => error.words) : 'never mined';
        throw new Error(`a transaction of ${from} failed: ${why}`);
    }

    /** Of a transaction, once it is mined; null when it is not in `time` ms. */
    async receipt(hash, time = 5000) {
        for (const stop = Date.now() + time; Date.now() < stop;) {
            const receipt = await this.rpc.call('eth_getTransactionReceipt', hash);
            if (receipt) return receipt;
            await sleep(20);
        }
        return null;
    }

    // What the chain does.

    mine(blocks = 1) {
        return this.rpc.call('anvil_mine', quantity(blocks), '0x0');
    }
    async blockNumber() {
        return Number(await this.rpc.call('eth_blockNumber'));
    }
    block(tag) {
        return this.rpc.call('eth_getBlockByNumber', tag, false);
    }
    /** Replaces the last `depth` blocks by empty ones; never a finalized block. */
    reorg(depth = 1) {
        const most = 2 * this.options.slots;
        assert.ok(depth <= most, `${depth} blocks would reach what is final; at most ${most}`);
        return this.rpc.call('anvil_reorg', depth, []);
    }
    setBaseFee(wei) {
        return this.rpc.call('anvil_setNextBlockBaseFeePerGas', quantity(wei));
    }
    setNonce(account, nonce) {
        return this.rpc.call('anvil_setNonce', account, quantity(nonce));
    }
    async nonceOf(account) {
        return Number(await this.rpc.call('eth_getTransactionCount', account, 'latest'));
    }
    dropAll() {
        return this.rpc.call('anvil_dropAllTransactions');
    }
    increaseTime(seconds) {
        return this.rpc.call('evm_increaseTime', Number(seconds));
    }
    /** No block is made but by mine() until resumed. */
    stopMining() {
        clearInterval(this.pump);
        return this.rpc.call('evm_setIntervalMining', 0);
    }
    /** As before: Anvil itself takes no fractions of a second here. */
    resumeMining() {
        clearInterval(this.pump);
        this.pump = setInterval(() => this.mine().catch(() => {}), 1000 * (this.options.blockTime ?? 0.2));
    }

    /** All transactions that wait, as the pool shows them. */
    async pool() {
        const { pending, queued } = await this.rpc.call('txpool_content');
        return [pending, queued].flatMap(part => Object.values(part).flatMap(Object.values));
    }

    async stop() {
        clearInterval(this.pump);
        this.rpc?.close();
        if (this.process) await killHard(this.process);
    }
}
