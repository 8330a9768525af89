// SPDX-License-Identifier: Apache-2.0
// @x402sentinel/x402 around the stock client, as its README shows under "After (with Sentinel)".
import { wrapFetchWithPayment } from '@x402/fetch';
import { MemoryStorage, SentinelBudgetError, wrapWithSentinel } from '@x402sentinel/x402';
import { stockClient } from './stock.mjs';

export function open(settings) {
    const storage = new MemoryStorage();
    const pay = wrapWithSentinel(wrapFetchWithPayment(fetch, stockClient(settings)), {
        agentId: 'buyer',
        budget: { maxPerCall: `${settings.perPayment}.00`, maxPerDay: `${settings.cap}.00` },
        audit: { enabled: true, storage },
    });
    return {
        pay,
        isRefusal: error => error instanceof SentinelBudgetError,
        // A record with a transaction counts as known, also where its amount is 0.
        books: async () => (await storage.query({ limit: 10_000 })).filter(record => record.tx_hash).length,
    };
}
