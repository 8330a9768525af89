// SPDX-License-Identifier: Apache-2.0
// The reference on the official TypeScript SDK, version 1: Streamable HTTP with sessions, JSON responses.
// Wired as the SDK's example jsonResponseStreamableHttp is, with the GET stream of standaloneSseWithGetStreamableHttp,
// on node:http without express, which is the faster way. usage: node v1.mjs PORT
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import { books } from '../../reference/state.mjs';
import { register } from '../../reference/tools.mjs';

const kHosts = new Set(['127.0.0.1', 'localhost']);
const kBodyMax = 4 * 1024 * 1024;
const kMaxSessions = 2000;
const kIdleMs = 30 * 60_000;
const sessions = new Map();

// Close sessions with nothing open and no activity for kIdleMs, as the example does.
setInterval(() => {
    const cutoff = Date.now() - kIdleMs;
    for (const { transport, open, lastActive } of sessions.values()) {
        if (open === 0 && lastActive < cutoff) transport.close().catch(console.error);
    }
}, 60_000).unref();

function refuse(res, status, code, message) {
    res.writeHead(status, { 'Content-Type': 'application/json' });
    res.end(JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null }));
}

async function bodyOf(req) {
    const chunks = [];
    let size = 0;
    for await (const chunk of req) {
        size += chunk.length;
        if (size > kBodyMax) throw new Error('the body is too large');
        chunks.push(chunk);
    }
    return JSON.parse(chunks.length === 1 ? chunks[0].toString() : Buffer.concat(chunks).toString());
}

// Count open responses, so that a stream that listens is not taken for idle.
function track(session, res) {
    session.open++;
    res.on('close', () => {
        session.open--;
        session.lastActive = Date.now();
    });
}

async function begin(req, res, body) {
    if (sessions.size >= kMaxSessions) return refuse(res, 503, -32000, 'Too many open sessions');
    const transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: () => randomUUID(),
        enableJsonResponse: true,
        onsessioninitialized: id => sessions.set(id, { transport, open: 0, lastActive: Date.now() }),
    });
    transport.onclose = () => sessions.delete(transport.sessionId);
    const server = new McpServer({ name: 'purse-reference', version: '1.0.0' });
    register(server, books);
    await server.connect(transport);
    await transport.handleRequest(req, res, body);
}

async function handle(req, res) {
    if (!kHosts.has(req.headers.host?.split(':')[0])) return refuse(res, 403, -32000, 'Invalid Host');
    if (req.url !== '/mcp') return refuse(res, 404, -32000, 'Not found');
    const id = req.headers['mcp-session-id'];
    const session = id && sessions.get(id);
    if (id && !session) return refuse(res, 404, -32001, 'Session not found');
    const body = req.method === 'POST' ? await bodyOf(req) : undefined;
    if (session) {
        track(session, res);
        return session.transport.handleRequest(req, res, body);
    }
    if (!isInitializeRequest(body)) return refuse(res, 400, -32000, 'Bad Request: No valid session ID provided');
    return begin(req, res, body);
}

createServer((req, res) => {
    handle(req, res).catch(error => {
        console.error(error);
        if (!res.headersSent) refuse(res, 500, -32603, 'Internal server error');
    });
}).listen(Number(process.argv[2]), '127.0.0.1');
