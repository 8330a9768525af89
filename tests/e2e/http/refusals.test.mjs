// SPDX-License-Identifier: Apache-2.0
// Every refusal over HTTP, in both eras. A client that is not let in at all gets a status
// and not a refusal: auth.test.mjs.
import { describe, test } from 'node:test';
import { refusals } from '../support/cases.mjs';
import { HttpServer } from '../support/http.mjs';
import { freshPurse } from '../support/purse.mjs';
import { checkBadArguments, checkRefusal } from '../support/refusals.mjs';
import { httpSetups, open } from '../support/setups.mjs';

const limit = { timeout: 60_000 };
const atTheDoor = ['credential_missing', 'credential_unknown', 'credential_revoked', 'credential_expired', 'agent_unknown', 'policy_invalid'];
const inside = refusals.filter(one => !atTheDoor.includes(one.reason));
const setups = ['client v1, HTTP', 'client v2, HTTP, pinned'];

async function start(t, setup, agent, issue = []) {
    const purse = freshPurse(t);
    const secret = await purse.issue(agent, ...issue);
    const server = await HttpServer.start(t, purse, {});
    return { purse, secret, session: await open(t, setup, { base: server.base, credential: secret }) };
}

for (const setup of httpSetups.filter(one => setups.includes(one.name))) {
    describe(`${setup.name}: refused with`, { concurrency: 6 }, () => {
        for (const one of inside)
            test(one.reason + (one.name ? `, ${one.name}` : ''), limit, async t => {
                const { session, ...more } = await start(t, setup, one.agent, one.issue);
                await checkRefusal(session, one, more);
            });
    });

    test(`${setup.name}: a wrong argument is named`, limit, async t => {
        await checkBadArguments((await start(t, setup, 'buyer')).session);
    });
}
