// SPDX-License-Identifier: Apache-2.0
// The ordinary conversation, with each official client: list, hold, settle, look.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { approved, outputCheck } from './support/answers.mjs';
import { freshPurse } from './support/purse.mjs';
import { allSetups, open, pinned } from './support/setups.mjs';

const limit = { timeout: 60_000 };
const image = { service: 'images', estimatedCost: '0.08' };
const address = /^0x[0-9a-f]{40}$/i;

async function start(t, setup, agent = 'buyer') {
    const purse = freshPurse(t);
    const session = await open(t, setup, purse.env(await purse.issue(agent)));
    return { purse, session };
}

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

for (const setup of allSetups) {
    test(`${setup.name}: the tools are listed as hosts want them`, limit, async t => {
        const { session } = await start(t, setup);
        const tools = await session.listTools();
        assert.deepEqual(tools.map(tool => tool.name), ['pay_preauthorize', 'pay_settle', 'pay_budget_status']);
        tools.forEach(checkTool);
        assert.equal(tools[0].annotations.readOnlyHint, false);
        assert.equal(tools[0].annotations.destructiveHint, true);
        assert.equal(tools[2].annotations.readOnlyHint, true);
        assert.throws(() => outputCheck(tools, 'pay_preauthorize')({ ok: 'yes' }), 'the schema is a real one');
    });

    test(`${setup.name}: hold, settle, look`, limit, async t => {
        const started = await start(t, setup);
        if (setup.version) assert.equal(started.session.version, setup.version);
        await holdSettleLook(started);
    });

    test(`${setup.name}: void gives everything back; a little more may be captured`, limit, async t => {
        const { session } = await start(t, setup);
        const first = approved(await session.call('pay_preauthorize', image));
        const voided = approved(await session.call('pay_settle', { txId: first.txId, outcome: 'void' }));
        assert.deepEqual([voided.state, voided.captured, voided.released], ['voided', '0.00', '0.08']);
        const second = approved(await session.call('pay_preauthorize', image));
        const more = approved(await session.call('pay_settle', { txId: second.txId, actualCost: '0.088' }));
        assert.deepEqual([more.captured, more.released], ['0.088', '0.00']);
        const status = approved(await session.call('pay_budget_status', {}));
        assert.equal(status.caps.find(cap => cap.cap === 'daily').spent, '0.088');
    });

    test(`${setup.name}: a replay gives the first answer`, limit, async t => {
        const { session } = await start(t, setup);
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
    });

    test(`${setup.name}: warnings come at 80 and 95 percent`, limit, async t => {
        const { session } = await start(t, setup, 'poor');
        const levels = [];
        for (const estimatedCost of ['0.79', '0.01', '0.15']) {
            const hold = approved(await session.call('pay_preauthorize', { ...image, estimatedCost }));
            levels.push(hold.warnings.map(warning => [warning.cap, warning.usedPercent, warning.level]));
        }
        assert.deepEqual(levels, [[], [['daily', 80, 80]], [['daily', 95, 95]]]);
    });

    test(`${setup.name}: without any configuration the sandbox has a working purse`, limit, async t => {
        const purse = freshPurse(t);
        const session = await open(t, setup, purse.env(null, null));
        const hold = approved(await session.call('pay_preauthorize', { service: 'anything at all', estimatedCost: 0.25 }));
        assert.equal(hold.amount, '0.25');
        const status = approved(await session.call('pay_budget_status', {}));
        assert.equal(status.agent, 'sandbox');
        assert.equal(status.caps.find(cap => cap.cap === 'daily').limit, '5.00');
    });
}

test(`${pinned.name}: hold, settle, look`, limit, async t => {
    const started = await start(t, pinned);
    assert.equal(started.session.version, pinned.version);
    await holdSettleLook(started);
});
