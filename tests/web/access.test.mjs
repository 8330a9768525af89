// SPDX-License-Identifier: Apache-2.0
// For everybody: names for every control, contrast, narrow pages, keys; and a browser without a
// complaint in any view.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agent } from './support/agents.mjs';
import { contrastMistakes, namelessControls } from './support/checks.mjs';
import { show, signedIn, sizes, startPurse, views } from './support/page.mjs';

const limit = { timeout: 180_000 };

/** Of 64 characters: the longest name there is. */
const longName = 'an-agent-whose-name-is-as-long-as-a-name-of-a-policy-may-be-0001';

async function setUp(t) {
    const { purse, server } = await startPurse(t, { approvals: true });
    const agent = await Agent.connect(t, server, await purse.issue('film-cutter'));
    const { txId } = await agent.pay({ estimatedCost: '14.50', purpose: 'the opening scene' });
    await agent.hold({ estimatedCost: '0.25' });
    await agent.hold({ estimatedCost: '9.00' });
    const longest = await Agent.connect(t, server, await purse.issue(longName, '--note', 'n'.repeat(60)));
    await longest.pay({ estimatedCost: '0.50', purpose: 'p'.repeat(200), taskId: 't'.repeat(128), workflowId: 'w'.repeat(128) });
    const { txId: longTxId } = await longest.ask({ estimatedCost: '1.000001', purpose: 'q'.repeat(200), taskId: 'u'.repeat(128) });
    await purse.issue('painter', '--note', 'for the studio');
    await purse.command('freeze', 'agent', 'night-watch', '--note', 'it loops');
    return { purse, places: [...views, `holds/${txId}`, `holds/${longTxId}`] };
}

for (const [name, options] of Object.entries({
    light: { colorScheme: 'light' }, dark: { colorScheme: 'dark' },
    phone: { size: sizes.phone, colorScheme: 'light' },
})) {
    test(`${name}: names, contrast, width, and no complaint of the browser`, limit, async t => {
        const { purse, places } = await setUp(t);
        const { page, complaints } = await signedIn(t, purse, { reducedMotion: 'reduce', ...options });
        for (const place of places) {
            await show(page, place);
            assert.deepEqual(await page.evaluate(namelessControls), [], `${place}: every control has a name`);
            assert.deepEqual(await page.evaluate(contrastMistakes), [], `${place}: contrast`);
            // Not innerWidth: a phone zooms out for what is too wide.
            const { width } = page.viewportSize();
            const excess = await page.evaluate(() => document.documentElement.scrollWidth) - width;
            assert.ok(excess <= 0, `${place} is ${excess} px too wide`);
            assert.equal(await page.locator('#main h1').count(), 1, `${place} has one title`);
            assert.equal(await page.locator('nav [aria-current="page"]').count(), 1);
        }
        assert.deepEqual(await page.evaluate(() => window.violations), [], 'nothing breaks the content policy');
        assert.deepEqual(complaints, []);
    });
}

test('dialogs take the focus, end with Escape, and give it back', limit, async t => {
    const { purse } = await setUp(t);
    const { page } = await signedIn(t, purse);
    const stop = page.getByRole('button', { name: 'Stop everything' });
    await stop.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    assert.ok(await page.evaluate(() => document.querySelector('dialog').contains(document.activeElement)));
    assert.deepEqual(await page.evaluate(namelessControls), []);
    assert.deepEqual(await page.evaluate(contrastMistakes), []);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement.innerText), 'Stop everything');
});

test('the chosen theme stays', limit, async t => {
    const { purse } = await setUp(t);
    const { page } = await signedIn(t, purse, { colorScheme: 'light' });
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.getByLabel('Theme').selectOption('Dark');
    const dark = await ground();
    assert.notEqual(dark, light);
    await page.reload();
    await page.locator('#main h1').waitFor();
    assert.equal(await ground(), dark);
    await page.getByLabel('Theme').selectOption('System theme');
    assert.equal(await ground(), light);
});

test('the journal is walked by arrow keys, and its chart reads itself', limit, async t => {
    const { purse } = await setUp(t);
    const { page } = await signedIn(t, purse);
    await show(page, 'journal');
    await page.locator('.entry').nth(2).waitFor();
    assert.equal(await page.locator('.entries [tabindex="0"]').count(), 1, 'one stop for the tabulator');
    await page.locator('.entry-row').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.evaluate(() => [...document.querySelectorAll('.entry-row')]
        .indexOf(document.activeElement)), 2);

    await show(page, 'overview');
    const plot = page.locator('.plot');
    await plot.locator('svg').waitFor();
    assert.match(await plot.getAttribute('aria-label'), /15\.00 USDC, 1 refusal\./);
    await plot.focus();
    await page.keyboard.press('End');
    assert.match(await page.locator('.chart [aria-live]').innerText(), /USDC spent/);
    await page.getByRole('button', { name: 'Show as a table' }).click();
    await page.locator('.chart-table').getByText('15.00').waitFor();
});
