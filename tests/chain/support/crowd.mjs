// SPDX-License-Identifier: Apache-2.0
// A crowd of clients that buy, and try again until each purchase is settled; also after the
// ledger was replaced by an older copy, with the keys they had.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, NoAnswer } from './client.mjs';
import { micro, usdc } from './purse.mjs';

const settlements = ['queued', 'submitted', 'paid', 'final', 'held', 'in_doubt'];
const olderAgain = 50;
// Soon enough for a refusal that says `after`.
const laterMs = 250;

export class Crowd {
    #client = new Client();
    #waiting = [];
    #clock = 0;
    #epoch = 0;
    #busy = 0;
    #isOver = false;

    /**
     * `options`: fleet (of servers), credentials, payees (how many services), dice, clients (at
     * once), violation(text), isBook (no wallet: settlements are only booked).
     */
    constructor(options) {
        Object.assign(this, options);
        this.purchases = [];
        this.counts = { settled: 0, retries: 0, refusals: 0, again: 0 };
        this.crowd = Array.from({ length: this.clients }, () => this.#work());
    }

    /** One more purchase; it will be settled, whatever it takes. */
    add() {
        const i = this.purchases.length;
        const estimate = BigInt(this.dice.between(1, 10_000));
        const actual = this.dice.chance(0.5) ? estimate : BigInt(this.dice.between(1, Number(estimate)));
        const purchase = {
            i, key: `purchase-${i}`, service: this.dice.between(0, this.payees - 1), estimate, actual,
            credential: this.dice.pick(this.credentials), txId: null, heldIn: -1, doneAt: 0, tries: 0,
        };
        this.purchases.push(purchase);
        this.#waiting.push(purchase);
    }

    get isIdle() {
        return this.#busy === 0 && this.#waiting.length === 0;
    }
    get unsettled() {
        return this.#busy + this.#waiting.length;
    }

    /** A moment: what was settled before it is in a copy of the ledger that is taken now. */
    mark() {
        return (this.#clock += 1);
    }

    /** The ledger is again what it was at `mark`: whatever it may have forgotten is bought again. */
    forget(mark) {
        this.#epoch += 1;
        const lost = this.purchases.filter(one => one.doneAt > mark);
        const kept = this.purchases.filter(one => one.doneAt > 0 && one.doneAt <= mark);
        for (let i = 0; i < olderAgain && kept.length > 0; ++i) lost.push(kept.splice(this.dice.between(0, kept.length - 1), 1)[0]);
        for (const one of lost) one.doneAt = 0;
        this.counts.again += lost.length;
        this.#waiting.unshift(...lost);
    }

    /** Micro-USDC by service: what all purchases come to, each counted once. */
    sums() {
        const sums = Array.from({ length: this.payees }, () => 0n);
        for (const { service, actual } of this.purchases) sums[service] += actual;
        return sums;
    }

    async end() {
        this.#isOver = true;
        await Promise.all(this.crowd);
        this.#client.close();
    }

    async #work() {
        while (!this.#isOver) {
            const purchase = this.#waiting.shift();
            if (!purchase) {
                await sleep(10);
                continue;
            }
            this.#busy += 1;
            try {
                await this.#buy(purchase);
            } catch (error) {
                this.violation(`purchase ${purchase.i}: ${error.message}`);
            }
            this.#busy -= 1;
        }
    }

    async #buy(purchase) {
        while (!this.#isOver) {
            const epoch = this.#epoch;
            try {
                if (await this.#hold(purchase, epoch) && await this.#settle(purchase, epoch)) return;
            } catch (error) {
                if (!(error instanceof NoAnswer)) throw error;
                this.counts.retries += 1;
            }
            await sleep(this.dice.between(10, 60));
        }
    }

    async #call(purchase, tool, args) {
        const base = this.fleet.someBase(this.dice);
        if (!base) throw new NoAnswer('no server');
        return this.#client.call(base, purchase.credential, tool, args);
    }

    async #hold(purchase, epoch) {
        if (purchase.txId && purchase.heldIn === epoch) return true;
        const args = { service: `s${purchase.service}`, estimatedCost: usdc(purchase.estimate), idempotencyKey: purchase.key };
        const answer = await this.#call(purchase, 'pay_preauthorize', args);
        if (epoch !== this.#epoch) return false;
        // A key keeps its refusal for ever: a later try needs another.
        if (!answer.ok && answer.retry === 'after') {
            purchase.key = `purchase-${purchase.i}-${++purchase.tries}`;
            await sleep(laterMs);
        }
        if (!answer.ok) return this.#refused(purchase, answer);
        if (purchase.heldIn === epoch && purchase.txId !== answer.txId) throw new Error(`two holds for one key: ${purchase.txId}, ${answer.txId}`);
        purchase.txId = answer.txId;
        purchase.heldIn = epoch;
        return true;
    }

    async #settle(purchase, epoch) {
        const answer = await this.#call(purchase, 'pay_settle', { txId: purchase.txId, actualCost: usdc(purchase.actual) });
        // An answer of a ledger that is gone says nothing of this one.
        if (epoch !== this.#epoch) return false;
        if (!answer.ok) return this.#refused(purchase, answer);
        if (micro(answer.captured) !== purchase.actual) throw new Error(`captured ${answer.captured}, not ${usdc(purchase.actual)}`);
        if (!this.isBook && !settlements.includes(answer.settlement)) throw new Error(`settlement is '${answer.settlement}'`);
        this.counts.settled += 1;
        purchase.doneAt = this.#clock + 1;
        return true;
    }

    /** A no that another try may turn into a yes; any other is a mistake. */
    #refused(purchase, answer) {
        this.counts.refusals += 1;
        if (['same_request', 'after'].includes(answer.retry)) return false;
        throw new Error(`refused: ${answer.reason}: ${answer.message}`);
    }
}
