// SPDX-License-Identifier: Apache-2.0
// A JSON-RPC endpoint that fails and lies as real ones do: a seeded proxy before a node. Each HTTP
// exchange meets at most one fault, of the exchange itself or of some of its items.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Dice } from './dice.mjs';
import { itemFaults } from './item_faults.mjs';
import { Rpc } from './rpc.mjs';
import { StrictPool } from './strict_pool.mjs';

const bodyMax = 4 * 1024 * 1024;
const logMax = 2000;

/** Faults of a whole exchange, and how often each is met among all. */
const exchangeWeights = {
    lost: 3, // nothing reaches the node
    cut: 3, // the node has done it, the answer is lost
    bad_gateway: 3, // likewise, and the client reads 502
    too_many: 2, // HTTP 429, nothing reaches the node
    delay: 1, // done at once, answered after the client's patience
    duplicate: 2, // done twice, the second answer given
    truncated: 1, // done, half of the JSON
    huge: 0.1, // done, a body without end
};
export const exchangeClasses = Object.keys(exchangeWeights);
const itemWeights = Object.fromEntries(Object.entries(itemFaults).map(([name, { weight }]) => [name, weight]));
export const itemClasses = Object.keys(itemFaults);

export class FaultProxy {
    #server;
    #sockets = new Set();
    #script = [];

    /**
     * `options`: target (a url), seed, rate (of exchanges that meet a fault, 0 to 1), weights (by
     * class, over the defaults), pool (a StrictPool, shared by all proxies of one node), delayMs,
     * hugeBytes, frozenMs, nullPolls.
     */
    constructor({ target, seed = 1, rate = 0, weights = {}, pool, delayMs = 1000, hugeBytes = 64 * 1024 * 1024, frozenMs = 1500, nullPolls = 5 }) {
        this.rpc = new Rpc(target);
        this.pool = pool ?? new StrictPool(this.rpc);
        this.dice = new Dice(seed);
        Object.assign(this, { rate, delayMs, hugeBytes, frozenMs, nullPolls });
        this.weights = { ...exchangeWeights, ...itemWeights, ...weights };
        this.counts = Object.fromEntries([...exchangeClasses, ...itemClasses, 'underpriced'].map(name => [name, 0]));
        this.exchanges = 0;
        this.log = [];
        /** Of the faults that last: receipts that stay null, a head that stands still. */
        this.memory = { nulls: new Map(), frozen: null };
    }

    static async start(options) {
        const proxy = new FaultProxy(options);
        proxy.#server = createServer((request, response) => proxy.#serve(request, response).catch(() => response.destroy()));
        proxy.#server.on('connection', socket => {
            proxy.#sockets.add(socket);
            socket.on('close', () => proxy.#sockets.delete(socket)).on('error', () => {});
        });
        await new Promise(resolve => proxy.#server.listen(0, '127.0.0.1', resolve));
        proxy.url = `http://127.0.0.1:${proxy.#server.address().port}`;
        return proxy;
    }

    /**
     * What the next exchanges meet, before any chance: names of classes, or { class, method, times,
     * ... }. With `method` it waits for an exchange with that method. Other members stand for the
     * options of this proxy: { class: 'null_receipt', polls: 3 }, { class: 'delay', delayMs: 50 },
     * { class: 'forged_receipt', block: '0x5', all: true } for all items that it fits.
     */
    script(...faults) {
        for (const fault of faults) {
            const one = typeof fault === 'string' ? { class: fault } : fault;
            if (!(one.class in this.counts)) throw new Error(`there is no fault '${one.class}'`);
            this.#script.push(...Array.from({ length: one.times ?? 1 }, () => one));
        }
    }
    /** How many scripted faults have not been met yet. */
    get scripted() {
        return this.#script.length;
    }

    /** From now on an honest endpoint. */
    heal() {
        this.rate = 0;
        this.#script = [];
        this.memory.nulls.clear();
        this.memory.frozen = null;
    }

    /** As an endpoint that is down: connections are cut, none is taken, until `up`. */
    down() {
        this.isDown = true;
        for (const socket of this.#sockets) socket.destroy();
    }
    up() {
        this.isDown = false;
    }

    stop() {
        this.#server.close();
        for (const socket of this.#sockets) socket.destroy();
        this.rpc.close();
    }

    async #serve(request, response) {
        if (this.isDown) return request.socket.destroy();
        const message = await readJson(request);
        if (message === undefined) return void response.writeHead(400).end();
        const items = [message].flat();
        this.exchanges += 1;
        const fault = this.#choose(items);
        if (fault) this.#note(fault, items);
        const isOfExchange = fault && fault.class in exchangeWeights;
        const before = isOfExchange && unforwarded[fault.class];
        if (before) return before(request, response);
        const text = JSON.stringify(await this.#answer(message, items, isOfExchange ? null : fault));
        if (!isOfExchange) return void response.writeHead(200, { 'Content-Type': 'application/json' }).end(text);
        const again = fault.class === 'duplicate' ? JSON.stringify(await this.#answer(message, items, null)) : text;
        return forwarded[fault.class](request, response, again, { ...this.#settings(), ...fault });
    }

    #settings() {
        const { delayMs, hugeBytes, frozenMs, nullPolls } = this;
        return { delayMs, hugeBytes, frozenMs, polls: nullPolls };
    }

    /** The fault of this exchange; null for most. */
    #choose(items) {
        const applies = fault => {
            if (fault.method && !items.some(item => item.method === fault.method)) return false;
            const ofItem = itemFaults[fault.class];
            return !ofItem || items.some(item => ofItem.methods === null || ofItem.methods.includes(item.method));
        };
        const place = this.#script.findIndex(applies);
        if (place >= 0) return this.#script.splice(place, 1)[0];
        if (!this.dice.chance(this.rate)) return null;
        const usable = Object.entries(this.weights).filter(([name, weight]) => weight > 0 && applies({ class: name }));
        return usable.length === 0 ? null : { class: this.dice.weighted(Object.fromEntries(usable)) };
    }

    #note(fault, items) {
        this.counts[fault.class] += 1;
        this.log.push({ exchange: this.exchanges, at: Date.now(), fault: fault.class, items: items.map(({ id, method }) => `${id} ${method}`) });
        if (this.log.length > logMax) this.log.splice(0, logMax / 2);
    }

    /** What the node says to these items, as a fault of items leaves it. */
    async #answer(message, items, fault) {
        const settings = { ...this.#settings(), ...fault };
        const meets = this.#itemsThatMeet(items, fault);
        const own = new Map();
        for (const item of items) {
            const answer = await this.#answerOwn(item, meets.has(item) ? fault : null, settings);
            if (answer) own.set(item, { jsonrpc: '2.0', id: item.id ?? null, ...answer });
        }
        const rest = items.filter(item => !own.has(item)).map(withoutPending);
        const said = rest.length === 0 ? [] : [await this.rpc.send(Array.isArray(message) ? rest : rest[0])].flat();
        const answers = items.map(item => own.get(item) ?? said.find(answer => answer.id === item.id));
        for (const [i, item] of items.entries()) if (!own.has(item) && answers[i]) await this.#amend(item, answers[i], meets.has(item) ? fault : null);
        return Array.isArray(message) ? answers.filter(Boolean) : answers[0];
    }

    /** One item that the fault fits at least, others by chance. */
    #itemsThatMeet(items, fault) {
        if (!fault) return new Set();
        const { methods } = itemFaults[fault.class];
        const fitting = items.filter(item => methods === null || methods.includes(item.method)).filter(item => !fault.method || item.method === fault.method);
        const first = this.dice.pick(fitting);
        return new Set(fitting.filter(item => item === first || fault.all || this.dice.chance(0.3)));
    }

    /** An answer that never asks the node. */
    async #answerOwn(item, fault, settings) {
        if (fault) {
            const answer = await itemFaults[fault.class].before?.(item, this, settings);
            if (answer) return answer;
        }
        for (const { lasting } of Object.values(itemFaults)) {
            const answer = lasting?.(item, this);
            if (answer) return answer;
        }
        if (item.method !== 'eth_sendRawTransaction') return null;
        const transaction = await this.pool.read(item.params?.[0]);
        if (!transaction || !(await this.pool.refuses(transaction))) return null;
        this.counts.underpriced += 1;
        return { error: { code: -32000, message: 'replacement transaction underpriced' } };
    }

    async #amend(item, answer, fault) {
        if (item.method === 'eth_sendRawTransaction' && answer.result) {
            const transaction = await this.pool.read(item.params?.[0]);
            if (transaction) this.pool.took(transaction);
        }
        if (item.method === 'eth_getTransactionReceipt' && answer.result) Object.assign(answer.result, rollupFields);
        if (fault) await itemFaults[fault.class].after?.(item, answer, this, fault);
    }
}

/** As Base writes them into a receipt. */
const rollupFields = {
    l1Fee: '0x2540be400', l1GasPrice: '0x3b9aca00', l1GasUsed: '0x640', l1BaseFeeScalar: '0x8dd',
    l1BlobBaseFee: '0x1', l1BlobBaseFeeScalar: '0x101c12',
};

/** `pending` means nothing on Base any more: the latest block is what it shows. */
function withoutPending(item) {
    if (!Array.isArray(item.params) || !item.params.includes('pending')) return item;
    return { ...item, params: item.params.map(one => (one === 'pending' ? 'latest' : one)) };
}

const unforwarded = {
    lost: request => request.socket.destroy(),
    too_many: (_, response) => response.writeHead(429, { 'Content-Type': 'text/plain', 'Retry-After': '1' }).end('Too Many Requests\n'),
};

const json = { 'Content-Type': 'application/json' };
const forwarded = {
    cut: request => request.socket.destroy(),
    bad_gateway: (_, response) => response.writeHead(502, { 'Content-Type': 'text/html' }).end('<html><h1>502 Bad Gateway</h1></html>\n'),
    duplicate: (_, response, text) => response.writeHead(200, json).end(text),
    truncated: (_, response, text) => response.writeHead(200, json).end(text.slice(0, Math.ceil(text.length / 2))),
    delay: async (_, response, text, { delayMs }) => {
        await sleep(delayMs);
        if (!response.destroyed) response.writeHead(200, json).end(text);
    },
    huge: async (_, response, text, { hugeBytes }) => {
        response.writeHead(200, json);
        response.write(text.slice(0, -1));
        const closed = once(response, 'close');
        const part = ' '.repeat(64 * 1024);
        for (let sent = 0; sent < hugeBytes && !response.destroyed; sent += part.length)
            if (!response.write(part)) await Promise.race([closed, once(response, 'drain')]);
        if (!response.destroyed) response.end(text.slice(-1));
    },
};

async function readJson(request) {
    const parts = [];
    let size = 0;
    for await (const part of request) {
        size += part.length;
        if (size > bodyMax) return undefined;
        parts.push(part);
    }
    try {
        return JSON.parse(Buffer.concat(parts).toString());
    } catch {
        return undefined;
    }
}
