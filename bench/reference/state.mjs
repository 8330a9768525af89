// SPDX-License-Identifier: Apache-2.0
// The books of this process, opened at the first call.
// Settings: PURSE_STATE (folder of the ledger), REFERENCE_POLICY (default: policy.json here).
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Books } from './books.mjs';

const policyFile = process.env.REFERENCE_POLICY ?? new URL('./policy.json', import.meta.url);
const state = process.env.PURSE_STATE ?? 'state';
let opened;

export function books() {
    if (!opened) {
        mkdirSync(state, { recursive: true, mode: 0o700 });
        opened = new Books(join(state, 'reference.db'), JSON.parse(readFileSync(policyFile, 'utf8')));
    }
    return opened;
}
