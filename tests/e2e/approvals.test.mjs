// SPDX-License-Identifier: Apache-2.0
// A person is asked: in the chat through the official clients of both eras, by command, or not at
// all; and every way of not saying yes is a refusal that says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { approved, outputCheck, pending, refused } from './support/answers.mjs';
import { freshPurse } from './support/purse.mjs';
import { allSetups, open } from './support/setups.mjs';

const limit = { timeout: 60_000 };
const dear = { service: 'images', estimatedCost: '12.50', purpose: 'a mural' };
const form = { elicitation: {} };
const choose = decision => () => ({ action: 'accept', content: { decision } });

async function asking(t, setup, onElicit, { agent = 'asker', capabilities = form } = {}) {
    const purse = freshPurse(t);
    const session = await open(t, setup, purse.env(await purse.issue(agent)), { capabilities, onElicit });
    const status = async () => approved(await session.call('pay_budget_status', {}));
    return { purse, session, status, ask: (args = dear) => session.call('pay_preauthorize', args) };
}

/** Without anybody who could be asked. */
const mute = (t, setup, options = {}) => asking(t, setup, undefined, { capabilities: {}, ...options });

async function entries(purse) {
    const { stdout } = await purse.command('journal', 'tail', '-n', '1000', '--json');
    return stdout.trim().split('\n').map(line => JSON.parse(line)).map(line => line.entry ?? line.body ?? line);
}

for (const setup of allSetups) {
    test(`${setup.name}: a form is shown, approved, and the payment can be made once`, limit, async t => {
        const forms = [];
        const { session, status, ask, purse } = await asking(t, setup, params => {
            forms.push(params);
            return choose('approve')();
        });
        const answer = approved(await ask());
        outputCheck(await session.listTools(), 'pay_preauthorize')(answer);
        assert.equal(forms.length, 1);
        assert.match(forms[0].message, /May asker pay 12\.50 USDC to images\?/);
        assert.match(forms[0].message, /The agent says: "a mural"/);
        assert.match(forms[0].message, /above 1\.00 USDC/);
        assert.deepEqual(forms[0].requestedSchema.properties.decision.enum, ['deny', 'approve']);
        assert.equal(forms[0].requestedSchema.properties.decision.default, undefined, 'nothing is chosen for anybody');
        assert.deepEqual([answer.state, answer.maxCapture, answer.approval.state, answer.approval.channel], ['held', '12.50', 'granted', 'chat']);
        refused(await session.call('pay_settle', { txId: answer.txId, actualCost: '12.51' }), 'over_capture');
        approved(await session.call('pay_settle', { txId: answer.txId, actualCost: '12.50' }));
        assert.equal((await status()).caps.find(cap => cap.cap === 'daily').spent, '12.50');
        const kinds = (await entries(purse)).map(entry => entry.kind);
        assert.deepEqual(kinds.filter(kind => /approv/.test(kind)), ['awaiting_approval', 'approval_granted']);
    });

    test(`${setup.name}: deny, decline and cancel are refusals that say so, and nothing stays held`, limit, async t => {
        for (const [reply, words] of [
            [choose('deny')(), /not approved by purse-e2e/],
            [{ action: 'decline' }, /not approved by purse-e2e/],
            [{ action: 'cancel' }, /put away without an answer/],
        ]) {
            const { status, ask } = await asking(t, setup, () => reply);
            const answer = refused(await ask(), 'approval_denied');
            assert.match(answer.message, words);
            assert.equal(answer.retry, 'never');
            assert.equal((await status()).held, '0.00');
        }
    });

    test(`${setup.name}: without anybody to ask the answer waits, and the same key learns what was decided`, limit, async t => {
        const { purse, session, status, ask } = await mute(t, setup);
        const first = pending(await ask());
        outputCheck(await session.listTools(), 'pay_preauthorize')(first);
        assert.match(first.message, new RegExp(`purse approvals approve ${first.txId}`));
        assert.equal((await status()).held, '12.50', 'held while it waits');
        assert.deepEqual((await status()).holds.map(hold => [hold.txId, hold.state]), [[first.txId, 'awaiting_approval']]);
        refused(await session.call('pay_settle', { txId: first.txId, actualCost: '1' }), 'approval_pending');
        const waiting = ask({ ...dear, idempotencyKey: first.idempotencyKey });
        await sleep(300);
        await purse.command('approvals', 'approve', first.txId, '--note', 'go on');
        const then = approved(await waiting);
        assert.deepEqual([then.txId, then.approval.channel], [first.txId, 'command']);
        await assert.rejects(purse.command('approvals', 'deny', first.txId), /decided before/);
        approved(await session.call('pay_settle', { txId: first.txId, actualCost: '12' }));
        refused(await ask({ ...dear, estimatedCost: '12', idempotencyKey: first.idempotencyKey }), 'idempotency_conflict');
    });

    test(`${setup.name}: a denial by command, a time-out and a payment given back`, limit, async t => {
        const { purse, session, ask } = await mute(t, setup);
        const one = pending(await ask({ ...dear, idempotencyKey: 'one' }));
        assert.equal(one.idempotencyKey, 'one');
        await purse.command('approvals', 'deny', one.txId, '--note', 'too dear');
        assert.match(refused(await ask({ ...dear, idempotencyKey: 'one' }), 'approval_denied').message, /Their note: too dear/);
        const two = pending(await ask({ ...dear, idempotencyKey: 'two' }));
        approved(await session.call('pay_settle', { txId: two.txId, outcome: 'void' }));
        assert.match(refused(await ask({ ...dear, idempotencyKey: 'two' }), 'approval_denied').message, /given back/);
        const hurried = await mute(t, setup, { agent: 'hurried' });
        const late = pending(await hurried.ask());
        const answer = refused(await hurried.ask({ ...dear, idempotencyKey: late.idempotencyKey }), 'approval_expired');
        assert.match(answer.message, /Nobody approved it until/);
        await assert.rejects(hurried.purse.command('approvals', 'approve', late.txId), /decided before/);
        assert.equal((await hurried.status()).held, '0.00');
    });

    test(`${setup.name}: too large for the chat: no form, whatever the client sends`, limit, async t => {
        let forms = 0;
        const { ask } = await asking(t, setup, () => (++forms, choose('approve')()));
        const answer = pending(await ask({ ...dear, estimatedCost: '20.000001' }));
        assert.equal(answer.approval.inChat, false);
        assert.equal(forms, 0);
    });

    test(`${setup.name}: a page decides while the form is still open`, limit, async t => {
        let shown;
        const open = new Promise(resolve => (shown = resolve));
        const { purse, ask } = await asking(t, setup, () => (shown(), new Promise(() => {})));
        if (setup.version === '2026-07-28') return; // nothing is open between two requests there
        const waiting = ask();
        await open;
        const { stdout } = await purse.command('approvals', 'list', '--json');
        await purse.command('approvals', 'approve', JSON.parse(stdout)[0].txId);
        assert.equal(approved(await waiting).approval.channel, 'command');
    });

    test(`${setup.name}: a payee is new until something was paid to it`, limit, async t => {
        let forms = 0;
        const { session, ask } = await asking(t, setup, () => (++forms, choose('approve')()), { agent: 'shy' });
        const cheap = { service: 'images', estimatedCost: '0.10' };
        const first = approved(await ask(cheap));
        const second = approved(await ask(cheap));
        assert.equal(forms, 2, 'an approval alone makes nobody known');
        approved(await session.call('pay_settle', { txId: first.txId, actualCost: '0.10' }));
        approved(await session.call('pay_settle', { txId: second.txId, outcome: 'void' }));
        approved(await ask(cheap));
        assert.equal(forms, 2);
        approved(await ask({ service: 'search', estimatedCost: '0.10' }));
        assert.equal(forms, 3);
    });

    test(`${setup.name}: frozen or revoked meanwhile: a yes does not count`, limit, async t => {
        const { purse, ask, status } = await asking(t, setup, async () => {
            await purse.command('freeze', 'all');
            return choose('approve')();
        });
        refused(await ask(), 'frozen');
        assert.equal((await status()).held, '12.50', 'it still waits, for its time');
        await purse.command('unfreeze', 'all');
        const { stdout } = await purse.command('approvals', 'list', '--json');
        await purse.command('approvals', 'approve', JSON.parse(stdout)[0].txId);
    });
}

test('a client that leaves while the form is open has refused it', limit, async t => {
    let shown;
    const isOpen = new Promise(resolve => (shown = resolve));
    const { purse, session, ask } = await asking(t, allSetups[0], () => (shown(), new Promise(() => {})));
    const lost = ask().catch(() => 'gone');
    await isOpen;
    await session.close();
    // A client that closes our input and still reads is told; one that has gone is not.
    const last = await lost;
    if (last !== 'gone') assert.match(refused(last, 'approval_denied').message, /The client went away/);
    let list = [];
    for (let i = 0; i < 100 && list[0]?.state !== 'disconnected'; ++i) {
        await sleep(50);
        list = JSON.parse((await purse.command('approvals', 'list', '--all', '--json')).stdout);
    }
    assert.equal(list[0].state, 'disconnected');
});

test('a call that the client cancels while the form is open is refused', limit, async t => {
    let shown;
    const isOpen = new Promise(resolve => (shown = resolve));
    const { purse, session, status } = await asking(t, allSetups[0], () => (shown(), new Promise(() => {})));
    const stop = new AbortController();
    const lost = session.call('pay_preauthorize', dear, { signal: stop.signal }).catch(() => 'cancelled');
    await isOpen;
    stop.abort('the user pressed stop');
    assert.equal(await lost, 'cancelled');
    assert.equal((await status()).held, '0.00');
    assert.equal(JSON.parse((await purse.command('approvals', 'list', '--all', '--json')).stdout)[0].state, 'cancelled');
});

test('a yes in the chat and one by command at once pay once', limit, async t => {
    for (let round = 0; round < 5; ++round) {
        const purse = freshPurse(t);
        let byCommand;
        const session = await open(t, allSetups[round % allSetups.length], purse.env(await purse.issue('asker')), {
            capabilities: form,
            onElicit: async () => {
                const [one] = JSON.parse((await purse.command('approvals', 'list', '--json')).stdout);
                byCommand = purse.command('approvals', 'approve', one.txId).then(() => 'done', () => 'late');
                return choose('approve')();
            },
        });
        const answer = approved(await session.call('pay_preauthorize', dear));
        assert.ok(['done', 'late'].includes(await byCommand));
        approved(await session.call('pay_settle', { txId: answer.txId, actualCost: '12.50' }));
        const granted = (await entries(purse)).filter(entry => entry.kind === 'approval_granted');
        assert.equal(granted.length, 1);
        const status = approved(await session.call('pay_budget_status', {}));
        assert.deepEqual([status.held, status.usage.concat(status.caps).find(cap => cap.cap === 'lifetime').spent], ['0.00', '12.50']);
    }
});

test('a thousand payments that wait, approved at once by four processes, never pass the cap', { timeout: 180_000 }, async t => {
    const purse = freshPurse(t);
    const session = await open(t, allSetups[0], purse.env(await purse.issue('crowd')));
    // A lifetime of 10 USDC, 0.0125 each: 800 fit, 200 are refused before anybody is asked.
    const asked = await Promise.all(Array.from({ length: 1000 }, (_, i) =>
        session.call('pay_preauthorize', { service: 'images', estimatedCost: '0.0125', idempotencyKey: `k${i}` })));
    const waiting = asked.filter(result => !result.isError).map(pending);
    assert.equal(waiting.length, 800);
    asked.filter(result => result.isError).forEach(result => refused(result, 'spend_limit_reached'));
    const others = await Promise.all([1, 2, 3].map(async () => open(t, allSetups[0], purse.env(await purse.issue('crowd')), {
        capabilities: form, onElicit: choose('approve'),
    })));
    const ids = new Set();
    // Each is put to the users of two processes at once, as many as a process lets be open.
    for (let at = 0; at < waiting.length; at += 90) {
        const results = await Promise.all(waiting.slice(at, at + 90).flatMap((one, i) => {
            const again = { service: 'images', estimatedCost: '0.0125', idempotencyKey: one.idempotencyKey };
            return [others[i % 3], others[(i + 1) % 3]].map(other => other.call('pay_preauthorize', again));
        }));
        for (const result of results) ids.add(approved(result).txId);
    }
    assert.equal(ids.size, 800);
    const settled = await Promise.all([...ids].flatMap(txId => [session, others[0]].map(one => one.call('pay_settle', { txId, actualCost: '0.0125' }))));
    assert.equal(settled.filter(result => result.structuredContent.ok && !result.structuredContent.replayed).length, ids.size, 'each was paid once');
    const status = approved(await session.call('pay_budget_status', {}));
    const cap = status.caps.find(one => one.cap === 'lifetime');
    assert.deepEqual([cap.limit, cap.spent, cap.held, cap.available], ['10.00', '10.00', '0.00', '0.00']);
    await purse.command('journal', 'verify');
});
