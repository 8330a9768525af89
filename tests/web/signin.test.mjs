// SPDX-License-Identifier: Apache-2.0
// Who is let in, and how one leaves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { live, loginLink, openBrowser, show, signedIn, startPurse } from './support/page.mjs';

const limit = { timeout: 90_000 };

test('the link of `purse operator login` signs in once', limit, async t => {
    const { purse, server } = await startPurse(t);
    const { page } = await openBrowser(t);
    await page.goto(`${server.base}/operator/`);
    await page.getByRole('heading', { name: 'Sign in to your purse' }).waitFor();
    assert.match(await page.locator('#door').innerText(), /purse operator login/);
    assert.equal(await page.locator('#shell').isVisible(), false);

    const link = await loginLink(purse);
    await page.goto(link);
    await live(page);
    assert.equal(new URL(page.url()).hash, '#/overview', 'the code leaves the address');
    assert.deepEqual(await page.evaluate(() => document.cookie), '', 'no script sees the cookie');

    const stranger = await openBrowser(t);
    await stranger.page.goto(link);
    await stranger.page.getByRole('alert').waitFor();
    assert.equal(await stranger.page.locator('#shell').isVisible(), false);
});

test('the address without a slash leads to the page, and a reload stays signed in', limit, async t => {
    const { purse, server } = await startPurse(t);
    const { page } = await signedIn(t, purse);
    await page.goto(`${server.base}/operator`);
    await live(page);
    await page.reload();
    await live(page);
});

test('signing out ends the session for every page of it', limit, async t => {
    const { purse, server } = await startPurse(t);
    const { page, context } = await signedIn(t, purse);
    const other = await context.newPage();
    await other.goto(`${server.base}/operator/#/agents`);
    await live(other);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to your purse' }).waitFor();
    await other.evaluate(() => (location.hash = '#/payouts'));
    await other.getByRole('heading', { name: 'Sign in to your purse' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in to your purse' }).waitFor();
});

test('signing in anew in another tab, or in the same one, goes on', limit, async t => {
    const { purse } = await startPurse(t);
    const { page, context } = await signedIn(t, purse);
    await show(page, 'agents');
    const other = await context.newPage();
    await other.goto(await loginLink(purse));
    await live(other);
    // The first page's token is of the session before: it fetches the new one by itself.
    await page.getByRole('button', { name: 'Freeze agent night-watch' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Freeze agent night-watch' }).click();
    await page.getByRole('button', { name: 'Unfreeze agent night-watch' }).waitFor();

    await page.goto(await loginLink(purse));
    await live(page);
    assert.equal(new URL(page.url()).hash, '#/overview');
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
});
