#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Runs a chain with the real USDC until standard input ends or SIGTERM comes:
// bed.mjs [--chain-id 84532] [--block-time 0.2] [--slots 1] [--gas-limit N] [--token-name TEXT]
import { parseArgs } from 'node:util';
import { startBed } from './support/bed.mjs';

const { values } = parseArgs({
    options: {
        'chain-id': { type: 'string', default: '84532' }, 'block-time': { type: 'string', default: '0.2' },
        slots: { type: 'string', default: '1' }, 'gas-limit': { type: 'string', default: '1000000000' },
        'token-name': { type: 'string' },
    },
});

const bed = await startBed({
    chainId: Number(values['chain-id']), blockTime: Number(values['block-time']), slots: Number(values.slots),
    gasLimit: BigInt(values['gas-limit']), ...(values['token-name'] && { tokenName: values['token-name'] }),
});
const { url, chainId, token: { address: token, name, version }, multicall3, owner, funder } = bed;
console.log(JSON.stringify({ url, chainId, token, name, version, multicall3, funder, owner }));

async function end(code) {
    await bed.stop();
    process.exit(code);
}
bed.ended.then(() => end(1));
process.stdin.resume().on('end', () => end(0)).on('error', () => end(0));
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => end(0));
