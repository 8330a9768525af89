// SPDX-License-Identifier: Apache-2.0
// The chain client (wallet/rpc) and the check at start-up against a real node: starts the chain for
// the C++ tests of tests/wallet/chain.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startBed } from './support/bed.mjs';

const program = join(dirname(process.env.PURSE_BINARY), 'chain_tests');

for (const chainId of [84532, 8453]) {
    test(`chain ${chainId}: the client reads what a real node answers`, { timeout: 60_000 }, async t => {
        const bed = await startBed({ chainId });
        t.after(() => bed.stop());
        const { address, name, version } = bed.token;
        await promisify(execFile)(program, {
            env: {
                ...process.env, PURSE_CHAIN_URL: bed.url, PURSE_CHAIN_ID: String(chainId),
                PURSE_CHAIN_TOKEN: address, PURSE_CHAIN_TOKEN_NAME: name, PURSE_CHAIN_TOKEN_VERSION: version,
            },
        }).catch(failed => assert.fail(`${failed}\n${failed.stdout}${failed.stderr}`));
    });
}
