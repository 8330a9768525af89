// SPDX-License-Identifier: Apache-2.0
// Faults of single items of a JSON-RPC exchange. `methods`: which it fits (null: all). `before`
// answers instead of the node, `after` changes the node's answer, `lasting` goes on answering
// after the exchange that began it.
import { authorizationCalls, topics, word } from './token.mjs';

const headTags = ['latest', 'safe', 'finalized'];

export const itemFaults = {
    rate_limited: {
        weight: 2, methods: null,
        before: (_, proxy) => ({ error: proxy.dice.chance(0.5)
            ? { code: -32016, message: 'over rate limit' }
            : { code: -32000, message: '429 Too Many Requests: {"code":-32016,"message":"over rate limit"}' } }),
    },
    null_receipt: {
        weight: 2, methods: ['eth_getTransactionReceipt'],
        before: (item, proxy, { polls }) => void proxy.memory.nulls.set(item.params[0], polls),
        lasting: (item, { memory: { nulls } }) => {
            if (item.method !== 'eth_getTransactionReceipt') return null;
            const left = nulls.get(item.params[0]) ?? 0;
            if (left === 0) return null;
            if (left === 1) nulls.delete(item.params[0]);
            else nulls.set(item.params[0], left - 1);
            return { result: null };
        },
    },
    forged_receipt: {
        weight: 1, methods: ['eth_getTransactionReceipt'],
        after: async (item, answer, proxy, { block }) => {
            // Of a block that is long final, or of the latest.
            const number = block ?? (proxy.dice.chance(0.5) ? '0x5' : await proxy.rpc.call('eth_blockNumber'));
            answer.result = forge(item.params[0], answer.result, number, proxy);
        },
    },
    stale_count: {
        weight: 2, methods: ['eth_getTransactionCount'],
        after: (_, answer) => {
            if (Number(answer.result) > 0) answer.result = `0x${(Number(answer.result) - 1).toString(16)}`;
        },
    },
    frozen_head: {
        weight: 0.5, methods: ['eth_getBlockByNumber', 'eth_blockNumber'],
        before: async (_, proxy, { frozenMs }) => {
            const blocks = await proxy.rpc.batch(headTags.map(tag => ['eth_getBlockByNumber', tag, false]));
            proxy.memory.frozen = { until: Date.now() + frozenMs, blocks };
            return null;
        },
        lasting: (item, { memory: { frozen } }) => {
            if (!frozen || Date.now() > frozen.until) return null;
            if (item.method === 'eth_blockNumber') return { result: frozen.blocks[0].number };
            const tag = item.method === 'eth_getBlockByNumber' ? headTags.indexOf(item.params?.[0]) : -1;
            return tag < 0 ? null : { result: frozen.blocks[tag] };
        },
    },
    wrong_chain: { weight: 0.3, methods: ['eth_chainId'], before: () => ({ result: '0xdead' }) },
    insufficient: {
        weight: 0.5, methods: ['eth_sendRawTransaction'],
        before: () => ({ error: { code: -32000, message: 'insufficient funds for gas * price + value: have 41000000000 want 52000000000' } }),
    },
};

/** A success in a block that is not there, with the logs that a payment would have. */
function forge(hash, real, number, { pool, dice }) {
    const transaction = pool.ofHash(hash);
    const block = { blockNumber: real?.blockNumber ?? number, blockHash: dice.hex(32), transactionHash: hash, transactionIndex: '0x0' };
    const calls = transaction?.to ? authorizationCalls(transaction.to, transaction.data ?? '0x') : [];
    const logs = real?.status === '0x1' ? real.logs : calls.flatMap(({ token, from, payee, value, nonce }) => [
        { address: token, topics: [topics.used, word(from), nonce], data: '0x' },
        { address: token, topics: [topics.transfer, word(from), word(payee)], data: `0x${value.toString(16).padStart(64, '0')}` },
    ]);
    return {
        type: '0x2', from: transaction?.from ?? `0x${'0'.repeat(40)}`, to: transaction?.to ?? null, contractAddress: null,
        cumulativeGasUsed: '0x14f00', gasUsed: '0x14f00', effectiveGasPrice: '0x1', logsBloom: `0x${'0'.repeat(512)}`,
        ...real, ...block, status: '0x1',
        logs: logs.map((log, i) => ({ ...log, ...block, logIndex: `0x${i.toString(16)}`, removed: false })),
    };
}
