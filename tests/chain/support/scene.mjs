// SPDX-License-Identifier: Apache-2.0
// What one scenario needs: a chain, two endpoints, a funded wallet, a server, a buyer.
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endOf } from '../../e2e/support/audit.mjs';
import { HttpServer } from '../../e2e/support/http.mjs';
import { startBed } from './bed.mjs';
import { Client } from './client.mjs';
import { allFinal, violations } from './invariant.mjs';
import { newAccount } from './keys.mjs';
import { FaultProxy } from './proxy.mjs';
import { micro, WalletPurse } from './purse.mjs';
import { StrictPool } from './strict_pool.mjs';
import { topics } from './token.mjs';
import { plenty } from './weather.mjs';

export const limit = { timeout: 90_000 };
const patience = 30_000;

/**
 * `options`: funded (micro-USDC of the treasury), ether (wei of each relayer), payees (how many),
 * relayers, wallet (members of wallet.json), bed (options of the chain), serves (false: no server yet).
 */
export async function scene(t, options = {}) {
    const { funded = 1_000_000_000n, ether = plenty, payees = 2, relayers = 1, wallet, serves = true } = options;
    const folder = mkdtempSync(join(tmpdir(), 'purse-chain-'));
    const bed = await startBed({ slots: 2, ...options.bed });
    t.after(() => bed.stop());
    const pool = new StrictPool(bed.rpc);
    const proxies = [];
    for (const seed of [1, 2]) proxies.push(await FaultProxy.start({ target: bed.url, pool, seed }));
    t.after(() => proxies.forEach(proxy => proxy.stop()));
    const addresses = Array.from({ length: payees }, () => newAccount().address.toLowerCase());
    const purse = new WalletPurse(folder, { endpoints: proxies.map(proxy => proxy.url), payees: addresses, relayers, wallet });
    t.after(() => endOf(purse));
    if (funded > 0n) await bed.fund(purse.treasury.address, funded);
    for (const relayer of purse.relayers) await bed.giveEther(relayer.address, ether);
    const one = new Scene({ t, bed, pool, proxies, purse, funded, credential: await purse.issue('buyer') });
    t.after(() => one.client.close());
    if (serves) await one.serve();
    return one;
}

export class Scene {
    #bought = new Map();
    #purchases = 0;

    constructor(parts) {
        Object.assign(this, parts);
        this.client = new Client();
        this.payees = this.purse.payees;
    }

    async serve() {
        this.server = await HttpServer.start(this.t, this.purse);
    }

    call(tool, args) {
        return this.client.call(this.server.base, this.credential, tool, args);
    }

    /** A hold, under a new key. */
    hold(cost, payee = 0) {
        return this.call('pay_preauthorize', { service: `s${payee}`, estimatedCost: cost, idempotencyKey: `buy-${this.#purchases++}` });
    }
    /** A hold and its settlement in full; the answer of pay_settle. */
    async buy(cost, payee = 0) {
        const hold = await this.until('a hold', async () => {
            const answer = await this.hold(cost, payee);
            // At first the treasury's balance is not known.
            assert.ok(answer.ok || answer.retry === 'after', JSON.stringify(answer));
            return answer.ok && answer;
        });
        return this.settle(hold.txId, cost, payee);
    }
    async settle(txId, cost, payee = 0) {
        const settled = await this.call('pay_settle', { txId, actualCost: cost });
        assert.ok(settled.ok, JSON.stringify(settled));
        this.#bought.set(this.payees[payee], (this.#bought.get(this.payees[payee]) ?? 0n) + micro(cost));
        return settled;
    }

    /** The payouts to one payee, in order. */
    async payoutsTo(payee) {
        const { payouts } = await this.purse.payouts();
        return payouts.filter(one => one.payee.toLowerCase() === this.payees[payee]).toSorted((a, b) => a.k - b.k);
    }

    /** What `look` gives, once it is anything; asked again and again. */
    async until(what, look, time = patience) {
        for (const stop = Date.now() + time; Date.now() < stop; await sleep(50)) {
            const seen = await look();
            if (seen) return seen;
        }
        const { payouts, payees } = await this.purse.payouts();
        return assert.fail(`${what}: not in ${time} ms; ${JSON.stringify({ payouts, payees })}`);
    }
    /** The last payout to a payee, once it is in this state (or one of these). */
    untilPayout(payee, states, time) {
        const wanted = [states].flat();
        return this.until(`a payout that is ${wanted}`, async () => {
            const last = (await this.payoutsTo(payee)).at(-1);
            return last && wanted.includes(last.state) && last;
        }, time);
    }
    /** An authorization of ours that waits in the node's pool. */
    untilInPool() {
        return this.until('a payout in the pool', async () => (await this.bed.pool()).find(one => this.purse.relayers.some(relayer => relayer.address.toLowerCase() === one.from.toLowerCase())));
    }

    /** Waits until everything is final, then holds chain, purchases and books against each other. */
    async untilExact() {
        await this.until('everything is final', async () => allFinal(await this.purse.payouts()));
        const { bed, purse } = this;
        const treasury = purse.treasury.address;
        const transfers = await bed.transfersFromTreasury(treasury);
        const wrong = violations({
            bought: this.#bought, transfers, used: await bed.authorizationsUsed(treasury), canceled: await bed.authorizationsUsed(treasury, topics.canceled),
            books: await purse.payouts(), funded: this.funded, left: await bed.balanceOf(treasury),
            name: { ledger: `0x${purse.ledger}`, chainId: bed.chainId, token: bed.token.address, treasury },
        });
        assert.deepEqual(wrong, []);
        const reconciled = await purse.reconcile();
        assert.equal(reconciled.code, 0, reconciled.stdout + reconciled.stderr);
        const journal = await purse.verifyJournal();
        assert.equal(journal.code, 0, journal.stdout + journal.stderr);
        return transfers;
    }

    async topUp(amount) {
        await this.bed.fund(this.purse.treasury.address, amount);
        this.funded += amount;
    }
    async giveEther(wei = plenty) {
        for (const relayer of this.purse.relayers) await this.bed.giveEther(relayer.address, wei);
    }
}

