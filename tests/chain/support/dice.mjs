// SPDX-License-Identifier: Apache-2.0
// Chance that can be had again: the same seed, the same rolls.

export class Dice {
    #state;

    constructor(seed) {
        this.#state = seed >>> 0;
    }
    /** [0, 1); a 32-bit counter through a mixing function of multiplications and shifts. */
    next() {
        this.#state = (this.#state + 0x9e3779b9) >>> 0;
        let x = this.#state;
        x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
        x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
        return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
    }
    chance(probability) {
        return this.next() < probability;
    }
    /** A whole number from `low` to `high`, both included. */
    between(low, high) {
        return low + Math.floor(this.next() * (high - low + 1));
    }
    pick(list) {
        return list[this.between(0, list.length - 1)];
    }
    /** A key of { key: weight, ... }. */
    weighted(weights) {
        const entries = Object.entries(weights);
        let rest = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
        return (entries.find(([, weight]) => (rest -= weight) < 0) ?? entries.at(-1))[0];
    }
    hex(bytes) {
        return `0x${Array.from({ length: bytes }, () => this.between(0, 255).toString(16).padStart(2, '0')).join('')}`;
    }
}
