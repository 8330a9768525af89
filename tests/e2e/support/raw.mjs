// SPDX-License-Identifier: Apache-2.0
// A peer that writes bytes as they are and reads lines: for what no client library would send.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { binary } from './purse.mjs';

const patience = 15_000;

export const modernMeta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'purse-e2e', version: '1.0.0' },
};

export class RawPeer {
    #waiting = [];
    #arrived = [];
    #nextId = 1000;

    constructor(t, env) {
        this.process = spawn(binary, [], { env, stdio: ['pipe', 'pipe', 'ignore'] });
        this.process.stdin.on('error', () => {});
        this.ended = once(this.process, 'exit');
        const lines = createInterface({ input: this.process.stdout });
        lines.on('line', line => this.#take(JSON.parse(line)));
        this.ended.then(() => this.#waiting.splice(0).forEach(waiter => waiter.reject(new Error('the server has ended'))));
        t.after(() => this.close());
    }

    #take(message) {
        const waiter = this.#waiting.shift();
        if (waiter) waiter.resolve(message);
        else this.#arrived.push(message);
    }

    /** Sends text or bytes as they are, and a newline. */
    send(text) {
        this.process.stdin.write(text);
        this.process.stdin.write('\n');
    }

    /** The next message of the server. */
    next() {
        if (this.#arrived.length > 0) return Promise.resolve(this.#arrived.shift());
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error('no answer in time')), patience);
            const settle = done => value => (clearTimeout(timer), done(value));
            this.#waiting.push({ resolve: settle(resolve), reject: settle(reject) });
        });
    }

    /** How many messages nobody has asked for yet. */
    get unread() {
        return this.#arrived.length;
    }

    async say(text) {
        this.send(text);
        return this.next();
    }

    request(method, params, id = this.#nextId++) {
        return this.say(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    }

    async initialize(protocolVersion = '2025-11-25') {
        const answer = await this.request('initialize', { protocolVersion, capabilities: {}, clientInfo: { name: 'purse-e2e', version: '1.0.0' } });
        this.send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
        return answer;
    }

    callTool(name, args) {
        return this.request('tools/call', { name, arguments: args });
    }

    modern(method, params = {}) {
        return this.request(method, { ...params, _meta: modernMeta });
    }

    /** Ends the input and waits for the process; its exit code. */
    async close() {
        this.process.stdin.end();
        const timer = setTimeout(() => this.process.kill('SIGKILL'), patience);
        const [code] = await this.ended;
        clearTimeout(timer);
        return code;
    }
}
