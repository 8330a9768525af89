// SPDX-License-Identifier: Apache-2.0
// The official clients, each behind the same few functions.
import { Client as Client2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as Stdio2 } from '@modelcontextprotocol/client/stdio';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as Stdio1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { binary } from './purse.mjs';

const limit = { timeout: 15_000 };
const info = { name: 'purse-e2e', version: '1.0.0' };

class Session {
    constructor(client, call, version) {
        this.client = client;
        this.version = version;
        this.callWith = call;
    }
    async listTools() {
        return (await this.client.listTools({}, limit)).tools;
    }
    call(name, args) {
        return this.callWith({ name, arguments: args });
    }
    async close() {
        await this.client.close();
    }
}

async function connect1(env) {
    const client = new Client1(info);
    const transport = new Stdio1({ command: binary, args: [], env, stderr: 'ignore' });
    await client.connect(transport, limit);
    return new Session(client, params => client.callTool(params, undefined, limit), transport.protocolVersion);
}

function connect2(options) {
    return async env => {
        const client = new Client2(info, options);
        const transport = new Stdio2({ command: binary, args: [], env, stderr: 'ignore' });
        await client.connect(transport, limit);
        return new Session(client, params => client.callTool(params, limit), client.getNegotiatedProtocolVersion());
    };
}

const modern = '2026-07-28';
const setups = [
    { name: 'client v1', connect: connect1 },
    { name: 'client v2, legacy', connect: connect2({}), version: '2025-11-25' },
    { name: 'client v2, automatic', connect: connect2({ versionNegotiation: { mode: 'auto' } }), version: modern },
];

/** The client that accepts the modern version only. */
export const pinned = {
    name: 'client v2, pinned', connect: connect2({ versionNegotiation: { mode: { pin: modern } } }), version: modern,
};

/** The set-ups under test; E2E_SETUPS="v1" narrows them by name. */
export const allSetups = setups.filter(setup => setup.name.includes(process.env.E2E_SETUPS ?? ''));

/** Connects and lists the tools, so that the client validates what they answer. */
export async function open(t, setup, env) {
    const session = await setup.connect(env);
    t.after(() => session.close());
    await session.listTools();
    return session;
}
