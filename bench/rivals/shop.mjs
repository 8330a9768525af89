// SPDX-License-Identifier: Apache-2.0
// What is bought: GET /item/NAME for a price, with the stock x402 server and facilitator, settled on
// the chain before the answer. Wired as the READMEs of @x402/express, @x402/core and @x402/evm show,
// with viem's nonce manager, without which parallel settlements fail. Who sends a payment identifier
// gets what it has paid for once more, without a second payment, as the package's comments ask.
//   node shop.mjs   settings: one line of JSON in SHOP { rpc, payTo, price, key }
// It prints its address, and writes a line of JSON for each settlement.
import { createServer } from 'node:http';
import { x402Facilitator } from '@x402/core/facilitator';
import { HTTPFacilitatorClient } from '@x402/core/server';
import { toFacilitatorEvmSigner } from '@x402/evm';
import { registerExactEvmScheme } from '@x402/evm/exact/facilitator';
import { ExactEvmScheme } from '@x402/evm/exact/server';
import { paymentMiddlewareFromHTTPServer, x402HTTPResourceServer, x402ResourceServer } from '@x402/express';
import { declarePaymentIdentifierExtension, extractPaymentIdentifier, PAYMENT_IDENTIFIER } from '@x402/extensions/payment-identifier';
import express from 'express';
import { createWalletClient, http, nonceManager, publicActions } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { baseSepolia } from 'viem/chains';

const { rpc, payTo, price, key } = JSON.parse(process.env.SHOP);
const network = `eip155:${baseSepolia.id}`;
// Blocks come every 100 ms here: viem would look for a receipt only after seconds.
const pollingInterval = 25;

const wallet = createWalletClient({
    account: privateKeyToAccount(key, { nonceManager }), chain: baseSepolia, transport: http(rpc), pollingInterval,
}).extend(publicActions);
const facilitator = new x402Facilitator();
registerExactEvmScheme(facilitator, { signer: toFacilitatorEvmSigner({ ...wallet, address: wallet.account.address }), networks: network });

/** The facilitator's own HTTP interface. */
const doors = express();
doors.use(express.json());
doors.get('/supported', (_, response) => response.json(facilitator.getSupported()));
for (const what of ['verify', 'settle'])
    doors.post(`/${what}`, async (request, response) => {
        const { paymentPayload, paymentRequirements } = request.body;
        try {
            response.json(await facilitator[what](paymentPayload, paymentRequirements));
        } catch (error) {
            response.status(500).json({ error: error.message });
        }
    });

const listen = app => new Promise(resolve => {
    const server = createServer(app).listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`));
});

const shop = express();
const server = new x402ResourceServer(new HTTPFacilitatorClient({ url: await listen(doors) })).register(network, new ExactEvmScheme());
const paidFor = new Set();
server.onAfterSettle(async ({ result, paymentPayload, transportContext }) => {
    const path = transportContext?.request?.path ?? '';
    const id = extractPaymentIdentifier(paymentPayload);
    if (id && result.success) paidFor.add(id);
    process.stdout.write(`${JSON.stringify({ settled: result.success, payer: result.payer, tx: result.transaction, item: path.split('/').at(-1) })}\n`);
});
const routes = {
    'GET /item/[name]': {
        accepts: { scheme: 'exact', price: `$${price}`, network, payTo }, description: 'An item',
        extensions: { [PAYMENT_IDENTIFIER]: declarePaymentIdentifierExtension(false) },
    },
};
const doorkeeper = new x402HTTPResourceServer(server, routes).onProtectedRequest(async ({ paymentHeader }) => {
    const id = paymentHeader && extractPaymentIdentifier(JSON.parse(Buffer.from(paymentHeader, 'base64')));
    return id && paidFor.has(id) ? { grantAccess: true } : undefined;
});
shop.use(paymentMiddlewareFromHTTPServer(doorkeeper));
shop.get('/item/:name', (request, response) => response.json({ item: request.params.name }));
process.stdout.write(`${JSON.stringify({ url: await listen(shop) })}\n`);
