// SPDX-License-Identifier: Apache-2.0
// Approvals over HTTP: the sealed state of 2026-07-28 in wrong hands, the operator page opened for
// the user, decisions of another process, and a server that dies in between.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { approved, pending, refused } from '../support/answers.mjs';
import { HttpServer, steadyAddress } from '../support/http.mjs';
import { Operator } from '../support/operator.mjs';
import { freshPurse } from '../support/purse.mjs';
import { modernMeta } from '../support/raw.mjs';
import { httpSetups, open } from '../support/setups.mjs';

const limit = { timeout: 60_000 };
const dear = { service: 'images', estimatedCost: '12.50' };
const declares = elicitation => ({ ...modernMeta, 'io.modelcontextprotocol/clientCapabilities': { elicitation } });
const chosen = decision => ({ approval: { action: 'accept', content: { decision } } });

async function start(t, options = {}) {
    const purse = freshPurse(t);
    const credential = await purse.issue('asker');
    const server = await HttpServer.start(t, purse, options);
    /** One round of the modern era; the JSON-RPC answer. */
    const round = async (more = {}, { args = dear, who = credential, elicitation = {}, id = 1 } = {}) =>
        (await server.modern('tools/call', { name: 'pay_preauthorize', arguments: args, ...more }, { credential: who, meta: declares(elicitation), id })).json;
    return { purse, credential, server, round };
}

test('2026-07-28: the state of a question is good once, for its caller and its arguments', limit, async t => {
    const { purse, round } = await start(t);
    const asked = (await round()).result;
    assert.equal(asked.resultType, 'input_required');
    assert.deepEqual(Object.keys(asked.inputRequests), ['approval']);
    assert.equal(asked.inputRequests.approval.method, 'elicitation/create');
    const back = { inputResponses: chosen('approve'), requestState: asked.requestState };
    const state = asked.requestState;
    const middle = Math.floor(state.length / 2);
    const tampered = state.slice(0, middle) + (state[middle] === 'A' ? 'B' : 'A') + state.slice(middle + 1);
    for (const [more, how] of [
        [{ ...back, requestState: tampered }, {}],
        [{ ...back, requestState: state.slice(0, -4) }, {}],
        [{ ...back, requestState: '' }, {}],
        [back, { args: { ...dear, estimatedCost: '12.51' } }],
        [back, { who: await purse.issue('asker') }],
        [back, { who: await purse.issue('buyer') }],
    ]) assert.equal((await round(more, how)).error?.code, -32602, JSON.stringify(how));
    assert.equal(JSON.parse((await purse.command('approvals', 'list', '--json')).stdout)[0].state, 'waiting', 'nothing of that decided anything');
    const yes = approved((await round(back)).result);
    assert.equal(yes.approval.state, 'granted');
    assert.equal((await round(back)).error.code, -32602, 'a second time');
});

test('2026-07-28: answers that are none ask again; a retry without a state asks anew', limit, async t => {
    const { round } = await start(t);
    const keyed = { args: { ...dear, idempotencyKey: 'k' } };
    let asked = (await round({}, keyed)).result;
    for (const inputs of [{}, { other: {} }, { approval: { action: 'accept' } }, { approval: { action: 'accept', content: { decision: 'Approve' } } }, { approval: 7 }]) {
        asked = (await round({ inputResponses: inputs, requestState: asked.requestState }, keyed)).result;
        assert.equal(asked.resultType, 'input_required', JSON.stringify(inputs));
    }
    const anew = (await round({}, keyed)).result;
    assert.equal(anew.resultType, 'input_required');
    assert.equal(anew.inputRequests.approval.params.message, asked.inputRequests.approval.params.message);
    refused((await round({ inputResponses: { approval: { action: 'decline' } }, requestState: anew.requestState }, keyed)).result, 'approval_denied');
    // The older question is still in somebody's hands; its answer comes too late.
    refused((await round({ inputResponses: chosen('approve'), requestState: asked.requestState }, keyed)).result, 'approval_denied');
});

test('2026-07-28: what is too large for the chat cannot be approved by a form, and opens the page', limit, async t => {
    const { purse, server, round } = await start(t);
    const large = { args: { ...dear, estimatedCost: '21' } };
    const told = pending((await round({}, large)).result);
    assert.equal(told.approval.url, `${server.base}/operator/#/holds/${told.txId}`);
    const asked = (await round({}, { args: { ...large.args, idempotencyKey: 'u' }, elicitation: { form: {}, url: {} } })).result;
    const question = asked.inputRequests.approval.params;
    assert.deepEqual([question.mode, question.requestedSchema], ['url', undefined]);
    const txId = question.url.split('/').at(-1);
    const waiting = round({ inputResponses: { approval: { action: 'accept' } }, requestState: asked.requestState }, { args: { ...large.args, idempotencyKey: 'u' }, elicitation: { form: {}, url: {} } });
    await sleep(200);
    await purse.command('approvals', 'approve', txId);
    assert.equal(approved((await waiting).result).approval.channel, 'command');
});

test('a question asked before a restart: the state is void, the payment still waits and can be approved', limit, async t => {
    const { purse, server, round } = await start(t, { address: await steadyAddress() });
    const keyed = { args: { ...dear, idempotencyKey: 'k' } };
    const asked = (await round({}, keyed)).result;
    await server.stop('SIGKILL');
    await server.restart();
    assert.equal((await round({ inputResponses: chosen('approve'), requestState: asked.requestState }, keyed)).error.code, -32602);
    const [one] = JSON.parse((await purse.command('approvals', 'list', '--json')).stdout);
    assert.deepEqual([one.state, one.amount], ['waiting', '12.50']);
    const anew = (await round({}, keyed)).result;
    assert.equal(approved((await round({ inputResponses: chosen('approve'), requestState: anew.requestState }, keyed)).result).txId, one.txId);
});

test('an approval that was stored survives a server killed before its answer', limit, async t => {
    const { purse, server, round } = await start(t, { address: await steadyAddress() });
    const keyed = { args: { ...dear, idempotencyKey: 'k' } };
    const asked = (await round({}, keyed)).result;
    const lost = round({ inputResponses: chosen('approve'), requestState: asked.requestState }, keyed).catch(() => 'lost');
    const stopped = server.stop('SIGKILL');
    await lost;
    await stopped;
    await server.restart();
    const [one] = JSON.parse((await purse.command('approvals', 'list', '--all', '--json')).stdout);
    const again = (await round({}, keyed)).result;
    // Either the yes was stored or the question is as it was: never both, never half.
    if (one.state === 'granted') assert.equal(approved(again).txId, one.txId);
    else assert.deepEqual([one.state, again.resultType], ['waiting', 'input_required']);
});

for (const setup of httpSetups) {
    test(`${setup.name}: a form over HTTP, answered yes and no`, limit, async t => {
        const { server, credential } = await start(t);
        let decision = 'approve';
        const person = { capabilities: { elicitation: {} }, onElicit: () => ({ action: 'accept', content: { decision } }) };
        const session = await open(t, setup, { base: server.base, credential }, person);
        const yes = approved(await session.call('pay_preauthorize', dear));
        approved(await session.call('pay_settle', { txId: yes.txId, actualCost: '12' }));
        decision = 'deny';
        refused(await session.call('pay_preauthorize', dear), 'approval_denied');
    });
}

test('a yes in the chat and two on the page at the same moment pay once', limit, async t => {
    const { purse, server, round } = await start(t);
    const operators = [await Operator.signIn(server), await Operator.signIn(server)];
    for (let i = 0; i < 4; ++i) {
        const keyed = { args: { service: 'images', estimatedCost: '3', idempotencyKey: `k${i}` } };
        const asked = (await round({}, keyed)).result;
        const { txId } = (await operators[0].read('approvals?state=waiting')).approvals[0];
        const [chat, ...pages] = await Promise.all([
            round({ inputResponses: chosen('approve'), requestState: asked.requestState }, keyed),
            ...operators.map(operator => operator.post(`approvals/${txId}/approve`)),
        ]);
        const won = pages.filter(page => page.status === 200).length;
        pages.filter(page => page.status !== 200).forEach(page => {
            assert.equal(page.status, 409);
            assert.equal(page.json.error.code, 'already_decided');
        });
        const yes = approved(chat.result);
        assert.equal(yes.approval.channel, won === 1 ? 'page' : 'chat');
        assert.ok(won <= 1);
    }
    const { stdout } = await purse.command('status', '--json');
    assert.equal(JSON.parse(stdout).holds.sum, '12.00');
});

test('another agent cannot follow, approve or see a payment that waits', limit, async t => {
    const { purse, server, round } = await start(t);
    const asked = (await round({}, { args: { ...dear, idempotencyKey: 'k' } })).result;
    const other = await server.initialize(await purse.issue('buyer'));
    const { txId } = JSON.parse((await purse.command('approvals', 'list', '--json')).stdout)[0];
    refused(await other.call('pay_settle', { txId, outcome: 'void' }), 'hold_unknown');
    assert.ok(asked.requestState.length > 0);
    assert.deepEqual(approved(await other.call('pay_budget_status', {})).holds, []);
});
