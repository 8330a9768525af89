// SPDX-License-Identifier: Apache-2.0
// Ten processes on one ledger against the cap of a team: whatever they do at once, the
// cap holds, and all of it can be used.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { approved, refused } from './support/answers.mjs';
import { freshPurse } from './support/purse.mjs';
import { allSetups, open } from './support/setups.mjs';

const limit = { timeout: 120_000 };
const members = Array.from({ length: 10 }, (_, i) => `member-${i}`);
const micro = text => Math.round(Number(text) * 1e6);

/** All of them ask at once, each `times` times; the approved answers by member. */
function askAll(sessions, times, estimatedCost) {
    return Promise.all(sessions.map(async session => {
        const results = await Promise.all(Array.from({ length: times }, () => session.call('pay_preauthorize', { service: 'images', estimatedCost })));
        return results.filter(result => {
            if (result.isError) refused(result, 'spend_limit_reached');
            return !result.isError;
        }).map(approved);
    }));
}

async function teamCap(session) {
    const status = approved(await session.call('pay_budget_status', {}));
    const cap = status.caps.find(one => one.budget === 'budget/team' && one.cap === 'lifetime');
    return { spent: micro(cap.spent), held: micro(cap.held), limit: micro(cap.limit) };
}

for (const setup of allSetups) {
    test(`${setup.name}: ten processes never pass the cap of their team`, limit, async t => {
        const purse = freshPurse(t);
        const sessions = await Promise.all(members.map(async name => open(t, setup, purse.env(await purse.issue(name)))));

        const holds = await askAll(sessions, 10, '0.03');
        assert.equal(holds.flat().length, 33, '33 times 0.03 fit into 1.00');
        assert.equal(new Set(holds.flat().map(hold => hold.txId)).size, 33);
        assert.deepEqual(await teamCap(sessions[0]), { spent: 0, held: 990_000, limit: 1_000_000 });

        // Half is settled for less, half voided, by all at once: the rest can be held again.
        let spent = 0;
        await Promise.all(sessions.flatMap((session, i) => holds[i].map(async (hold, k) => {
            const end = k % 2 === 0 ? { actualCost: '0.02' } : { outcome: 'void' };
            const done = approved(await session.call('pay_settle', { txId: hold.txId, ...end }));
            spent += micro(done.captured);
        })));
        assert.deepEqual(await teamCap(sessions[5]), { spent, held: 0, limit: 1_000_000 });

        const more = (await askAll(sessions, 10, '0.01')).flat().length;
        assert.equal(more, Math.floor((1_000_000 - spent) / 10_000), 'all that is left can be used, and no more');
        assert.deepEqual(await teamCap(sessions[9]), { spent, held: more * 10_000, limit: 1_000_000 });
    });

    test(`${setup.name}: one process cannot end the hold of another agent`, limit, async t => {
        const purse = freshPurse(t);
        const [one, other] = await Promise.all(['member-0', 'member-1'].map(async name => open(t, setup, purse.env(await purse.issue(name)))));
        const { txId } = approved(await one.call('pay_preauthorize', { service: 'images', estimatedCost: '0.03' }));
        refused(await other.call('pay_settle', { txId, outcome: 'void' }), 'hold_unknown');
        assert.equal((await teamCap(one)).held, 30_000);
    });

    test(`${setup.name}: the same key in two processes is one hold`, limit, async t => {
        const purse = freshPurse(t);
        const env = purse.env(await purse.issue('member-0'));
        const pair = await Promise.all([open(t, setup, env), open(t, setup, env)]);
        const args = { service: 'images', estimatedCost: '0.03', idempotencyKey: 'both' };
        const answers = (await Promise.all(pair.map(session => session.call('pay_preauthorize', args)))).map(approved);
        assert.equal(answers[0].txId, answers[1].txId);
        assert.equal(answers.filter(answer => answer.replayed).length, 1);
        assert.equal((await teamCap(pair[0])).held, 30_000);
    });
}
