// SPDX-License-Identifier: Apache-2.0
// An agent's process with one of the shipped clients in it. Settings: one line of JSON in BUYER
// { buyer, key, shop, chainId, token, perPayment, cap, store }; orders: lines of JSON on standard
// input, each answered by a line with its id.
import { createInterface } from 'node:readline';

const settings = JSON.parse(process.env.BUYER);
// What a package says on standard output must not be taken for an answer.
const say = message => process.stdout.write(`${JSON.stringify(message)}\n`);
console.log = console.info = console.error;

const attemptsMax = 3;
const { open } = await import(`./buyers/${settings.buyer}.mjs`);
const buyer = await open(settings);

/** An agent that tries again until it has a yes or a no: { outcome: paid | refused | failed, why }. */
async function buy(item) {
    let why;
    for (let i = 0; i < attemptsMax; ++i) {
        try {
            const response = await buyer.pay(`${settings.shop}/item/${item}`);
            const text = await response.text();
            if (response.status === 200 && JSON.parse(text).item === item) return { item, outcome: 'paid' };
            why = `status ${response.status}`;
        } catch (error) {
            if (buyer.isRefusal(error)) return { item, outcome: 'refused', why: error.message };
            why = error.message;
        }
    }
    return { item, outcome: 'failed', why };
}

const orders = {
    buy: async ({ items }) => Promise.all(items.map(buy)),
    books: () => buyer.books(),
};

createInterface({ input: process.stdin })
    .on('line', async line => {
        const { id, order, ...rest } = JSON.parse(line);
        say({ id, result: await orders[order](rest) });
    })
    .on('close', () => process.exit(0));
say({ ready: true });
