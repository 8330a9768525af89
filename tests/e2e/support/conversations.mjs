// SPDX-License-Identifier: Apache-2.0
// The ordinary conversation, in pieces, for each official client and each way to reach the
// program. `run` gets { session, setup }; `agent` is of policy.jsonc, null is nobody.
import assert from 'node:assert/strict';
import { approved, outputCheck, refused } from './answers.mjs';
import { oneOff } from './cases.mjs';

const image = { service: 'images', estimatedCost: '0.08' };
const address = /^0x[0-9a-f]{40}$/i;

function checkTool(tool) {
    for (const schema of [tool.inputSchema, tool.outputSchema]) {
        assert.equal(schema.type, 'object');
        assert.doesNotMatch(JSON.stringify(schema), /"\$ref"|draft-0/);
        for (const keyword of ['oneOf', 'anyOf', 'allOf', 'not', 'if']) assert.ok(!(keyword in schema), keyword);
    }
    assert.equal(tool.inputSchema.additionalProperties, false);
    for (const [name, property] of Object.entries(tool.inputSchema.properties)) {
        assert.match(name, /^[A-Za-z0-9_.-]{1,64}$/);
        if (tool.inputSchema.required?.includes(name)) assert.ok(property.description.length > 0, `${tool.name}.${name} says what it is`);
    }
    for (const hint of ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'])
        assert.equal(typeof tool.annotations[hint], 'boolean', `${tool.name} ${hint}`);
    assert.match(tool.name, /^[A-Za-z0-9_.-]{1,64}$/);
    assert.ok(tool.title.length > 0 && tool.description.length > 0);
}

async function holdSettleLook({ session }) {
    const tools = await session.listTools();
    const hold = approved(await session.call('pay_preauthorize', { ...image, taskId: 'poster', purpose: 'one image' }));
    outputCheck(tools, 'pay_preauthorize')(hold);
    assert.equal(hold.state, 'held');
    assert.equal(hold.amount, '0.08');
    assert.equal(hold.currency, 'USDC');
    assert.equal(hold.service, 'images');
    assert.match(hold.payee, address);
    assert.equal(hold.maxCapture, '0.088');
    assert.match(hold.txId, /^tx_[0-9a-z]+$/);
    assert.equal(Date.parse(hold.expiresAt) - Date.parse(hold.at), 120_000);
    assert.deepEqual(hold.warnings, []);

    const before = approved(await session.call('pay_budget_status', {}));
    outputCheck(tools, 'pay_budget_status')(before);
    assert.equal(before.held, '0.08');
    assert.equal(before.agent, 'buyer');
    assert.equal(before.frozen, false);
    assert.deepEqual(before.holds.map(one => [one.txId, one.amount, one.taskId]), [[hold.txId, '0.08', 'poster']]);
    const daily = before.caps.find(cap => cap.cap === 'daily');
    assert.deepEqual([daily.budget, daily.limit, daily.spent, daily.held, daily.available], ['agent/buyer', '50.00', '0.00', '0.08', '49.92']);
    assert.match(daily.resetsAt, /T00:00:00(\.0+)?Z$/);

    const paid = approved(await session.call('pay_settle', { txId: hold.txId, actualCost: '0.07' }));
    outputCheck(tools, 'pay_settle')(paid);
    assert.deepEqual([paid.txId, paid.state, paid.captured, paid.released, paid.rail, paid.settlement],
        [hold.txId, 'settled', '0.07', '0.01', 'book', 'settled']);

    const after = approved(await session.call('pay_budget_status', {}));
    assert.equal(after.held, '0.00');
    assert.deepEqual(after.holds, []);
    assert.equal(after.caps.find(cap => cap.cap === 'daily').spent, '0.07');
}

async function offersResources({ session }) {
    const { resources } = await session.listResources();
    assert.deepEqual(resources.map(one => [one.uri, one.mimeType]), [['purse://budget', 'application/json']]);
    const { resourceTemplates } = await session.listResourceTemplates();
    assert.deepEqual(resourceTemplates.map(one => one.uriTemplate), ['purse://journal/{txId}']);
    const { txId } = approved(await session.call('pay_preauthorize', image));
    const budget = await session.readJson('purse://budget');
    assert.equal(budget.held, '0.08');
    assert.deepEqual(budget.holds.map(one => one.txId), [txId]);
    const open = await session.readJson(`purse://journal/${txId}`);
    assert.deepEqual([open.txId, open.state, open.amount, open.captured], [txId, 'open', '0.08', undefined]);
    assert.match(open.entry.hash, /^[0-9a-f]{64}$/);
    approved(await session.call('pay_settle', { txId, actualCost: '0.07' }));
    const settled = await session.readJson(`purse://journal/${txId}`);
    assert.deepEqual([settled.state, settled.captured, settled.entry], ['settled', '0.07', open.entry]);
    for (const uri of ['purse://nothing', 'purse://journal/x', `purse://journal/${oneOff(txId)}`, 'file:///etc/passwd'])
        await assert.rejects(session.readJson(uri), error => [-32602, -32002].includes(error.code), uri);
}

async function offersPrompts({ session }) {
    const { prompts } = await session.listPrompts();
    assert.deepEqual(prompts.map(one => [one.name, one.arguments.map(argument => argument.name)]), [['spending_report', ['audience']]]);
    approved(await session.call('pay_preauthorize', image));
    const { messages } = await session.getPrompt('spending_report', { audience: 'the board' });
    assert.deepEqual(messages.map(message => [message.role, message.content.type]), [['user', 'text']]);
    assert.match(messages[0].content.text, /for the board/);
    assert.match(messages[0].content.text, /0\.08/);
    await assert.rejects(session.getPrompt('poem', {}), error => error.code === -32602);
}

async function callsWithOptions({ session, setup }) {
    await assert.rejects(session.listTools('page-77'), error => error.code === -32602, 'a cursor that nobody gave');
    if (setup.version !== '2026-07-28') await session.ping();
    const hold = approved(await session.call('pay_preauthorize', image, { onprogress: () => {}, resetTimeoutOnProgress: true }));
    const stop = new AbortController();
    stop.abort('the user changed their mind');
    await assert.rejects(session.call('pay_preauthorize', image, { signal: stop.signal }));
    const late = new AbortController();
    const call = session.call('pay_budget_status', {}, { signal: late.signal });
    late.abort('too slow');
    await assert.rejects(call);
    assert.equal(approved(await session.call('pay_settle', { txId: hold.txId, actualCost: '0.07' })).captured, '0.07', 'the session goes on');
    assert.equal(refused(await session.call('pay_preauthorize', { ...image, service: 'nothing' }), 'service_unknown').retry, 'with_changes');
}

export const conversations = [
    {
        name: 'the tools are listed as hosts want them', agent: 'buyer',
        run: async ({ session }) => {
            const tools = await session.listTools();
            assert.deepEqual(tools.map(tool => tool.name), ['pay_preauthorize', 'pay_settle', 'pay_budget_status']);
            tools.forEach(checkTool);
            assert.equal(tools[0].annotations.readOnlyHint, false);
            assert.equal(tools[0].annotations.destructiveHint, true);
            assert.equal(tools[2].annotations.readOnlyHint, true);
            assert.throws(() => outputCheck(tools, 'pay_preauthorize')({ ok: 'yes' }), 'the schema is a real one');
        },
    },
    {
        name: 'hold, settle, look', agent: 'buyer',
        run: async ({ session, setup }) => {
            if (setup.version) assert.equal(session.version, setup.version);
            await holdSettleLook({ session });
        },
    },
    {
        name: 'void gives everything back; a little more may be captured', agent: 'buyer',
        run: async ({ session }) => {
            const first = approved(await session.call('pay_preauthorize', image));
            const voided = approved(await session.call('pay_settle', { txId: first.txId, outcome: 'void' }));
            assert.deepEqual([voided.state, voided.captured, voided.released], ['voided', '0.00', '0.08']);
            const second = approved(await session.call('pay_preauthorize', image));
            const more = approved(await session.call('pay_settle', { txId: second.txId, actualCost: '0.088' }));
            assert.deepEqual([more.captured, more.released], ['0.088', '0.00']);
            const status = approved(await session.call('pay_budget_status', {}));
            assert.equal(status.caps.find(cap => cap.cap === 'daily').spent, '0.088');
        },
    },
    {
        name: 'a replay gives the first answer', agent: 'buyer',
        run: async ({ session }) => {
            const args = { ...image, idempotencyKey: 'poster-1' };
            const first = approved(await session.call('pay_preauthorize', args));
            const again = approved(await session.call('pay_preauthorize', args));
            assert.equal(first.replayed, undefined);
            assert.deepEqual(again, { ...first, replayed: true });
            const settle = { txId: first.txId, actualCost: '0.07' };
            const paid = approved(await session.call('pay_settle', settle));
            const paidAgain = approved(await session.call('pay_settle', settle));
            assert.equal(paidAgain.replayed, true);
            for (const field of ['txId', 'state', 'captured', 'released', 'payee']) assert.equal(paidAgain[field], paid[field], field);
            const status = approved(await session.call('pay_budget_status', {}));
            assert.equal(status.caps.find(cap => cap.cap === 'daily').spent, '0.07');
        },
    },
    {
        name: 'warnings come at 80 and 95 percent', agent: 'poor',
        run: async ({ session }) => {
            const levels = [];
            for (const estimatedCost of ['0.79', '0.01', '0.15']) {
                const hold = approved(await session.call('pay_preauthorize', { ...image, estimatedCost }));
                levels.push(hold.warnings.map(warning => [warning.cap, warning.usedPercent, warning.level]));
            }
            assert.deepEqual(levels, [[], [['daily', 80, 80]], [['daily', 95, 95]]]);
        },
    },
    {
        name: 'without any configuration the sandbox has a working purse', agent: null, sandbox: true,
        run: async ({ session }) => {
            const hold = approved(await session.call('pay_preauthorize', { service: 'anything at all', estimatedCost: 0.25 }));
            assert.equal(hold.amount, '0.25');
            const status = approved(await session.call('pay_budget_status', {}));
            assert.equal(status.agent, 'sandbox');
            assert.equal(status.caps.find(cap => cap.cap === 'daily').limit, '5.00');
        },
    },
    { name: 'resources: the budget, and the record of a hold', agent: 'buyer', run: offersResources },
    { name: 'prompts: the spending report', agent: 'buyer', run: offersPrompts },
    { name: 'ping, a bad cursor, a progress token, cancelled calls', agent: 'buyer', run: callsWithOptions },
];
