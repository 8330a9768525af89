// SPDX-License-Identifier: Apache-2.0
// What a chain and the people on it do to a payout engine: reorganisations, dear blocks, empty
// relayers, stolen nonces, strangers who submit what they see, a paused token, a blacklist.
import { setTimeout as sleep } from 'node:timers/promises';
import { authorizationCalls, quantity } from './token.mjs';

const gwei = 10n ** 9n;
export const plenty = 100n * 10n ** 18n;
const lookEvery = 25;
const looksMax = 80;

export class Weather {
    /** `options`: bed, proxies, purse (its keys), dice, note(text). */
    constructor(options) {
        Object.assign(this, options);
        this.counts = { reorgs: 0, takenBack: 0, spikes: 0, starved: 0, stolenNonces: 0, strangers: 0, pauses: 0, blacklisted: 0, drops: 0, outages: 0 };
    }

    /** All kinds but reorganisations, by name. */
    static kinds = ['spike', 'starve', 'steal', 'stranger', 'pause', 'blacklist', 'drop', 'outage'];

    /** One event; resolves when it is over. What the chain refuses now does not matter. */
    async happen(kind) {
        try {
            await this[kind]();
        } catch (error) {
            this.note(`${kind}: ${error.message.slice(0, 200)}`);
        }
    }

    #between(low, high) {
        return sleep(this.dice.between(low, high));
    }

    /**
     * Blocks vanish with what they held: one of ours, when one comes in time, and late enough that
     * it may have been seen. Sometimes a stranger has seen it too and brings it back.
     */
    async reorg() {
        for (let i = 0; i < looksMax && (await this.#authorizationsIn(1)).length === 0; ++i) await sleep(lookEvery);
        await this.#between(0, 350);
        const depth = this.dice.between(1, 3);
        const seen = await this.#authorizationsIn(depth);
        await this.bed.reorg(depth);
        this.counts.reorgs += 1;
        this.counts.takenBack += seen.length;
        this.note(`reorg of ${depth}, ${seen.length} authorizations in it`);
        if (this.dice.chance(0.3)) for (const call of seen) await this.#submit(call);
    }

    async #authorizationsIn(depth) {
        const latest = await this.bed.blockNumber();
        const tags = Array.from({ length: depth }, (_, i) => quantity(latest - i));
        const blocks = await this.bed.rpc.batch(tags.map(tag => ['eth_getBlockByNumber', tag, true]));
        return blocks.flatMap(block => block?.transactions ?? []).flatMap(one => authorizationCalls(one.to, one.input));
    }

    async spike() {
        await this.bed.setBaseFee(BigInt(this.dice.between(5, 120)) * gwei);
        this.counts.spikes += 1;
    }

    async starve() {
        const relayer = this.dice.pick(this.purse.relayers);
        await this.bed.giveEther(relayer.address, 0n);
        this.counts.starved += 1;
        await this.#between(1000, 4000);
        await this.bed.giveEther(relayer.address, plenty);
    }

    /** Somebody else uses a relayer's key. */
    async steal() {
        const relayer = this.dice.pick(this.purse.relayers);
        const first = await this.bed.nonceOf(relayer.address);
        if (this.dice.chance(0.3)) await this.bed.setNonce(relayer.address, first + this.dice.between(1, 3));
        else for (let i = 0; i < this.dice.between(1, 3); ++i) await this.#sendAs(relayer, first + i);
        this.counts.stolenNonces += 1;
    }

    async #sendAs(account, nonce) {
        const raw = await account.signTransaction({
            type: 'eip1559', chainId: this.bed.chainId, nonce, gas: 21_000n, to: account.address, value: 0n,
            maxFeePerGas: 600n * gwei, maxPriorityFeePerGas: 50n * gwei,
        });
        await this.bed.rpc.call('eth_sendRawTransaction', raw);
    }

    /** A stranger reads the pool until an authorization of ours waits there, and submits it first. */
    async stranger() {
        for (let i = 0; i < looksMax; ++i) {
            const calls = (await this.bed.pool()).flatMap(one => authorizationCalls(one.to, one.input));
            if (calls.length > 0) {
                await this.#submit(this.dice.pick(calls));
                return;
            }
            await sleep(lookEvery);
        }
    }

    async #submit({ token, data }) {
        const hash = await this.bed.rpc.call('eth_sendTransaction', {
            from: this.bed.stranger, to: token, data, gas: quantity(200_000), maxFeePerGas: quantity(2000n * gwei), maxPriorityFeePerGas: quantity(100n * gwei),
        });
        const receipt = await this.bed.receipt(hash, 2000);
        if (receipt?.status === '0x1') this.counts.strangers += 1;
    }

    async pause() {
        await this.bed.pause();
        this.counts.pauses += 1;
        await this.#between(800, 2500);
        await this.bed.unpause();
    }

    async blacklist() {
        const payee = this.dice.pick(this.purse.payees);
        await this.bed.blacklist(payee);
        this.counts.blacklisted += 1;
        await this.#between(1000, 4000);
        await this.bed.unBlacklist(payee);
    }

    async drop() {
        await this.bed.dropAll();
        this.counts.drops += 1;
    }

    /** One endpoint is gone. */
    async outage() {
        const proxy = this.dice.pick(this.proxies);
        proxy.down();
        this.counts.outages += 1;
        await this.#between(500, 3000);
        proxy.up();
    }

    /** Everything is as it should be, and stays so: no reorganisation may follow. */
    async clear() {
        for (const proxy of this.proxies) {
            proxy.heal();
            proxy.up();
        }
        await this.bed.setBaseFee(gwei);
        await this.bed.unpause();
        for (const payee of this.purse.payees) await this.bed.unBlacklist(payee);
        for (const relayer of this.purse.relayers) await this.bed.giveEther(relayer.address, plenty);
    }
}
