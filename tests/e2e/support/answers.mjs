// SPDX-License-Identifier: Apache-2.0
// What every answer must look like, whatever it says.
import assert from 'node:assert/strict';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';

export const reasons = [
    'credential_missing', 'credential_unknown', 'credential_revoked', 'credential_expired', 'agent_unknown', 'frozen',
    'service_unknown', 'service_required', 'payee_mismatch', 'payee_unknown', 'service_denied', 'service_not_allowed',
    'payee_denied', 'payee_not_allowed', 'payee_not_payable', 'outside_hours', 'task_required', 'workflow_required',
    'price_above_ceiling', 'transaction_limit_exceeded', 'loop_detected', 'rate_limit_reached', 'spend_limit_reached',
    'funds_insufficient', 'payee_debt_limit', 'approval_required', 'approval_pending', 'approval_denied', 'approval_expired',
    'hold_unknown', 'hold_closed', 'hold_expired', 'over_capture',
    'idempotency_conflict', 'invalid_argument', 'policy_invalid', 'busy', 'ledger_unavailable',
];
const retries = ['never', 'after', 'with_changes', 'same_request'];
const money = /^(0|[1-9]\d*)(\.\d{1,6})?$/;
const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

/** The two text blocks, and the structured answer they go with. */
function structured(result) {
    const answer = result.structuredContent;
    assert.equal(typeof answer, 'object', `no structuredContent: ${JSON.stringify(result)}`);
    assert.deepEqual(result.content.map(block => block.type), ['text', 'text']);
    assert.ok(result.content[0].text.length > 0, 'the first block is for a person');
    assert.deepEqual(JSON.parse(result.content[1].text), answer, 'the second block is the same answer');
    assert.ok(answer.message.length > 0);
    return answer;
}

/** A yes: the structured answer. */
export function approved(result) {
    const answer = structured(result);
    assert.equal(answer.ok, true, JSON.stringify(answer));
    assert.ok(!result.isError);
    return answer;
}

/** A payment that waits for a person: the structured answer. */
export function pending(result) {
    const answer = structured(result);
    assert.equal(answer.ok, false, JSON.stringify(answer));
    assert.ok(!result.isError, 'waiting is no error');
    assert.deepEqual([answer.reason, answer.state, answer.retry], ['approval_pending', 'awaiting_approval', 'same_request']);
    assert.equal(answer.approval.state, 'waiting');
    assert.match(answer.approval.until, time);
    assert.ok(answer.idempotencyKey.length > 0);
    assert.ok(answer.approval.causes.length > 0);
    return answer;
}

/** A no for this reason: the structured answer. */
export function refused(result, reason) {
    const answer = structured(result);
    assert.equal(answer.ok, false, JSON.stringify(answer));
    assert.equal(result.isError, true);
    assert.equal(answer.reason, reason, JSON.stringify(answer));
    assert.ok(reasons.includes(answer.reason));
    assert.ok(retries.includes(answer.retry), JSON.stringify(answer));
    if (answer.retryAt !== undefined) assert.match(answer.retryAt, time);
    if (answer.allowedNow !== undefined) assert.match(answer.allowedNow, money);
    for (const failure of answer.failures ?? []) checkFailure(failure);
    const listed = (answer.failures ?? []).map(failure => reasons.indexOf(failure.reason));
    assert.deepEqual(listed, listed.toSorted((a, b) => a - b), 'failures are in published order');
    return answer;
}

function checkFailure(failure) {
    assert.ok(reasons.includes(failure.reason), JSON.stringify(failure));
    assert.ok(failure.rule.length > 0 && failure.message.length > 0);
    for (const name of ['limit', 'spent', 'held', 'available'])
        if (failure[name] !== undefined && failure.unit === 'USDC') assert.match(failure[name], money);
    if (failure.resetsAt !== undefined) assert.match(failure.resetsAt, time);
}

/** A function that holds an answer against a tool's own output schema. */
export function outputCheck(tools, name) {
    const check = new AjvJsonSchemaValidator().getValidator(tools.find(tool => tool.name === name).outputSchema);
    return answer => {
        const verdict = check(answer);
        assert.ok(verdict.valid, `${verdict.errorMessage}: ${JSON.stringify(answer)}`);
    };
}
