// SPDX-License-Identifier: Apache-2.0
// Pictures of a busy ledger, for people to look at: build/web-screenshots. `keep-images` copies
// the best to docs/images.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Agent, Crowd } from './support/agents.mjs';
import { live, loginLink, openBrowser, show, sizes, startPurse } from './support/page.mjs';

const folder = fileURLToPath(new URL('../../build/web-screenshots/', import.meta.url));
const limit = { timeout: 240_000 };

const jobs = [
    ['painter', 'images', ['0.35', '0.80', '0.92'], 'Cover of the autumn newsletter'],
    ['film-cutter', 'gpu-hours', ['1.20', '2.75', '3.10'], 'Render the product film'],
    ['researcher', 'search', ['0.02', '0.04', '0.12'], 'Subsidies for heat pumps'],
    ['transcriber', 'speech', ['0.15', '0.40'], 'Interview with the mayor'],
    ['web-crawler', 'maps', ['0.03', '0.05', '0.08'], 'Addresses of all branches'],
];

/** A ledger as after a working morning. */
async function fillLedger(t) {
    const { purse, server } = await startPurse(t, { approvals: true });
    const agents = {};
    for (const [name] of jobs) agents[name] = await Agent.connect(t, server, await purse.issue(name));
    const crowd = new Crowd(t, server, await purse.issue('worker', '--note', 'build machine'), 8);
    await crowd.run(60, i => ({ name: 'pay_preauthorize', args: { service: 'search', estimatedCost: `0.0${1 + i % 9}` } }));
    for (let i = 0; i < 44; i += 1) {
        const [name, service, costs, purpose] = jobs[(i * 7) % jobs.length];
        const estimatedCost = costs[i % costs.length];
        const held = await agents[name].hold({ service, estimatedCost, purpose, taskId: `task-${100 + i % 5}` });
        if (!held.ok) continue;
        if (i % 9 === 4) await agents[name].call('pay_settle', { txId: held.txId, outcome: 'void' });
        else if (i % 7 !== 3) await agents[name].call('pay_settle', { txId: held.txId, actualCost: estimatedCost });
    }
    await purse.command('freeze', 'agent', 'night-watch', '--note', 'asks for the same thing again and again');
    const story = await agents['film-cutter'].pay({ service: 'images', estimatedCost: '0.60', purpose: 'Titles of the product film', taskId: 'film-7' });
    for (const [name, args] of [
        ['painter', { service: 'images', estimatedCost: '12.00', purpose: 'Poster for the fair, 2 by 3 metres', taskId: 'fair-2' }],
        ['researcher', { service: 'search', estimatedCost: '1.80', purpose: 'Full text of 40 studies' }],
    ]) await agents[name].ask(args);
    return { purse, server, story: story.txId };
}

test('pictures of a busy ledger', limit, async t => {
    mkdirSync(folder, { recursive: true });
    const { purse, story } = await fillLedger(t);
    const looks = {
        light: { colorScheme: 'light' }, dark: { colorScheme: 'dark' },
        phone: { colorScheme: 'light', size: { ...sizes.phone, deviceScaleFactor: 2 } },
    };
    for (const [look, options] of Object.entries(looks)) {
        const { page } = await openBrowser(t, { reducedMotion: 'reduce', ...options });
        await page.goto(await loginLink(purse));
        await live(page);
        for (const [name, place] of [['overview', 'overview'], ['journal', 'journal'], ['approvals', 'approvals'],
            ['agents', 'agents'], ['payouts', 'payouts'], ['story', `holds/${story}`]]) {
            await show(page, place);
            await page.waitForTimeout(600);
            const picture = await page.screenshot({ path: `${folder}${name}-${look}.png` });
            assert.ok(picture.length > 10_000, `${name} in ${look} shows something`);
        }
        await show(page, 'overview');
        await page.locator('.budget').first().scrollIntoViewIfNeeded();
        await page.locator('.budgets').evaluate(el => el.closest('section').scrollIntoView());
        await page.waitForTimeout(300);
        await page.screenshot({ path: `${folder}budgets-${look}.png` });
    }
});
