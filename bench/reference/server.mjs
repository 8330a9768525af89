// SPDX-License-Identifier: Apache-2.0
// The reference server: Purse's three tools on the official TypeScript SDK, over stdio.
// Settings: PURSE_STATE (folder of the ledger), REFERENCE_POLICY (default: policy.json here).
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';
import { Books, micro } from './books.mjs';

const policyFile = process.env.REFERENCE_POLICY ?? new URL('./policy.json', import.meta.url);
const state = process.env.PURSE_STATE ?? 'state';
let opened;
const books = () => {
    if (!opened) {
        mkdirSync(state, { recursive: true, mode: 0o700 });
        opened = new Books(join(state, 'reference.db'), JSON.parse(readFileSync(policyFile, 'utf8')));
    }
    return opened;
};

const amount = z.string().max(24);
const id = z.string().min(1).max(128);
const cap = z.object({
    budget: z.string(), cap: z.string(), unit: z.string(), limit: z.string(), spent: z.string(), held: z.string(),
    available: z.string(), usedPercent: z.number(), resetsAt: z.string().optional(), level: z.number().optional(),
});
const refusal = {
    ok: z.boolean(), message: z.string(), currency: z.string().optional(), at: z.string().optional(),
    reason: z.string().optional(), field: z.string().optional(), retry: z.string().optional(), retryAt: z.string().optional(),
    failures: z.array(z.looseObject({ reason: z.string(), rule: z.string(), message: z.string() })).optional(),
};
const optional = shape => Object.fromEntries(Object.entries(shape).map(([name, type]) => [name, type.optional()]));

const server = new McpServer({ name: 'purse-reference', version: '1.0.0' });

/** Registers a tool whose work returns a structured answer; problem names a bad argument or nothing. */
function tool(name, config, problem, work) {
    server.registerTool(name, config, async args => {
        const field = problem(args);
        const answer = field
            ? { ok: false, reason: 'invalid_argument', field, message: `${field} is missing or not valid.`, retry: 'with_changes' }
            : work(args);
        return {
            content: [{ type: 'text', text: answer.message }, { type: 'text', text: JSON.stringify(answer) }],
            structuredContent: answer,
            ...(!answer.ok && { isError: true }),
        };
    });
}

tool('pay_preauthorize', {
    title: 'Ask before paying',
    description: 'Reserves an amount for one paid call. Call it before every paid call; settle the txId afterwards.',
    inputSchema: z.strictObject({
        service: z.string().min(1).max(64).optional(), payee: z.string().regex(/^0x[0-9a-fA-F]{40}$/).optional(),
        estimatedCost: amount, currency: z.literal('USDC').optional(), purpose: z.string().max(200).optional(),
        taskId: id.optional(), workflowId: id.optional(), idempotencyKey: id.optional(),
        ttlSeconds: z.number().int().min(1).max(86400).optional(),
    }),
    outputSchema: {
        ...refusal, ...optional({
            txId: z.string(), state: z.string(), amount: z.string(), service: z.string(), payee: z.string(),
            expiresAt: z.string(), maxCapture: z.string(), warnings: z.array(cap), replayed: z.boolean(), allowedNow: z.string(),
        }),
    },
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
}, args => {
    if (!(micro(args.estimatedCost) > 0)) return 'estimatedCost';
    return args.service || args.payee ? undefined : 'service';
}, args => books().preauthorize(args));

tool('pay_settle', {
    title: 'Settle a hold',
    description: 'Ends a hold with what the call really cost, or voids it. What was not spent returns to the caps.',
    inputSchema: z.strictObject({ txId: id, actualCost: amount.optional(), outcome: z.enum(['captured', 'void']).optional() }),
    outputSchema: {
        ...refusal, ...optional({
            txId: z.string(), state: z.string(), captured: z.string(), released: z.string(), payee: z.string(), rail: z.string(),
            settlement: z.string(), late: z.boolean(), replayed: z.boolean(), warnings: z.array(cap), held: z.string(), maxCapture: z.string(),
        }),
    },
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
}, args => (args.outcome !== 'void' && micro(args.actualCost ?? '') === null ? 'actualCost' : undefined),
args => books().settle(args));

tool('pay_budget_status', {
    title: 'Budget status',
    description: 'What may still be spent, and which holds are open.',
    inputSchema: z.strictObject({ taskId: id.optional(), workflowId: id.optional() }),
    outputSchema: {
        ...refusal, ...optional({
            agent: z.string(), asOf: z.string(), frozen: z.boolean(), caps: z.array(cap), held: z.string(),
            holds: z.array(z.object({
                txId: z.string(), amount: z.string(), service: z.string().optional(), payee: z.string(), expiresAt: z.string(), taskId: z.string().optional(),
            })),
        }),
    },
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
}, () => undefined, () => books().status());

await server.connect(new StdioServerTransport());
