// SPDX-License-Identifier: Apache-2.0
// What real nodes ask of a replacement and Anvil does not: both caps at least 10 % higher. It
// remembers every raw transaction that went to the node, also for forged receipts.
import { parseTransaction, recoverTransactionAddress } from 'viem';
import { keccak256 } from 'viem/utils';

const remembered = 20_000;
const least = fee => (fee * 110n + 99n) / 100n;

export class StrictPool {
    #known = new Map();
    #slots = new Map();

    /** `rpc` asks the node itself. One pool stands for one node, whatever proxies lead to it. */
    constructor(rpc) {
        this.rpc = rpc;
        this.bumps = 0;
    }

    /** The transaction in `raw`, or null when it is none of type 2. */
    async read(raw) {
        let hash;
        try {
            hash = keccak256(raw);
            if (this.#known.has(hash)) return this.#known.get(hash);
            const transaction = parseTransaction(raw);
            if (transaction.type !== 'eip1559') return null;
            const from = await recoverTransactionAddress({ serializedTransaction: raw });
            const { to, data, nonce = 0, maxFeePerGas = 0n, maxPriorityFeePerGas = 0n } = transaction;
            const one = { hash, from, to, data, slot: `${from}:${nonce}`, maxFeePerGas, maxPriorityFeePerGas };
            this.#known.set(hash, one);
            if (this.#known.size > remembered) this.#known.delete(this.#known.keys().next().value);
            return one;
        } catch {
            return null;
        }
    }

    ofHash(hash) {
        return this.#known.get(hash);
    }

    /** Whether a node as strict as the real ones would refuse it as an underpriced replacement. */
    async refuses(one) {
        const held = this.#slots.get(one.slot);
        if (!held || held.hash === one.hash) return false;
        if (one.maxFeePerGas >= least(held.maxFeePerGas) && one.maxPriorityFeePerGas >= least(held.maxPriorityFeePerGas)) return false;
        const waiting = await this.rpc.call('eth_getTransactionByHash', held.hash);
        return Boolean(waiting && !waiting.blockHash);
    }

    /** The node has taken it. */
    took(one) {
        const held = this.#slots.get(one.slot);
        if (held && held.hash !== one.hash && !held.versions.has(one.hash)) this.bumps += 1;
        const versions = held?.versions ?? new Set();
        versions.add(one.hash);
        this.#slots.set(one.slot, { ...one, versions });
    }
}
