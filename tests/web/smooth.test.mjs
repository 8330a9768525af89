// SPDX-License-Identifier: Apache-2.0
// A long journal behind the page, and a storm arriving: rows stay few, and the newest is there.
// What was measured is printed, not asserted: it depends on the machine.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Crowd } from './support/agents.mjs';
import { ask, line, show, signedIn, startPurse, until } from './support/page.mjs';

const behind = Number(process.env.PURSE_WEB_ENTRIES ?? 100_000);
const storm = 10_000;
const rowsMax = 500;
const agentsAtWork = 100;
const turns = 20;
const thinkTime = 300;  // ms
const limit = { timeout: 900_000 };

/** Every third is refused by the ceiling of its service: that is an entry too, and the quickest. */
const work = i => ({
    name: 'pay_preauthorize',
    args: i % 3 ? { service: 'images', estimatedCost: '0.01', taskId: `task-${i % 40}` }
        : { service: 'maps', estimatedCost: '0.06' },
});

/** Counts frames and the most rows there are, until told to stop. */
function startWatch() {
    const watch = { gaps: [], rows: 0, long: [], isOn: true };
    window.watch = watch;
    let last = performance.now();
    const look = at => {
        watch.gaps.push(at - last);
        last = at;
        watch.rows = Math.max(watch.rows, document.querySelectorAll('.entry').length);
        if (watch.isOn) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    new PerformanceObserver(list => list.getEntries().forEach(entry => watch.long.push(entry.duration)))
        .observe({ type: 'longtask' });
}

function stopWatch() {
    window.watch.isOn = false;
    const gaps = window.watch.gaps.toSorted((a, b) => a - b);
    const at = share => Math.round(gaps[Math.floor((gaps.length - 1) * share)]);
    return {
        rows: window.watch.rows, frames: gaps.length, median: at(0.5), p99: at(0.99), worst: at(1),
        longTasks: window.watch.long.length, longest: Math.round(Math.max(0, ...window.watch.long)),
    };
}

/** From the time in the journal to the frame that shows the line, in ms; the clock is the same. */
function watchDelays() {
    window.delays = [];
    new MutationObserver(records => requestAnimationFrame(() => {
        const shown = Date.now();
        for (const { addedNodes } of records) for (const row of addedNodes) {
            const time = row.querySelector?.('time')?.dateTime;
            if (time) window.delays.push(shown - Date.parse(time));
        }
    })).observe(document.querySelector('.entries'), { childList: true });
}

test(`${behind} entries behind the page and ${storm} arriving`, limit, async t => {
    const { purse, server } = await startPurse(t);
    const crowd = new Crowd(t, server, await purse.issue('worker'));
    const began = Date.now();
    await crowd.run(behind, work);
    t.diagnostic(`${behind} decisions in ${Math.round((Date.now() - began) / 1000)} s`);

    const { page, complaints } = await signedIn(t, purse);
    await show(page, 'journal');
    await page.locator('.entry').first().waitFor();

    const measured = async (view, what) => {
        await show(page, view);
        await page.evaluate(startWatch);
        const start = Date.now();
        await crowd.run(storm, work);
        const { seq } = await ask(page, 'overview');
        const rate = Math.round((storm / (Date.now() - start)) * 1000);
        if (view === 'journal') await line(page, seq).waitFor();
        const figures = await page.evaluate(stopWatch);
        t.diagnostic(`${what}: ${rate} entries/s, ${JSON.stringify(figures)} ms`);
        return figures;
    };
    const journal = await measured('journal', 'journal');
    assert.ok(journal.rows > 0 && journal.rows <= rowsMax, `${journal.rows} rows`);
    // The newest are drawn first; what was passed over on the way follows when there is time.
    const shown = () => page.locator('.entry')
        .evaluateAll(rows => rows.map(row => Number(row.dataset.seq)));
    await until(async () => (await shown()).every((seq, i, all) => i === 0 || seq === all[i - 1] - 1),
        'each entry once, newest first, and none left out');
    assert.ok((await shown()).length > 100);
    await measured('overview', 'overview');

    await show(page, 'journal');
    for (let i = 0; i < 7; i += 1) {
        const last = await page.locator('.entry').last().getAttribute('data-seq');
        await page.getByRole('button', { name: 'Older entries' }).click();
        await until(async () => Number(await page.locator('.entry').last().getAttribute('data-seq'))
            < Number(last), 'older entries are shown');
        assert.ok(await page.locator('.entry').count() <= rowsMax);
    }
    assert.deepEqual(complaints, []);
});

test('from a decision to its line on the page, with a hundred agents at work', limit, async t => {
    const { purse, server } = await startPurse(t);
    const crowd = new Crowd(t, server, await purse.issue('worker'), agentsAtWork);
    const { page } = await signedIn(t, purse);
    await show(page, 'journal');
    await page.evaluate(watchDelays);
    // Each holds, works for a while, and goes on: a storm would measure the machine, not the page.
    let decisions = 0;
    const agent = async i => {
        await sleep((i * thinkTime) / agentsAtWork);
        for (let turn = 0; turn < turns; turn += 1) {
            const { name, args } = work(1 + i + turn * agentsAtWork);
            await crowd.call(name, args);
            decisions += 1;
            await sleep(thinkTime);
        }
    };
    const began = Date.now();
    await Promise.all(Array.from({ length: agentsAtWork }, (_, i) => agent(i)));
    const rate = Math.round((decisions / (Date.now() - began)) * 1000);
    const { seq } = await ask(page, 'overview');
    await line(page, seq).waitFor();
    const delays = (await page.evaluate(() => window.delays)).toSorted((a, b) => a - b);
    assert.ok(delays.length >= decisions / 2, `${delays.length} lines of ${decisions} decisions`);
    const at = share => delays[Math.floor((delays.length - 1) * share)];
    t.diagnostic(`${rate} decisions/s, ${delays.length} lines: median ${at(0.5)} ms, `
        + `95 % ${at(0.95)} ms, 99 % ${at(0.99)} ms, worst ${at(1)} ms`);
});
