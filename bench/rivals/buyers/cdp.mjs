// SPDX-License-Identifier: Apache-2.0
// The spend controls of @coinbase/cdp-sdk on a stock x402 client, as its README shows
// (applySpendControls), with the default store in memory, or with the shared durable store that its
// documentation asks for where a cap must hold across restarts and replicas.
import { applySpendControls } from '@coinbase/cdp-sdk/x402';
import { wrapFetchWithPayment } from '@x402/fetch';
import { sharedStore } from './cdp_store.mjs';
import { stockClient } from './stock.mjs';

export async function open(settings) {
    const { chainId, token, perPayment, cap, store } = settings;
    const client = stockClient(settings);
    const { tracker } = applySpendControls(client, {
        maxAmountPerPayment: { atomic: BigInt(perPayment) * 1_000_000n, asset: token },
        maxCumulativeSpend: { atomic: BigInt(cap) * 1_000_000n, asset: token },
        maxCumulativeSpendWindow: '24h',
        allowedNetworks: [`eip155:${chainId}`],
        ...(store && { store: await sharedStore(store) }),
    });
    return {
        pay: wrapFetchWithPayment(fetch, client),
        // The stock client hands on the words only.
        isRefusal: error => /exceeding cap|exceeds per-payment cap/.test(error.message),
        books: async () => (await tracker.entries()).length,
    };
}
