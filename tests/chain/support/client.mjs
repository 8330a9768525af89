// SPDX-License-Identifier: Apache-2.0
// The cheapest client there is: stateless POSTs of the 2026-07-28 version over kept connections.
import { Agent, request } from 'node:http';

const version = '2026-07-28';
const meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'purse-chain', version: '1.0.0' },
};

/** The connection broke, or nothing came in time: what was asked may have happened. */
export class NoAnswer extends Error {}

export class Client {
    #agent = new Agent({ keepAlive: true, maxSockets: 64 });
    #nextId = 1;

    constructor({ timeout = 10_000 } = {}) {
        this.timeout = timeout;
    }

    /** The structured answer of a tool, a yes or a no; NoAnswer without one. */
    async call(base, credential, name, args) {
        const body = JSON.stringify({ jsonrpc: '2.0', id: this.#nextId++, method: 'tools/call', params: { name, arguments: args, _meta: meta } });
        const { status, text } = await this.#post(base, credential, name, body);
        if (status === 503 || status === 502) throw new NoAnswer(`status ${status}`);
        if (status !== 200) throw new Error(`${name}: status ${status}: ${text.slice(0, 300)}`);
        const { result, error } = JSON.parse(text);
        if (!result?.structuredContent) throw new Error(`${name}: ${JSON.stringify(error ?? result).slice(0, 300)}`);
        return result.structuredContent;
    }

    #post(base, credential, name, body) {
        return new Promise((resolve, reject) => {
            const fail = error => reject(new NoAnswer(error.message));
            const sent = request(`${base}/mcp`, {
                method: 'POST', agent: this.#agent, timeout: this.timeout,
                headers: {
                    'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), Accept: 'application/json, text/event-stream',
                    Authorization: `Bearer ${credential}`, 'MCP-Protocol-Version': version, 'Mcp-Method': 'tools/call', 'Mcp-Name': name,
                },
            }, response => {
                let text = '';
                response.setEncoding('utf8').on('data', part => (text += part)).on('error', fail);
                response.on('end', () => (response.complete ? resolve({ status: response.statusCode, text }) : fail(new Error('cut'))));
            });
            sent.on('timeout', () => sent.destroy(new Error('no answer in time'))).on('error', fail);
            sent.end(body);
        });
    }

    close() {
        this.#agent.destroy();
    }
}
