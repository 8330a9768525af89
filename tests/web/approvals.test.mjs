// SPDX-License-Identifier: Apache-2.0
// A person decides on the page while an agent waits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agent } from './support/agents.mjs';
import { ask, show, signedIn, startPurse, until } from './support/page.mjs';

const limit = { timeout: 120_000 };

async function setUp(t) {
    const { purse, server } = await startPurse(t, { approvals: true });
    const agent = await Agent.connect(t, server, await purse.issue('painter'));
    const { page } = await signedIn(t, purse);
    return { purse, server, agent, page };
}

const card = (page, amount) => page.getByRole('article').filter({ hasText: `${amount} USDC` });

test('what needs a person appears with all there is to know', limit, async t => {
    const { agent, page } = await setUp(t);
    await agent.ask({ estimatedCost: '3.00', purpose: 'poster for <b>the fair</b>', taskId: 'fair-2' });
    const one = card(page, '3.00');
    await one.waitFor();
    const words = await one.innerText();
    for (const part of ['painter', 'images', 'poster for <b>the fair</b>', 'fair-2', 'left', 'A large amount'])
        assert.ok(words.includes(part), `${part} is on the card: ${words}`);
    assert.match(await page.title(), /^\(1\) /);
    await until(async () => /Approval wanted: painter asks to spend 3\.00/
        .test(await page.locator('#announcer').innerText()), 'it is spoken');
});

test('approved: the agent that waits may pay', limit, async t => {
    const { agent, page } = await setUp(t);
    const asked = await agent.ask({ estimatedCost: '3.00', purpose: 'poster' });
    const waiting = asked.decision();
    await page.getByLabel('Note (optional').fill('fine for the fair');
    await page.getByRole('button', { name: 'Approve 3.00 USDC for painter' }).click();
    const answer = await waiting;
    assert.deepEqual([answer.ok, answer.txId], [true, asked.txId], JSON.stringify(answer));
    await card(page, '3.00').getByText('Approved', { exact: true }).waitFor();

    await show(page, `holds/${asked.txId}`);
    await page.locator('.story-card').getByText('fine for the fair').waitFor();
    const paid = await agent.call('pay_settle', { txId: asked.txId, actualCost: '2.50' });
    assert.equal(paid.ok, true);
    await page.locator('.story-card').getByText('Settled', { exact: true }).waitFor();
    await show(page, 'approvals');
    await page.getByRole('row').filter({ hasText: 'fine for the fair' }).getByText('Approved').waitFor();
});

test('denied: the agent that waits is told so, and nothing is held', limit, async t => {
    const { agent, page } = await setUp(t);
    await show(page, 'approvals');
    const asked = await agent.ask({ estimatedCost: '4.00' });
    const waiting = asked.decision();
    await page.getByRole('button', { name: 'Deny 4.00 USDC for painter' }).click();
    const answer = await waiting;
    assert.equal(answer.ok, false, JSON.stringify(answer));
    assert.notEqual(answer.reason, 'approval_pending');
    await card(page, '4.00').getByText('Denied', { exact: true }).waitFor();
    const { totals } = await ask(page, 'overview');
    assert.equal(Number(totals.heldNow), 0);
});

test('approved by keyboard alone', limit, async t => {
    const { agent, page } = await setUp(t);
    const asked = await agent.ask({ estimatedCost: '2.00' });
    const waiting = asked.decision();
    const approve = page.getByRole('button', { name: 'Approve 2.00 USDC for painter' });
    // A card that has just come takes no key for a moment.
    await until(() => approve.isEnabled(), 'it can be approved');
    await page.locator('body').press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main', 'the first key skips to the content');
    const name = () => page.evaluate(() => document.activeElement.getAttribute('aria-label'));
    for (let i = 0; i < 15 && await name() !== 'Approve 2.00 USDC for painter'; i += 1)
        await page.keyboard.press('Tab');
    assert.equal(await name(), 'Approve 2.00 USDC for painter');
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(outline, 'none', 'the focus can be seen');
    await page.keyboard.press('Enter');
    assert.equal((await waiting).ok, true);
    await until(() => page.evaluate(() => document.activeElement.className === 'approval-outcome'),
        'the focus is on what came of it');
});

test('what was decided elsewhere says so, and cannot be decided again', limit, async t => {
    const { purse, agent, page } = await setUp(t);
    const asked = await agent.ask({ estimatedCost: '5.00' });
    await card(page, '5.00').waitFor();
    const second = await signedIn(t, purse);
    await second.page.getByRole('button', { name: 'Deny 5.00 USDC for painter' }).click();
    await card(page, '5.00').getByText('Denied', { exact: true }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Approve 5.00 USDC for painter' }).count(), 0);
    assert.equal((await asked.decision()).ok, false);
});

test('what no longer fits the caps is not approved, and the page says why', limit, async t => {
    const { purse, server, agent, page } = await setUp(t);
    const asked = await agent.ask({ estimatedCost: '19.00' });
    await card(page, '19.00').waitFor();
    // Others use up the shared budget meanwhile.
    const other = await Agent.connect(t, server, await purse.issue('film-cutter'));
    assert.equal((await other.hold({ estimatedCost: '15.00' })).ok, true);
    await purse.command('freeze', 'budget', 'design');
    await page.getByRole('button', { name: 'Approve 19.00 USDC for painter' }).click();
    await card(page, '19.00').getByRole('alert').locator('p').first().waitFor();
    assert.equal((await ask(page, `holds/${asked.txId}`)).hold.state === 'open', false);
});
