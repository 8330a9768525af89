// SPDX-License-Identifier: Apache-2.0
// Runs one case of cases.mjs and checks what must be true of every refusal.
import assert from 'node:assert/strict';
import { approved, outputCheck, refused } from './answers.mjs';
import { badArguments, someTx } from './cases.mjs';

/** `one` of `refusals`, by a client's session. */
export async function checkRefusal(session, one, { purse, secret }) {
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

/** Every one of `badArguments`, by a buyer without holds. */
export async function checkBadArguments(session) {
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
}
