// SPDX-License-Identifier: Apache-2.0
// How every test with a ledger ends: by the program's own independent audit.
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Has every balance, cap and window of `purse` recomputed from its journal. */
export async function audit(purse) {
    if (!existsSync(join(purse.state, 'ledger.db'))) return;
    const found = await purse.command('audit').catch(failed => failed);
    assert.equal(found.code ?? 0, 0, `the books are in disorder:\n${found.stdout}${found.stderr}`);
}

/** The audit, and then nothing of it is left. */
export async function endOf(purse) {
    try {
        await audit(purse);
    } finally {
        rmSync(purse.folder, { recursive: true, force: true });
    }
}
