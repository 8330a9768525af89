// SPDX-License-Identifier: Apache-2.0
// Agents at work: one with the official client, and crowds that only keep the ledger busy.
import assert from 'node:assert/strict';
import { Agent as Connections, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { modernMeta } from '../../e2e/support/raw.mjs';

// An approval is waited for 25 s by the server.
const patience = 40_000;

/** The official client with a credential of its own. */
export class Agent {
    static async connect(t, server, credential) {
        const agent = new Agent();
        agent.client = new Client({ name: 'purse-web', version: '1.0.0' });
        await agent.client.connect(new StreamableHTTPClientTransport(new URL('/mcp', server.base), {
            requestInit: { headers: { Authorization: `Bearer ${credential}` } },
        }));
        t.after(() => agent.client.close());
        return agent;
    }
    /** What the tool answers, a yes or a no. */
    async call(name, args) {
        const result = await this.client.callTool({ name, arguments: args }, { timeout: patience });
        assert.equal(typeof result.structuredContent, 'object', JSON.stringify(result));
        return result.structuredContent;
    }
    hold(args) {
        return this.call('pay_preauthorize', { service: 'images', ...args });
    }
    /** Holds and settles; both must be allowed. */
    async pay(args) {
        const held = await this.hold(args);
        assert.equal(held.ok, true, JSON.stringify(held));
        const paid = await this.call('pay_settle', { txId: held.txId, actualCost: args.estimatedCost });
        assert.equal(paid.ok, true, JSON.stringify(paid));
        return paid;
    }
    /** Asks for what needs a person; the answer says that it waits for one. */
    async ask(args) {
        const first = await this.hold(args);
        assert.deepEqual([first.ok, first.reason], [false, 'approval_pending'], JSON.stringify(first));
        assert.match(first.txId, /^tx_/);
        assert.ok(first.idempotencyKey, JSON.stringify(first));
        return {
            txId: first.txId,
            /** Asks again until it is decided; each time the server waits a while for that. */
            decision: async () => {
                const stop = Date.now() + patience;
                for (;;) {
                    const answer = await this.hold({ ...args, idempotencyKey: first.idempotencyKey });
                    if (answer.reason !== 'approval_pending' || Date.now() > stop) return answer;
                    await sleep(100);
                }
            },
        };
    }
}

/** Many requests over few connections: `count` calls of `make(i)`: { name, args }. */
export class Crowd {
    constructor(t, server, credential, connections = 64) {
        this.server = server;
        this.credential = credential;
        this.width = connections;
        this.connections = new Connections({ keepAlive: true, maxSockets: connections });
        t.after(() => this.connections.destroy());
    }

    async run(count, make) {
        let next = 0;
        const one = async () => {
            while (next < count) {
                const { name, args } = make(next++);
                await this.call(name, args);
            }
        };
        await Promise.all(Array.from({ length: this.width }, one));
    }

    /** One stateless request; the tool's answer. */
    call(name, args) {
        const body = JSON.stringify({
            jsonrpc: '2.0', id: 1, method: 'tools/call',
            params: { name, arguments: args, _meta: modernMeta },
        });
        return new Promise((resolve, reject) => {
            const sent = request({
                host: this.server.host, port: this.server.port, method: 'POST', path: '/mcp',
                agent: this.connections, timeout: patience, headers: {
                    'Content-Type': 'application/json', Accept: 'application/json, text/event-stream',
                    'Content-Length': Buffer.byteLength(body), 'MCP-Protocol-Version': '2026-07-28',
                    'Mcp-Method': 'tools/call', 'Mcp-Name': name,
                    Authorization: `Bearer ${this.credential}`,
                },
            }, response => {
                let text = '';
                response.setEncoding('utf8').on('data', chunk => (text += chunk)).on('end', () => {
                    if (response.statusCode !== 200) reject(new Error(`${response.statusCode}: ${text}`));
                    else resolve(JSON.parse(text).result.structuredContent);
                });
            });
            sent.on('error', reject);
            sent.on('timeout', () => sent.destroy(new Error(`no answer in ${patience} ms`)));
            sent.end(body);
        });
    }
}
