// SPDX-License-Identifier: Apache-2.0
// Who is compared. What is said of a subject here is what its own documentation says; what happens to
// it is measured.
import { readFileSync } from 'node:fs';
import { HttpRun, StdioRun } from './purse.mjs';
import { RivalRun } from './rival.mjs';

const versionOf = name => `${name} ${JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version}`;
const client = ['@x402/fetch', '@x402/core', '@x402/evm'];

const rival = (buyer, more = {}) => ({ begin: (world, torture) => RivalRun.begin(world, { buyer, ...more, ...torture }) });

/** `missing(world)`: why it cannot be run here, or null. */
export const subjects = [
    {
        name: 'purse-stdio', title: 'Purse, stdio', packages: [], begin: StdioRun.begin,
        setUp: 'each process is one stdio server on the same state folder; book rail',
        good: 'reserves before it pays; one binary', says: 'docs/architecture.md, "Where promises are kept"',
    },
    {
        name: 'purse-http', title: 'Purse, HTTP, paid on the chain', packages: [], begin: HttpRun.begin,
        setUp: 'each process is `purse serve --http` on the same state folder, with a wallet: its USDC moves on the same chain',
        good: 'the same ledger over HTTP; payouts with nonces that cannot be used twice', says: 'docs/architecture.md, "A payout"',
    },
    {
        name: 'cdp', title: 'cdp-sdk, default store', packages: ['@coinbase/cdp-sdk', ...client], ...rival('cdp'),
        setUp: 'applySpendControls() on the stock client, as its README shows',
        good: 'exact in one process, also for parallel payments; counts when it signs, so a lost reply never hides money from its cap',
        says: 'README, "Apply spend controls" (https://github.com/coinbase/cdp-sdk/tree/main/typescript#apply-spend-controls): "the default store is in-memory"',
    },
    {
        name: 'cdp-shared', title: 'cdp-sdk, shared store', packages: ['@coinbase/cdp-sdk', ...client], ...rival('cdp', { isShared: true }),
        missing: world => (world.postgres ? null : 'no PostgreSQL here'),
        setUp: 'the same with `store`: its SpendStore interface (load, append, size, prune, removeEntry) on PostgreSQL, durable',
        good: 'survives restarts and kills: its ledger is where the application puts it',
        says: 'src/x402/guardrails/types.ts, SpendStore: "where the cap must be enforced across restarts or replicas, implement this interface against a shared durable backend"',
    },
    {
        name: 'sentinel', title: 'x402sentinel', packages: ['@x402sentinel/x402', ...client], ...rival('sentinel'),
        setUp: 'wrapWithSentinel() around wrapFetchWithPayment(), as its README shows under "After (with Sentinel)"',
        good: 'audit records with the transaction, tags and export; one line to add',
        says: 'README, "Budget Enforcement" (https://github.com/valeo-cash/Sentinel): "Blocks before payment"',
    },
    {
        name: 'stock', title: 'x402 client', packages: client, ...rival('stock'),
        setUp: 'wrapFetchWithPayment() with spendControls.maxAmountPerPayment; it has no limit over time, so a cap of the day cannot be set',
        good: 'pays any x402 server in one line, with a limit for each payment',
        says: 'README of @x402/core, "Spend controls" (https://github.com/x402-foundation/x402): a ceiling on payments',
    },
    {
        name: 'stock-id', title: 'x402 client, payment-identifier', packages: [...client, '@x402/extensions'], ...rival('identified'),
        setUp: 'the same, each item under a payment identifier of its own; the shop honours it',
        good: 'an item that was paid for is given again without a second payment, where shop and agent both take part',
        says: '@x402/extensions/payment-identifier (https://github.com/x402-foundation/x402/blob/main/specs/extensions/payment_identifier.md)',
    },
    {
        name: 'mppx', title: 'mppx', packages: ['mppx'], ...rival('mppx'),
        setUp: 'Mppx.create() with its EVM method and maxAmount; it has no limit over time, so a cap of the day cannot be set',
        good: 'speaks MPP and x402 with one client, on several chains',
        says: 'https://mpp.dev/sdk/typescript: maxAmount, the most that one payment may be',
    },
].map(one => ({ missing: () => null, ...one, versions: one.packages.map(versionOf) }));

/** Installable, and not in the table. */
export const notRun = [
    ['agentic-payments', 'signs and verifies mandates and moves no money; its verify_mandate takes no amount, so there is nothing that a cap could refuse'],
    ['agentcash', 'its one limit, maxAmount of a single fetch, has no day to be tortured; it pays from a wallet of its own on main networks'],
    ['LiteLLM', 'caps the price of model calls, pays nobody'],
    ['Cycles', 'a ledger without payments, on Java 21 and Redis'],
    ['walletcap, agentpay-mcp, rosud', 'not found in the registry'],
];
