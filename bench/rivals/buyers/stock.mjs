// SPDX-License-Identifier: Apache-2.0
// The stock x402 client, as the README of @x402/fetch shows it, with its built-in limit.
import { ExactEvmScheme } from '@x402/evm';
import { wrapFetchWithPayment, x402Client } from '@x402/fetch';
import { privateKeyToAccount } from 'viem/accounts';

export function stockClient({ key, chainId, perPayment }) {
    const schemes = [{ network: `eip155:${chainId}`, client: new ExactEvmScheme(privateKeyToAccount(key)) }];
    return x402Client.fromConfig({ schemes, spendControls: { maxAmountPerPayment: `$${perPayment}` } });
}

export function open(settings) {
    return {
        pay: wrapFetchWithPayment(fetch, stockClient(settings)),
        isRefusal: error => /spend ?controls|maxAmountPerPayment|no payment requirements/i.test(error.message),
        books: () => null,
    };
}
