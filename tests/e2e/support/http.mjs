// SPDX-License-Identifier: Apache-2.0
// `purse serve --http` as a child process, and peers that send it whatever they like.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as connectTcp, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { binary } from './purse.mjs';
import { modernMeta } from './raw.mjs';

const patience = 15_000;

function within(promise, what, time = patience) {
    let timer;
    const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`${what}: nothing in ${time} ms`)), time)));
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * An address that a server can come back to: below the ports that the system gives to outgoing
 * connections, one of which would be in its way.
 */
export async function steadyAddress() {
    for (;;) {
        const port = 10_000 + Math.floor(Math.random() * 20_000);
        const probe = createServer().listen(port, '127.0.0.1');
        const free = await new Promise(resolve => probe.on('listening', () => resolve(true)).on('error', () => resolve(false)));
        probe.close();
        if (free) return `127.0.0.1:${port}`;
    }
}

/** One process that serves HTTP. `options`: args, address, log, credential, policy (null: none). */
export class HttpServer {
    constructor(purse, options = {}) {
        this.purse = purse;
        this.options = options;
        this.log = [];
    }

    static async start(t, purse, options) {
        const server = new HttpServer(purse, options);
        t.after(() => server.kill());
        await server.begin();
        return server;
    }

    async begin(address = this.options.address ?? '127.0.0.1:0') {
        const { args = [], log = 'debug', credential, policy = this.purse.policyFile } = this.options;
        const env = { ...this.purse.env(credential, policy), PURSE_LOG: log };
        this.process = spawn(binary, ['serve', '--http', address, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
        this.process.stdin.on('error', () => {});
        this.ended = once(this.process, 'exit').then(([code, signal]) => ({ code, signal }));
        const found = new Promise((resolve, reject) => {
            createInterface({ input: this.process.stderr }).on('line', line => {
                this.log.push(line);
                const named = /^purse serves MCP at (\S+)\/mcp$/.exec(line);
                if (named) resolve(named[1]);
            });
            this.ended.then(({ code }) => reject(new Error(`the server ended with ${code}: ${this.log.join('\n')}`)));
        });
        this.base = await within(found, 'the address');
        const { hostname, port } = new URL(this.base);
        Object.assign(this, { host: hostname, port: Number(port) });
    }

    /** At the same address with the same state, after it has ended. */
    async restart() {
        await this.begin(`${this.host}:${this.port}`);
    }

    /** Sends a signal and waits; the exit code (null: killed) and how long it took. */
    async stop(signal = 'SIGTERM', time = patience) {
        const began = Date.now();
        this.process.kill(signal);
        const { code } = await within(this.ended, 'the end of the server', time);
        return { code, took: Date.now() - began };
    }

    async kill() {
        if (this.process.exitCode === null && this.process.signalCode === null) await this.stop('SIGKILL');
    }

    /** What it has written on standard error. */
    get errors() {
        return this.log.join('\n');
    }

    /** Resident memory, in bytes. */
    memory() {
        return 1024 * Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.process.pid}/status`, 'latin1'))[1]);
    }

    /** One request of one connection; { status, headers, text, json }. */
    async ask(method, path, { headers = {}, body, ...options } = {}) {
        const sent = this.#request(method, path, headers, options);
        sent.end(body);
        const [response] = await within(once(sent, 'response'), `${method} ${path}`);
        let text = '';
        response.setEncoding('utf8').on('data', chunk => (text += chunk));
        await within(once(response, 'end'), `the rest of ${method} ${path}`);
        return { status: response.statusCode, headers: response.headers, text, get json() { return JSON.parse(text); } };
    }

    /** POST of one message, a text or an object, to the MCP address. `more`: credential, session, version, headers. */
    post(message, more = {}) {
        const body = typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message);
        return this.ask('POST', '/mcp', { ...more, headers: postHeaders(more), body });
    }

    /** An initialized legacy session: a Talk. */
    async initialize(credential, protocolVersion = '2025-11-25', capabilities = {}) {
        const params = { protocolVersion, capabilities, clientInfo: { name: 'purse-e2e', version: '1.0.0' } };
        const answer = await this.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params }, { credential });
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.json.result.protocolVersion, protocolVersion);
        const talk = new Talk(this, { credential, session: answer.headers['mcp-session-id'], version: protocolVersion });
        assert.match(talk.with.session, /^[\x21-\x7e]{32,256}$/, 'visible ASCII, and long enough not to be guessed');
        const begun = await talk.post({ jsonrpc: '2.0', method: 'notifications/initialized' });
        assert.deepEqual([begun.status, begun.text], [202, '']);
        return talk;
    }

    /** A modern request; the whole response. */
    modern(method, params = {}, { meta = modernMeta, id = 1, headers = {}, ...more } = {}) {
        const name = params.name ?? params.uri;
        return this.post({ jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } }, {
            ...more, version: '2026-07-28',
            headers: { 'Mcp-Method': method, ...(name !== undefined && { 'Mcp-Name': name }), ...headers },
        });
    }

    /** An event stream: Events, once its head has come. Anything but 200 rejects. */
    async events(method, path, { headers = {}, body, ...options } = {}) {
        const sent = this.#request(method, path, { Accept: 'text/event-stream', ...headers }, options);
        sent.end(body);
        const [response] = await within(once(sent, 'response'), `${method} ${path}`);
        return new Events(sent, response);
    }

    /** A bare connection. */
    async socket() {
        const socket = new Socket(this.port, this.host);
        await within(once(socket.tcp, 'connect'), 'a connection');
        return socket;
    }

    async isHealthy() {
        const health = await this.ask('GET', '/healthz');
        return health.status === 200 && health.text === 'ok\n';
    }

    #request(method, path, headers, options) {
        const make = this.base.startsWith('https:') ? httpsRequest : httpRequest;
        const sent = make({ host: this.host, port: this.port, method, path, headers, agent: false, ...options });
        sent.on('error', () => {});
        return sent;
    }
}

export function bearer(credential) {
    return credential ? { Authorization: `Bearer ${credential}` } : {};
}

function postHeaders({ credential, session, version, headers }) {
    return {
        'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...bearer(credential),
        ...(session && { 'Mcp-Session-Id': session }), ...(version && { 'MCP-Protocol-Version': version }), ...headers,
    };
}

/** One legacy session. */
export class Talk {
    #nextId = 1;

    constructor(server, more) {
        this.server = server;
        this.with = more;
    }
    get session() {
        return this.with.session;
    }
    post(message, more = {}) {
        return this.server.post(message, { ...this.with, ...more });
    }
    request(method, params, more) {
        return this.post({ jsonrpc: '2.0', id: this.#nextId++, method, params }, more);
    }
    /** The result of a tool; anything but a result rejects. */
    async call(name, args, more) {
        const answer = await this.request('tools/call', { name, arguments: args }, more);
        assert.equal(answer.status, 200, answer.text);
        assert.ok(answer.json.result, answer.text);
        return answer.json.result;
    }
    events(headers = {}) {
        return this.server.events('GET', '/mcp', { headers: this.#headers(headers) });
    }
    end() {
        return this.server.ask('DELETE', '/mcp', { headers: this.#headers() });
    }
    #headers(more = {}) {
        return { ...bearer(this.with.credential), 'Mcp-Session-Id': this.with.session, 'MCP-Protocol-Version': this.with.version, ...more };
    }
}

/** A text/event-stream, event by event: { event, id, data, retry }. */
export class Events {
    #arrived = [];
    #waiting = [];
    #rest = '';

    constructor(sent, response) {
        this.sent = sent;
        this.status = response.statusCode;
        this.headers = response.headers;
        this.comments = 0;
        this.response = response;
        /** 'whole' when the response ended as it should, 'cut' otherwise. */
        this.ended = new Promise(resolve => {
            response.on('end', () => resolve(response.complete ? 'whole' : 'cut'));
            response.on('error', () => resolve('cut'));
            response.on('close', () => resolve(response.complete ? 'whole' : 'cut'));
        });
        response.setEncoding('utf8').on('data', chunk => this.#take(chunk));
    }
    #take(chunk) {
        const blocks = (this.#rest + chunk).split('\n\n');
        this.#rest = blocks.pop();
        for (const block of blocks) {
            const event = {};
            for (const line of block.split('\n')) {
                if (line.startsWith(':')) this.comments += 1;
                else {
                    const [, key, value] = /^([a-z]+): ?(.*)$/.exec(line) ?? assert.fail(`no line of an event: ${line}`);
                    event[key] = value;
                }
            }
            if (Object.keys(event).length > 0) this.#arrive(event);
        }
    }
    #arrive(event) {
        const waiter = this.#waiting.shift();
        if (waiter) waiter(event);
        else this.#arrived.push(event);
    }
    next(time = patience) {
        if (this.#arrived.length > 0) return Promise.resolve(this.#arrived.shift());
        return within(new Promise(resolve => this.#waiting.push(resolve)), 'an event', time);
    }
    /** The JSON of the next event. */
    async message(time) {
        return JSON.parse((await this.next(time)).data);
    }
    get unread() {
        return this.#arrived.length;
    }
    close() {
        this.sent.destroy();
    }
}

/** Bytes in, bytes out. */
export class Socket {
    constructor(port, host) {
        this.tcp = connectTcp({ port, host });
        this.tcp.on('error', () => {});
        this.text = '';
        this.closed = new Promise(resolve => this.tcp.on('close', resolve));
        this.tcp.setEncoding('latin1').on('data', chunk => (this.text += chunk));
    }
    write(bytes) {
        this.tcp.write(bytes);
    }
    /** Waits until what has come satisfies `done`, or the connection is over; all that has come. */
    async until(done, time = patience) {
        const stop = Date.now() + time;
        while (!done(this.text) && !this.tcp.destroyed) {
            if (Date.now() > stop) throw new Error(`not in ${time} ms: ${JSON.stringify(this.text.slice(0, 500))}`);
            await new Promise(resolve => setTimeout(resolve, 5));
        }
        return this.text;
    }
    /** All that comes until the server closes. */
    async rest(time = patience) {
        await within(this.closed, 'the end of the connection', time);
        return this.text;
    }
    close() {
        this.tcp.destroy();
    }
}

/** The statuses of the responses in what a connection has said. */
export function statuses(text) {
    return [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(match => Number(match[1]));
}

/** The bytes of a POST to the MCP address. */
export function postBytes(message, { credential, session, version, host = 'localhost', lines = [] } = {}) {
    const body = Buffer.isBuffer(message) ? message : Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
    const headers = Object.entries(postHeaders({ credential, session, version, headers: {} })).map(([name, value]) => `${name}: ${value}`);
    const head = ['POST /mcp HTTP/1.1', `Host: ${host}`, ...headers, ...lines, `Content-Length: ${body.length}`, '', ''];
    return Buffer.concat([Buffer.from(head.join('\r\n'), 'latin1'), body]);
}

/** Keeps the ledger's lock, so that calls wait, until the function it gives is called. */
export async function holdLedger(t, purse) {
    const holder = spawn('flock', ['--exclusive', `${purse.state}/ledger.lock`, 'sh', '-c', 'echo held; cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => holder.kill('SIGKILL'));
    await within(once(holder.stdout, 'data'), 'the lock of the ledger');
    return async () => {
        holder.stdin.end();
        await once(holder, 'exit');
    };
}
