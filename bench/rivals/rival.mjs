// SPDX-License-Identifier: Apache-2.0
// A shipped client under one torture: an account of its own with USDC on the chain, processes of
// buyer.mjs that share nothing but what the package lets them share, and the shop behind a door.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newAccount } from '../../tests/chain/support/keys.mjs';
import { topics, word } from '../../tests/chain/support/token.mjs';
import { Door } from './door.mjs';
import { Member } from './member.mjs';
import { sum } from './count.mjs';

const program = fileURLToPath(new URL('buyer.mjs', import.meta.url));
// Far more than any cap, so that only the package under test can say no.
const funds = 10_000_000_000n;
let runs = 0;

export class RivalRun {
    #members = [];
    #acknowledged = [];

    /** `options`: buyer (a file of buyers/), isShared (with a store of its package's own kind), losesReplies. */
    static async begin(world, { buyer, isShared, losesReplies }) {
        const run = new RivalRun();
        const account = newAccount();
        await world.bed.fund(account.address, funds);
        const lostOnce = new Set();
        const loses = request => {
            // The first reply to a payment for each item; what asks for the price goes through.
            if (!losesReplies || !request.headers['payment-signature'] || lostOnce.has(request.url)) return false;
            return Boolean(lostOnce.add(request.url));
        };
        const door = await Door.open(world.shop.url, loses);
        const settings = {
            buyer, key: account.key, shop: door.url, chainId: world.bed.chainId, token: world.bed.token.address,
            perPayment: world.perPayment, cap: world.cap,
            ...(isShared && { store: { connection: world.postgres.connection, name: `run-${++runs}` } }),
        };
        return Object.assign(run, { world, account, door, settings });
    }

    /** The next `count` answers of the shop reach their processes at one moment. */
    together(count) {
        this.door.together(count);
    }

    async start() {
        const { folder } = this.world;
        const cache = { NODE_COMPILE_CACHE: join(folder, 'compiled') };
        const env = { PATH: process.env.PATH, HOME: folder, ...cache, NODE_NO_WARNINGS: '1', BUYER: JSON.stringify(this.settings) };
        const member = await Member.start(process.execPath, [program], env, message => message.ready);
        this.#members.push(member);
        return {
            buy: async items => {
                const { result } = await member.ask({ order: 'buy', items });
                this.#acknowledged.push(...result.filter(one => one.outcome === 'paid').map(one => one.item));
                return result;
            },
            books: async () => (await member.ask({ order: 'books' })).result,
            kill: () => member.kill(),
            stop: () => member.stop(),
            isAlive: () => member.child.exitCode === null && member.child.signalCode === null,
        };
    }

    /** What happened, by chain, shop and books. `members`: those that still run. */
    async facts(members) {
        await this.door.idle();
        const paid = await this.#payments();
        const known = await Promise.all(members.map(one => one.books()));
        // A shared store is one book; else each process keeps its own.
        const counts = this.settings.store ? known.slice(0, 1) : known;
        return {
            payments: paid, acknowledged: this.#acknowledged, lostReplies: this.door.lost,
            known: counts.includes(null) ? null : counts.reduce((total, one) => total + one, 0),
        };
    }

    /** Every transfer of the account on the chain, with the item that the shop sold for it. */
    async #payments() {
        const { bed, shop } = this.world;
        const sent = [topics.transfer, word(this.account.address)];
        const logs = await bed.rpc.call('eth_getLogs', { address: bed.token.address, topics: sent, fromBlock: '0x0', toBlock: 'latest' });
        const payments = logs.map(log => ({ tx: log.transactionHash, amount: BigInt(log.data), item: shop.sold.get(log.transactionHash) }));
        const left = await bed.balanceOf(this.account.address);
        if (left !== funds - sum(payments.map(one => one.amount))) throw new Error('the balance and the transfers disagree');
        const unknown = payments.filter(one => one.item === undefined);
        if (unknown.length > 0) throw new Error(`the shop does not know ${unknown.map(one => one.tx)}`);
        return payments;
    }

    async end() {
        await Promise.all(this.#members.map(one => one.kill()));
        await this.door?.close();
    }
}
