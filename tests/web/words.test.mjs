// SPDX-License-Identifier: Apache-2.0
// The page has words for everything that the ledger can say of an approval.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { approvalStates, causes, channels } from '../../web/operator/words.js';

const source = readFileSync(new URL('../../ledger/approval.hpp', import.meta.url), 'utf8');

/** The names of a list of wire names. */
function names(list) {
    const found = new RegExp(`${list}\\{([^}]*)\\}`).exec(source.replace(/\s+/g, ' '));
    assert.ok(found, list);
    return found[1].match(/"[^"]*"/g).map(name => name.slice(1, -1)).filter(name => name !== '');
}

test('every state, cause and channel of an approval has its words', () => {
    assert.deepEqual(Object.keys(approvalStates).toSorted(), names('kApprovalStateNames').toSorted());
    assert.deepEqual(Object.keys(causes).toSorted(), names('kCauseNames').toSorted());
    assert.deepEqual(Object.keys(channels).toSorted(), names('kChannelNames').toSorted());
});
