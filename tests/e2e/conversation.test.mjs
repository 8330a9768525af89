// SPDX-License-Identifier: Apache-2.0
// The ordinary conversation on standard input and output, with each official client.
import { test } from 'node:test';
import { conversations } from './support/conversations.mjs';
import { freshPurse } from './support/purse.mjs';
import { allSetups, open, pinned } from './support/setups.mjs';

const limit = { timeout: 60_000 };

for (const setup of [...allSetups, pinned]) {
    for (const one of conversations) {
        test(`${setup.name}: ${one.name}`, limit, async t => {
            const purse = freshPurse(t);
            const credential = one.agent && await purse.issue(one.agent);
            const env = one.sandbox ? purse.env(null, null) : purse.env(credential);
            await one.run({ session: await open(t, setup, env), setup });
        });
    }
}
