// SPDX-License-Identifier: Apache-2.0
// Every refusal, with each official client: the client's own validation accepts it, and it
// says why, in the same words for all.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { refused } from './support/answers.mjs';
import { refusals } from './support/cases.mjs';
import { freshPurse } from './support/purse.mjs';
import { checkBadArguments, checkRefusal } from './support/refusals.mjs';
import { allSetups, open } from './support/setups.mjs';

const limit = { timeout: 60_000 };

async function act(t, setup, one) {
    const purse = freshPurse(t);
    const secret = one.agent ? await purse.issue(one.agent, ...(one.issue ?? [])) : one.secret;
    await checkRefusal(await open(t, setup, purse.env(secret)), one, { purse, secret });
}

for (const setup of allSetups) {
    describe(`${setup.name}: refused with`, { concurrency: 4 }, () => {
        for (const one of refusals)
            test(one.reason + (one.name ? `, ${one.name}` : ''), limit, t => act(t, setup, one));
    });

    test(`${setup.name}: a wrong argument is named`, limit, async t => {
        const purse = freshPurse(t);
        await checkBadArguments(await open(t, setup, purse.env(await purse.issue('buyer'))));
    });

    test(`${setup.name}: a refusal is kept with its idempotency key`, limit, async t => {
        const purse = freshPurse(t);
        const session = await open(t, setup, purse.env(await purse.issue('poor')));
        const args = { service: 'images', estimatedCost: '2', idempotencyKey: 'too-much' };
        const first = refused(await session.call('pay_preauthorize', args), 'spend_limit_reached');
        const again = refused(await session.call('pay_preauthorize', args), 'spend_limit_reached');
        assert.deepEqual(again.failures, first.failures);
        assert.equal(again.at, first.at);
    });

    test(`${setup.name}: an unknown tool is a protocol error`, limit, async t => {
        const purse = freshPurse(t);
        const session = await open(t, setup, purse.env(await purse.issue('buyer')));
        await assert.rejects(session.call('pay_everything', {}), error => error.code === -32602);
    });
}
