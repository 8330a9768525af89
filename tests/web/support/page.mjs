// SPDX-License-Identifier: Apache-2.0
// A purse that serves its page, and browsers that show it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after } from 'node:test';
import { chromium } from 'playwright-core';
import { HttpServer, steadyAddress } from '../../e2e/support/http.mjs';
import { freshPurse } from '../../e2e/support/purse.mjs';

const policy = readFileSync(new URL('../policy.jsonc', import.meta.url), 'utf8');
const patience = 15_000;

export const sizes = {
    wide: { viewport: { width: 1360, height: 900 } },
    phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};
export const views = ['overview', 'journal', 'approvals', 'agents', 'payouts'];

let browser;
after(() => browser?.close());

async function theBrowser() {
    browser ??= await chromium.launch({
        executablePath: process.env.CHROMIUM,
        args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
            '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    return browser;
}

const asksAPerson = '"approval": { "above": "1.00", "within": "10m" },';

/** A purse with the policy of these tests. `approvals`: some need a person above 1.00. */
export function emptyPurse(t, { approvals = false } = {}) {
    const purse = freshPurse(t);
    purse.writePolicy(() => (approvals ? policy.replaceAll('/* approval */', asksAPerson) : policy));
    return purse;
}

/** Serves HTTP, at an address it can come back to. */
export async function serve(t, purse) {
    return HttpServer.start(t, purse, { address: await steadyAddress(), log: 'warn' });
}

/** A purse with its policy in force, that serves. */
export async function startPurse(t, options) {
    const purse = emptyPurse(t, options);
    await purse.command('policy', 'apply', purse.policyFile);
    return { purse, server: await serve(t, purse) };
}

/** The link that `purse operator login` prints, alone on standard output. */
export async function loginLink(purse) {
    const { stdout } = await purse.command('operator', 'login');
    assert.match(stdout, /^http:\/\/\S+\/operator\/#login=\S+\n$/);
    return stdout.trim();
}

/** A page of its own. What a browser complains about is in `complaints`. */
export async function openBrowser(t, { size = sizes.wide, ...options } = {}) {
    const context = await (await theBrowser()).newContext({
        locale: 'en-GB', timezoneId: 'UTC', ...size, ...options,
    });
    t.after(() => context.close());
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    const complaints = [];
    page.on('console', message => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', error => complaints.push(String(error.stack)));
    await page.addInitScript(() => {
        window.violations = [];
        document.addEventListener('securitypolicyviolation', event =>
            window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
    });
    return { page, context, complaints };
}

/** Signed in by the real link, with the overview shown and the journal followed. */
export async function signedIn(t, purse, options) {
    const opened = await openBrowser(t, options);
    await opened.page.goto(await loginLink(purse));
    await live(opened.page);
    return opened;
}

export async function live(page) {
    await page.locator('.live[data-state="live"]').waitFor();
}

/** Goes to a view as a link does. */
export async function show(page, view) {
    await page.evaluate(hash => (location.hash = hash), `#/${view}`);
    await page.locator('#main h1').first().waitFor();
    await page.getByText('Reading\u2026').waitFor({ state: 'detached' });
}

/** The line of the journal with this number. */
export const line = (page, seq) => page.locator(`.entry[data-seq="${seq}"]`);

/** Asks the operator's interface as this page. */
export function ask(page, path) {
    return page.evaluate(async where => (await fetch(`api/${where}`)).json(), path);
}

/** Waits until `check` gives something true. */
export async function until(check, what) {
    const stop = Date.now() + patience;
    for (;;) {
        const found = await check();
        if (found) return found;
        if (Date.now() > stop) throw new Error(`not in ${patience} ms: ${what}`);
        await new Promise(resolve => setTimeout(resolve, 50));
    }
}
