// SPDX-License-Identifier: Apache-2.0
// Pictures of a busy ledger, for people to look at: build/web-screenshots. `keep-images` copies
// the best to docs/images.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Agent, Crowd } from './support/agents.mjs';
import { emptyPurse, serve, show, signedIn, sizes } from './support/page.mjs';
import { ago, hasPast, PastAgent } from './support/past.mjs';

const folder = fileURLToPath(new URL('../../build/web-screenshots/', import.meta.url));
const limit = { timeout: 240_000 };

const jobs = [
    ['painter', 'images', ['0.35', '0.80', '0.92'], 'Cover of the autumn newsletter'],
    ['film-cutter', 'gpu-hours', ['0.20', '0.35', '0.45'], 'Render the product film'],
    ['researcher', 'search', ['0.02', '0.04', '0.12'], 'Subsidies for heat pumps'],
    ['transcriber', 'speech', ['0.15', '0.25'], 'Interview with the mayor'],
    ['web-crawler', 'maps', ['0.03', '0.05', '0.08'], 'Addresses of all branches'],
];

const hoursBefore = 12;

/** What each agent has done in the hours before, busier at noon than at night. */
async function workBefore(t, purse, credentials) {
    for (let minutes = hoursBefore * 60; minutes > 10; minutes -= 20) {
        const hour = hoursBefore - minutes / 60;
        const busy = Math.round(1 + 3 * Math.sin((Math.PI * hour) / hoursBefore) + (minutes % 3));
        await ago(purse, minutes, async () => {
            for (let i = 0; i < busy; i += 1) {
                const [name, service, costs, purpose] = jobs[(i + minutes / 20) % jobs.length];
                const agent = new PastAgent(t, purse, credentials[name]);
                await agent.spend({ service, estimatedCost: costs[(i + minutes) % costs.length], purpose });
                if (i === 3) await agent.spend({ service: 'maps', estimatedCost: '0.09' });
                await agent.close();
            }
        });
    }
}

/** A ledger as after a working day; its policy and credentials are older than all work. */
async function makeLedger(t) {
    const purse = emptyPurse(t, { approvals: true });
    const credentials = {};
    await ago(purse, hoursBefore * 60 + 30, async () => {
        await purse.command('policy', 'apply', purse.policyFile);
        for (const [name] of jobs)
            credentials[name] = await purse.issue(name, '--note', `${name} of the web team`);
        credentials.worker = await purse.issue('worker', '--note', 'build machine');
    });
    if (hasPast) await workBefore(t, purse, credentials);
    const server = await serve(t, purse);
    return { purse, server, credentials };
}

/** What happens while the pages are open; the payment whose story is shown. */
async function workNow(t, { purse, server, credentials }, page) {
    const agents = {};
    for (const [name] of jobs) agents[name] = await Agent.connect(t, server, credentials[name]);
    await purse.command('freeze', 'agent', 'night-watch', '--note', 'asks for the same thing again and again');
    const asked = await agents.painter.ask({ service: 'images', estimatedCost: '1.40', purpose: 'Titles of the product film', taskId: 'film-7' });
    await page.getByLabel('Note (optional').fill('agreed with marketing');
    await page.getByRole('button', { name: 'Approve 1.40 USDC for painter' }).click();
    await asked.decision();
    await agents.painter.call('pay_settle', { txId: asked.txId, actualCost: '1.25' });
    await agents.painter.ask({ service: 'images', estimatedCost: '12.00', purpose: 'Poster for the fair, 2 by 3 metres', taskId: 'fair-2' });
    const crowd = new Crowd(t, server, credentials.worker, 8);
    await crowd.run(12, i => ({ name: 'pay_preauthorize', args: { service: 'search', estimatedCost: `0.0${1 + i % 9}` } }));
    for (let i = 0; i < 14; i += 1) {
        const [name, service, costs, purpose] = jobs[(i * 7) % jobs.length];
        const estimatedCost = costs[i % costs.length];
        const held = await agents[name].hold({ service, estimatedCost, purpose, taskId: `task-${100 + i % 5}` });
        if (!held.ok) continue;
        if (i % 9 === 4) await agents[name].call('pay_settle', { txId: held.txId, outcome: 'void' });
        else if (i % 7 !== 3) await agents[name].call('pay_settle', { txId: held.txId, actualCost: estimatedCost });
    }
    return asked.txId;
}

test('pictures of a busy ledger', limit, async t => {
    mkdirSync(folder, { recursive: true });
    const made = await makeLedger(t);
    const looks = {
        light: { colorScheme: 'light' }, dark: { colorScheme: 'dark' },
        phone: { colorScheme: 'light', size: { ...sizes.phone, deviceScaleFactor: 2 } },
    };
    const pages = {};
    for (const [look, options] of Object.entries(looks))
        ({ page: pages[look] } = await signedIn(t, made.purse, { reducedMotion: 'reduce', ...options }));
    const story = await workNow(t, made, pages.light);
    for (const page of Object.values(pages)) await page.getByRole('button', { name: /^Approve 12\.00/ }).waitFor();
    for (const [look, page] of Object.entries(pages)) {
        for (const [name, place] of [['overview', 'overview'], ['journal', 'journal'], ['approvals', 'approvals'],
            ['agents', 'agents'], ['payouts', 'payouts'], ['story', `holds/${story}`]]) {
            await show(page, place);
            await page.mouse.move(700, 2);
            await page.waitForTimeout(900);
            const picture = await page.screenshot({ path: `${folder}${name}-${look}.png` });
            assert.ok(picture.length > 10_000, `${name} in ${look} shows something`);
        }
        await show(page, 'overview');
        await page.waitForTimeout(300);
        if (look !== 'phone') {
            // All of it at once: what waits, the day's spend and the first budgets.
            await page.setViewportSize({ width: 1280, height: 1420 });
            await page.waitForTimeout(600);
            await page.screenshot({ path: `${folder}overview-${look}.png` });
            await page.setViewportSize(sizes.wide.viewport);
        }
        for (const [name, place] of [['spend', '.figures'], ['budgets', '.budgets']]) {
            await page.locator(place).evaluate((el, above) =>
                window.scrollTo(0, el.getBoundingClientRect().top + window.scrollY - above), name === 'spend' ? 84 : 140);
            await page.waitForTimeout(300);
            await page.screenshot({ path: `${folder}${name}-${look}.png` });
        }
    }
});
