// SPDX-License-Identifier: Apache-2.0
// The client of mppx, as its README shows, with its EVM method, which pays x402 offers, and the one
// limit that it has.
import { evm, Mppx } from 'mppx/client';
import { privateKeyToAccount } from 'viem/accounts';

export function open({ key, perPayment }) {
    const method = evm({ account: privateKeyToAccount(key), currencies: [evm.assets.baseSepolia.USDC], maxAmount: perPayment });
    const { fetch } = Mppx.create({ polyfill: false, methods: [method] });
    return { pay: fetch, isRefusal: error => /maxAmount|exceeds/i.test(error.message), books: () => null };
}
