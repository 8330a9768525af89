// SPDX-License-Identifier: Apache-2.0
// The official clients, each behind the same few functions.
import {
    Client as Client2, SSEClientTransport as Sse2, StreamableHTTPClientTransport as Http2,
} from '@modelcontextprotocol/client';
import { StdioClientTransport as Stdio2 } from '@modelcontextprotocol/client/stdio';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { SSEClientTransport as Sse1 } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport as Stdio1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { binary } from './purse.mjs';

const limit = { timeout: 15_000 };
const info = { name: 'purse-e2e', version: '1.0.0' };

class Session {
    constructor(client, transport, call, version) {
        this.client = client;
        this.transport = transport;
        this.version = version;
        this.callWith = call;
    }
    async listTools(cursor) {
        return (await this.client.listTools(cursor === undefined ? {} : { cursor }, limit)).tools;
    }
    call(name, args, options = {}) {
        return this.callWith({ name, arguments: args }, { ...limit, ...options });
    }
    listResources() {
        return this.client.listResources({}, limit);
    }
    listResourceTemplates() {
        return this.client.listResourceTemplates({}, limit);
    }
    /** The one JSON text that a resource consists of. */
    async readJson(uri) {
        const { contents } = await this.client.readResource({ uri }, limit);
        if (contents.length !== 1 || contents[0].uri !== uri || contents[0].mimeType !== 'application/json')
            throw new Error(`${uri} is ${JSON.stringify(contents)}`);
        return JSON.parse(contents[0].text);
    }
    listPrompts() {
        return this.client.listPrompts({}, limit);
    }
    getPrompt(name, args) {
        return this.client.getPrompt({ name, arguments: args }, limit);
    }
    ping() {
        return this.client.ping(limit);
    }
    async close() {
        await this.client.close();
    }
}

/** A way in for the clients of v1; `transportTo` makes the transport. */
function connect1(transportTo) {
    return async (target, { capabilities = {}, onElicit } = {}) => {
        const client = new Client1(info, { capabilities });
        if (onElicit) client.setRequestHandler(ElicitRequestSchema, ({ params }) => onElicit(params));
        const transport = transportTo(target);
        await client.connect(transport, limit);
        const call = (params, options) => client.callTool(params, undefined, options);
        return new Session(client, transport, call, transport.protocolVersion);
    };
}

function connect2(transportTo, options) {
    return async (target, { capabilities = {}, onElicit } = {}) => {
        const client = new Client2(info, { ...options, capabilities });
        if (onElicit) client.setRequestHandler('elicitation/create', ({ params }) => onElicit(params));
        const transport = transportTo(target);
        await client.connect(transport, limit);
        return new Session(client, transport, (params, more) => client.callTool(params, more), client.getNegotiatedProtocolVersion());
    };
}

const stdio = Transport => env => new Transport({ command: binary, args: [], env, stderr: 'ignore' });

/** `target`: { base, credential, fetch? } */
function http(Transport, path) {
    return ({ base, credential, fetch }) => new Transport(new URL(path, base), {
        requestInit: { headers: credential ? { Authorization: `Bearer ${credential}` } : {} },
        ...(fetch && { fetch }),
    });
}

const modern = '2026-07-28';
const automatic = { versionNegotiation: { mode: 'auto' } };
const modernOnly = { versionNegotiation: { mode: { pin: modern } } };
const narrowed = setups => setups.filter(setup => setup.name.includes(process.env.E2E_SETUPS ?? ''));

/** The set-ups on standard input and output; E2E_SETUPS="v1" narrows them by name. */
export const allSetups = narrowed([
    { name: 'client v1', connect: connect1(stdio(Stdio1)) },
    { name: 'client v2, legacy', connect: connect2(stdio(Stdio2), {}), version: '2025-11-25' },
    { name: 'client v2, automatic', connect: connect2(stdio(Stdio2), automatic), version: modern },
]);

/** The client that accepts the modern version only. */
export const pinned = { name: 'client v2, pinned', connect: connect2(stdio(Stdio2), modernOnly), version: modern };

const overHttp = [
    { name: 'client v1, HTTP', connect: connect1(http(Http1, '/mcp')), version: '2025-11-25', sessions: true },
    { name: 'client v1, SSE', connect: connect1(http(Sse1, '/sse')) },
    { name: 'client v2, HTTP, legacy', connect: connect2(http(Http2, '/mcp'), {}), version: '2025-11-25', sessions: true },
    { name: 'client v2, HTTP, automatic', connect: connect2(http(Http2, '/mcp'), automatic), version: modern },
    { name: 'client v2, HTTP, pinned', connect: connect2(http(Http2, '/mcp'), modernOnly), version: modern },
    { name: 'client v2, SSE', connect: connect2(http(Sse2, '/sse'), {}), version: '2025-11-25' },
];

/** The same clients over HTTP. */
export const httpSetups = narrowed(overHttp);

export function httpSetupNamed(name) {
    return overHttp.find(setup => setup.name === name);
}

/**
 * Connects and lists the tools, so that the client validates what they answer. `person`: what the
 * client declares and who answers its forms, { capabilities, onElicit }.
 */
export async function open(t, setup, target, person) {
    const session = await setup.connect(target, person);
    t.after(() => session.close());
    await session.listTools();
    return session;
}
