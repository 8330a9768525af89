// SPDX-License-Identifier: Apache-2.0
// The reference server: Purse's three tools on the official TypeScript SDK, over stdio.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { books } from './state.mjs';
import { register } from './tools.mjs';

const server = new McpServer({ name: 'purse-reference', version: '1.0.0' });
register(server, books);
await server.connect(new StdioServerTransport());
