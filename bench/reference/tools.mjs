// SPDX-License-Identifier: Apache-2.0
// Purse's three tools as the official TypeScript SDK has them registered; for its stdio, HTTP v1 and v2 servers.
// The schemas are made once: a server that is made a session or a request only registers them.
import { z } from 'zod';
import { micro } from './books.mjs';

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

const tools = [];

/** Adds a tool whose work returns a structured answer; problem names a bad argument or nothing. */
function tool(name, config, problem, work) {
    tools.push({ name, config, work: async (args, books) => {
        const field = problem(args);
        const answer = field
            ? { ok: false, reason: 'invalid_argument', field, message: `${field} is missing or not valid.`, retry: 'with_changes' }
            : work(args, books);
        return {
            content: [{ type: 'text', text: answer.message }, { type: 'text', text: JSON.stringify(answer) }],
            structuredContent: answer,
            ...(!answer.ok && { isError: true }),
        };
    } });
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
    outputSchema: z.object({
        ...refusal, ...optional({
            txId: z.string(), state: z.string(), amount: z.string(), service: z.string(), payee: z.string(),
            expiresAt: z.string(), maxCapture: z.string(), warnings: z.array(cap), replayed: z.boolean(), allowedNow: z.string(),
        }),
    }),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
}, args => {
    if (!(micro(args.estimatedCost) > 0)) return 'estimatedCost';
    return args.service || args.payee ? undefined : 'service';
}, (args, books) => books.preauthorize(args));

tool('pay_settle', {
    title: 'Settle a hold',
    description: 'Ends a hold with what the call really cost, or voids it. What was not spent returns to the caps.',
    inputSchema: z.strictObject({ txId: id, actualCost: amount.optional(), outcome: z.enum(['captured', 'void']).optional() }),
    outputSchema: z.object({
        ...refusal, ...optional({
            txId: z.string(), state: z.string(), captured: z.string(), released: z.string(), payee: z.string(), rail: z.string(),
            settlement: z.string(), late: z.boolean(), replayed: z.boolean(), warnings: z.array(cap), held: z.string(), maxCapture: z.string(),
        }),
    }),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
}, args => (args.outcome !== 'void' && micro(args.actualCost ?? '') === null ? 'actualCost' : undefined),
(args, books) => books.settle(args));

tool('pay_budget_status', {
    title: 'Budget status',
    description: 'What may still be spent, and which holds are open.',
    inputSchema: z.strictObject({ taskId: id.optional(), workflowId: id.optional() }),
    outputSchema: z.object({
        ...refusal, ...optional({
            agent: z.string(), asOf: z.string(), frozen: z.boolean(), caps: z.array(cap), held: z.string(),
            holds: z.array(z.object({
                txId: z.string(), amount: z.string(), service: z.string().optional(), payee: z.string(), expiresAt: z.string(), taskId: z.string().optional(),
            })),
        }),
    }),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
}, () => undefined, (args, books) => books.status());

/** Registers every tool with a server of the SDK, v1 or v2. books: a function that gives the books. */
export function register(server, books) {
    for (const { name, config, work } of tools) server.registerTool(name, config, args => work(args, books()));
}
