// SPDX-License-Identifier: Apache-2.0
// What agents do is on the page at once, and what the operator does reaches them at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agent } from './support/agents.mjs';
import { ask, line, live, show, signedIn, startPurse, until } from './support/page.mjs';

const limit = { timeout: 120_000 };

async function setUp(t, name = 'film-cutter') {
    const { purse, server } = await startPurse(t);
    const agent = await Agent.connect(t, server, await purse.issue(name));
    const { page, complaints } = await signedIn(t, purse);
    return { purse, server, agent, page, complaints };
}

test('a payment arrives in the journal, and opens as a story', limit, async t => {
    const { agent, page } = await setUp(t);
    await show(page, 'journal');
    const held = await agent.hold({ estimatedCost: '0.75', purpose: 'the opening scene', taskId: 'film-7' });
    assert.equal(held.ok, true);
    const row = page.locator('.entry', { has: page.getByText('Held') }).filter({ hasText: '0.75' });
    await row.waitFor();
    assert.match(await row.innerText(), /film-cutter/);
    const paid = await agent.call('pay_settle', { txId: held.txId, actualCost: '0.50' });
    assert.equal(paid.ok, true);
    await page.locator('.entry', { has: page.getByText('Settled') }).filter({ hasText: '0.50' }).waitFor();

    await row.getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: /0\.50 USDC, film-cutter/ }).waitFor();
    const story = await page.locator('#main').innerText();
    for (const part of ['the opening scene', 'film-7', 'images', held.txId, 'Money was put aside', 'Settled'])
        assert.ok(story.includes(part), `${part} is in the story`);
    assert.ok(await page.locator('.step').count() >= 2);
    await page.getByText('as it is stored').first().click();
    assert.match(await page.locator('.raw pre').first().innerText(), /"kind": "hold"/);
});

test('the overview counts along', limit, async t => {
    const { agent, page } = await setUp(t);
    await agent.pay({ estimatedCost: '12.50' });
    const budget = page.locator('.budget').filter({ has: page.getByRole('heading', { name: 'film-cutter' }) });
    await budget.getByText('12.50 spent of 15.00').waitFor();
    await budget.getByText('2.50 USDC left').waitFor();
    await budget.getByText('Running low').waitFor();
    const meter = budget.getByRole('meter');
    assert.equal(await meter.getAttribute('aria-valuenow'), '83');
    assert.match(await meter.getAttribute('aria-valuetext'), /^12\.50 of 15\.00 USDC spent, 0\.00 held, 2\.50 left/);
    await page.locator('.figure').filter({ hasText: 'Spent today' }).getByText('12.50').waitFor();
});

test('filters stand in the address and hold for what arrives', limit, async t => {
    const { purse, server, agent, page } = await setUp(t);
    const other = await Agent.connect(t, server, await purse.issue('transcriber'));
    await show(page, 'journal?agent=film-cutter');
    await agent.hold({ estimatedCost: '0.11' });
    await page.locator('.entry').filter({ hasText: '0.11' }).waitFor();
    await other.hold({ service: 'speech', estimatedCost: '0.22' });
    await agent.hold({ estimatedCost: '0.33' });
    await page.locator('.entry').filter({ hasText: '0.33' }).waitFor();
    assert.equal(await page.locator('.entry').filter({ hasText: '0.22' }).count(), 0);

    await page.getByLabel('Agent', { exact: true }).fill('');
    await page.getByLabel('Decision').selectOption('Refused');
    await until(() => page.url().endsWith('#/journal?decision=refused'), 'the address has the filter');
    await page.getByText('Nothing found yet').waitFor();
    const refused = await other.hold({ service: 'maps', estimatedCost: '0.06' });
    assert.equal(refused.reason, 'price_above_ceiling');
    const row = page.locator('.entry').filter({ hasText: '0.06' });
    await row.getByRole('button').click();
    await page.getByRole('dialog').getByText('Rules that said no').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.reload();
    await row.waitFor();
    assert.equal(await page.locator('.entry').count(), 1);
});

test('a list that stands still counts what has come', limit, async t => {
    const { agent, page } = await setUp(t);
    await show(page, 'journal');
    await page.getByRole('button', { name: 'Pause' }).click();
    const { seq } = await ask(page, 'overview');
    await agent.pay({ estimatedCost: '0.01' });
    await page.getByRole('button', { name: '2 new entries' }).waitFor();
    assert.equal(await line(page, seq + 1).count(), 0);
    await page.getByRole('button', { name: '2 new entries' }).click();
    await line(page, seq + 2).waitFor();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
});

test('stopping everything refuses the next hold, until it may go on', limit, async t => {
    const { agent, page } = await setUp(t);
    assert.equal((await agent.hold({ estimatedCost: '0.10' })).ok, true);
    await show(page, 'payouts');
    await page.getByRole('button', { name: 'Stop everything' }).click();
    const dialog = page.getByRole('dialog', { name: 'Stop everything?' });
    await dialog.getByLabel('Why').fill('looks odd');
    await dialog.getByRole('button', { name: 'Stop everything' }).click();
    await page.locator('.banner').getByText('Everything is stopped.').waitFor();
    await page.locator('.banner').getByText('looks odd').waitFor();
    assert.equal((await agent.hold({ estimatedCost: '0.10' })).reason, 'frozen');

    await page.locator('.bar').getByRole('button', { name: 'Let spending go on' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Let spending go on' }).click();
    await page.locator('.bar').getByRole('button', { name: 'Stop everything' }).waitFor();
    assert.equal((await agent.hold({ estimatedCost: '0.10' })).ok, true);
});

test('an agent and a shared budget are frozen and let go', limit, async t => {
    const { agent, page } = await setUp(t);
    assert.equal((await agent.hold({ estimatedCost: '0.10' })).ok, true);
    await show(page, 'agents');
    await page.getByRole('button', { name: 'Freeze agent film-cutter', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Freeze agent film-cutter', exact: true }).click();
    await page.getByRole('button', { name: 'Unfreeze agent film-cutter' }).waitFor();
    assert.equal((await agent.hold({ estimatedCost: '0.10' })).reason, 'frozen');
    await page.getByRole('button', { name: 'Unfreeze agent film-cutter' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Unfreeze agent film-cutter' }).click();
    await page.getByRole('button', { name: 'Freeze agent film-cutter', exact: true }).waitFor();
    assert.equal((await agent.hold({ estimatedCost: '0.10' })).ok, true);

    await show(page, 'overview');
    await page.getByRole('button', { name: 'Freeze budget design', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Freeze budget design' }).click();
    await page.getByRole('button', { name: 'Unfreeze budget design' }).waitFor();
    assert.equal((await agent.hold({ estimatedCost: '0.10' })).reason, 'frozen');
});

test('a freeze by command is on the page at once', limit, async t => {
    const { purse, page } = await setUp(t);
    await purse.command('freeze', 'agent', 'painter', '--note', 'from the shell');
    await page.locator('.banner').getByText('from the shell').waitFor();
    await purse.command('unfreeze', 'agent', 'painter');
    await page.locator('.banner').getByText('from the shell').waitFor({ state: 'detached' });
});

test('a credential is issued, shown once, used and revoked', limit, async t => {
    const { server, page } = await setUp(t);
    await show(page, 'agents');
    await page.getByRole('button', { name: 'Issue a credential for transcriber' }).click();
    const dialog = page.getByRole('dialog');
    assert.equal(await dialog.getByLabel('Agent').inputValue(), 'transcriber');
    await dialog.getByLabel('Note').fill('for the studio');
    await dialog.getByRole('button', { name: 'Issue' }).click();
    const secret = (await page.locator('.secret-text code').innerText()).replace(/\s/g, '');
    assert.match(secret, /^purse_transcriber_[0-9a-z]{52}$/);
    await page.keyboard.press('Escape');
    assert.ok(await page.locator('.secret-text').isVisible(), 'one key too many does not lose it');
    await page.getByRole('button', { name: 'I have stored it' }).click();
    await page.getByText(secret).waitFor({ state: 'detached' });

    const agent = await Agent.connect(t, server, secret);
    assert.equal((await agent.hold({ service: 'speech', estimatedCost: '0.10' })).ok, true);
    const row = page.getByRole('row').filter({ hasText: 'for the studio' });
    await row.getByRole('button', { name: /^Revoke cred_/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await row.getByText('Revoked', { exact: true }).waitFor();
    const refused = await agent.hold({ service: 'speech', estimatedCost: '0.10' })
        .catch(error => ({ reason: String(error) }));
    assert.notEqual(refused.ok, true);
});

test('a lost connection is said, taken up again, and nothing is missing', limit, async t => {
    const { purse, server, page } = await setUp(t);
    await show(page, 'journal');
    await server.stop();
    await page.locator('.banner').getByText('The connection is lost.').waitFor();
    await purse.command('freeze', 'agent', 'night-watch', '--note', 'while nobody saw it');
    await server.restart();
    await page.getByRole('button', { name: 'Try now' }).click().catch(() => {});
    await live(page);
    await page.locator('.entry').filter({ hasText: 'while nobody saw it' }).waitFor();
    assert.equal(await page.locator('.banner').getByText('The connection is lost.').count(), 0);
    const seqs = await page.locator('.entry').evaluateAll(rows => rows.map(row => Number(row.dataset.seq)));
    assert.deepEqual(seqs, [...new Set(seqs)].toSorted((a, b) => b - a), 'each once, newest first');
});
