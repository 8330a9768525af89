// SPDX-License-Identifier: Apache-2.0
// A small JSON-RPC client over one kept connection pool: calls, batches, raw bodies.
import { Agent, request } from 'node:http';

const patience = 20_000;

/** An error that the node answered, with its code and data. */
export class RpcError extends Error {
    constructor(method, { code, message, data }) {
        super(`${method}: ${message}`);
        Object.assign(this, { code, data, words: message });
    }
}

export class Rpc {
    #nextId = 1;
    #agent = new Agent({ keepAlive: true, maxSockets: 16 });

    constructor(url) {
        this.url = new URL(url);
    }

    /** The result of one method; an RpcError when the node answered with one. */
    async call(method, ...params) {
        const answer = await this.send({ jsonrpc: '2.0', id: this.#nextId++, method, params });
        if (answer.error) throw new RpcError(method, answer.error);
        return answer.result;
    }

    /** Many calls in one exchange, [method, ...params] each; the results in order. */
    async batch(calls) {
        const items = calls.map(([method, ...params]) => ({ jsonrpc: '2.0', id: this.#nextId++, method, params }));
        const answers = await this.send(items);
        return items.map(({ id, method }) => {
            const answer = answers.find(one => one.id === id);
            if (answer?.error) throw new RpcError(method, answer.error);
            return answer?.result;
        });
    }

    async send(message) {
        const { text } = await this.post(JSON.stringify(message));
        return JSON.parse(text);
    }

    /** One POST of these bytes; { status, text }. */
    post(body, { timeout = patience } = {}) {
        return new Promise((resolve, reject) => {
            const sent = request(this.url, {
                method: 'POST', agent: this.#agent, timeout,
                headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
            }, response => {
                const parts = [];
                response.on('data', part => parts.push(part));
                response.on('error', reject);
                response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(parts).toString() }));
            });
            sent.on('timeout', () => sent.destroy(new Error(`no answer in ${timeout} ms`)));
            sent.on('error', reject);
            sent.end(body);
        });
    }

    close() {
        this.#agent.destroy();
    }
}
