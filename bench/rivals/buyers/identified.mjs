// SPDX-License-Identifier: Apache-2.0
// The stock x402 client with the payment-identifier extension, as the comments of
// @x402/extensions/payment-identifier show: the same identifier whenever the same item is bought, also
// by a process that was started anew.
import { createHash } from 'node:crypto';
import { appendPaymentIdentifierToExtensions } from '@x402/extensions/payment-identifier';
import { wrapFetchWithPayment } from '@x402/fetch';
import { open as openStock, stockClient } from './stock.mjs';

export function open(settings) {
    const idOf = url => `pay_${createHash('sha256').update(`${settings.key} ${url}`).digest('hex').slice(0, 32)}`;
    const pay = url => {
        const client = stockClient(settings);
        client.onBeforePaymentCreation(async ({ paymentRequired }) => {
            paymentRequired.extensions ??= {};
            appendPaymentIdentifierToExtensions(paymentRequired.extensions, idOf(url));
        });
        return wrapFetchWithPayment(fetch, client)(url);
    };
    return { ...openStock(settings), pay };
}
