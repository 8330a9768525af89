// SPDX-License-Identifier: Apache-2.0
// Every refusal, with each official client: the client's own validation accepts it, and it
// says why, in the same words for all.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { approved, outputCheck, refused } from './support/answers.mjs';
import { badArguments, refusals, someTx } from './support/cases.mjs';
import { freshPurse } from './support/purse.mjs';
import { allSetups, open } from './support/setups.mjs';

const limit = { timeout: 60_000 };

async function act(t, setup, one) {
    const purse = freshPurse(t);
    const secret = one.agent ? await purse.issue(one.agent, ...(one.issue ?? [])) : one.secret;
    const session = await open(t, setup, purse.env(secret));
    const tools = await session.listTools();
    let tool;
    const call = (name, args) => session.call((tool = name), args);
    const outcome = await one.act({ call, purse, secret });
    const result = outcome.result ?? outcome;
    const answer = refused(result, one.reason);
    outputCheck(tools, tool)(answer);
    for (const field of ['retry', 'allowedNow', 'maxCapture'])
        if (one[field] !== undefined) assert.equal(answer[field], one[field], `${field}: ${JSON.stringify(answer)}`);
    if (one.approvals !== undefined) assert.equal(outcome.approvals, one.approvals);
}

for (const setup of allSetups) {
    describe(`${setup.name}: refused with`, () => {
        for (const one of refusals)
            test(one.reason + (one.name ? `, ${one.name}` : ''), limit, t => act(t, setup, one));
    });

    test(`${setup.name}: a wrong argument is named`, limit, async t => {
        const purse = freshPurse(t);
        const session = await open(t, setup, purse.env(await purse.issue('buyer')));
        const tools = await session.listTools();
        const hold = approved(await session.call('pay_preauthorize', { service: 'images', estimatedCost: '0.08' }));
        for (const { tool, field, args } of badArguments) {
            const result = await session.call(tool, args.txId === someTx ? { ...args, txId: hold.txId } : args);
            const answer = refused(result, 'invalid_argument');
            assert.equal(answer.field, field, JSON.stringify(args) + JSON.stringify(answer));
            outputCheck(tools, tool)(answer);
        }
        const status = approved(await session.call('pay_budget_status', {}));
        assert.equal(status.held, '0.08', 'nothing else was held, nothing was settled');
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
