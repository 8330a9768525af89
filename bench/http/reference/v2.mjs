// SPDX-License-Identifier: Apache-2.0
// The reference on the official TypeScript SDK, version 2: MCP 2026-07-28, stateless, JSON responses.
// Wired as the SDK's guide "Serve over HTTP" shows it on node:http. usage: node v2.mjs PORT
import { createServer } from 'node:http';
import { localhostHostValidation, localhostOriginValidation, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { books } from '../../reference/state.mjs';
import { register } from '../../reference/tools.mjs';

const kMaxSubscriptions = 2000;

// The handler wants a fresh server a request; the schemas and the books are made once.
const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'purse-reference', version: '2.0.0' });
    register(server, books);
    return server;
}, { legacy: 'reject', responseMode: 'json', maxSubscriptions: kMaxSubscriptions });

const serve = toNodeHandler(handler);
const validateHost = localhostHostValidation();
const validateOrigin = localhostOriginValidation();

createServer((req, res) => {
    if (!validateHost(req, res) || !validateOrigin(req, res)) return;
    void serve(req, res);
}).listen(Number(process.argv[2]), '127.0.0.1');
