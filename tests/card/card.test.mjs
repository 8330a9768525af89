// SPDX-License-Identifier: Apache-2.0
// The card as a user sees it: real answers of the program, shown by a real host.
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assertQuiet, bars, freshPurse, launch, picture, showCard } from './host.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const pending = () => ({
    ok: false, reason: 'approval_pending', message: 'Waiting for approval.', txId: 'tx_64zea23rv7ktep9sckrqrja3kg',
    state: 'awaiting_approval', idempotencyKey: 'k1', warnings: [],
    approval: { state: 'waiting', inChat: false,
        causes: [{ cause: 'above', rule: 'agent/painter', message: '12.00 USDC is above 10.00 USDC.' }],
        url: 'http://127.0.0.1:8377/operator/#/approvals/tx_64zea23rv7ktep9sckrqrja3kg',
        until: new Date(Date.now() + 262_000).toISOString() },
    retry: 'same_request', currency: 'USDC', amount: '12.00', service: 'images',
});
const request = { service: 'images', estimatedCost: '12', purpose: 'Twelve pictures for the spring catalogue' };

const words = card => card.see.locator('#card').innerText();
const title = card => card.see.getByRole('heading', { level: 1 }).innerText();

/** A painter who has spent 20.80 and holds 11.00 for task sky. */
async function busyPainter(t) {
    const purse = await freshPurse(t, 'painter');
    for (const [taskId, cost] of [['sea', '10.40'], ['sand', '10.40'], ['sky', '']]) {
        const held = await purse.call('pay_preauthorize', { service: 'images', estimatedCost: '11', taskId });
        if (cost) await purse.call('pay_settle', { txId: held.structuredContent.txId, actualCost: cost });
    }
    return purse;
}

describe('what is left', () => {
    test('every cap is a bar with its words, and every open hold stands there', async t => {
        const card = await showCard(t, browser, await busyPainter(t));
        const answer = await card.play('pay_budget_status', { taskId: 'sky' });
        assert.equal(await title(card), 'Budget of painter');
        const shown = await bars(card);
        assert.equal(shown.length, answer.caps.length);
        assert.deepEqual(shown[0], { name: 'Daily limit of painter', spent: '41.6%', held: '22%',
            says: '31.80 of 50.00 USDC used (11.00 held), 18.20 left' });
        assert.deepEqual(shown.map(one => one.name), ['Daily limit of painter',
            'Limit of painter for task sky', 'Limit of painter over any 1 h',
            'Payments of painter in any 1 min', 'Daily limit of team-design',
            'Monthly limit of team-design']);
        const text = await words(card);
        assert.match(text, /4\.00 USDC left\s+Tightest: limit of painter for task sky/);
        assert.match(text, /31\.80 of 50\.00 USDC used \(11\.00 held\)\s+resets tomorrow 00:00/);
        assert.match(text, /Held now: 11\.00 USDC\s+11\.00 USDC for images, task sky\s+until /);
        assert.match(text, /As of \d\d:\d\d:\d\d/);
        await picture(card, 'status-light');
        assertQuiet(card);
    });

    test('the same in the dark, told by the host or by the browser', async t => {
        const purse = await busyPainter(t);
        const card = await showCard(t, browser, purse, { scheme: 'dark', context: { theme: undefined } });
        await card.play('pay_budget_status', {});
        const background = () => card.see.locator('body').evaluate(body => getComputedStyle(body).backgroundColor);
        assert.equal(await background(), 'rgb(22, 26, 33)');
        await picture(card, 'status-dark');
        card.bridge.setHostContext({ theme: 'light', locale: 'en-GB', timeZone: 'UTC', displayMode: 'inline' });
        await card.see.locator(':root[data-theme=light]').waitFor();
        assert.equal(await background(), 'rgb(255, 255, 255)');
        assertQuiet(card);
    });

    test('narrow and wide, nothing overflows; the host is told each height', async t => {
        const purse = await busyPainter(t);
        for (const width of [320, 900]) {
            const card = await showCard(t, browser, purse, { width });
            await card.play('pay_budget_status', { taskId: 'sky' });
            await picture(card, width === 320 ? 'status-narrow' : 'status-wide');
            const { over, height } = await card.see.locator(':root').evaluate(root => ({
                over: root.scrollWidth - root.clientWidth, height: root.scrollHeight - root.clientHeight }));
            assert.equal(over, 0, `${width} px`);
            assert.equal(height, 0, 'the frame is as high as the card');
            assert.ok(card.seen.sizes.length >= 2);
            assert.equal(card.seen.sizes.at(-1).width, width - 26);
            assertQuiet(card);
        }
    });

    test('frozen is said first, with the reason', async t => {
        const purse = await busyPainter(t);
        await purse.command('freeze', 'agent', 'painter', '--note', 'under review');
        const card = await showCard(t, browser, purse);
        const answer = await card.play('pay_budget_status', {});
        assert.equal(answer.frozen, true);
        assert.match(await words(card), /Frozen\. Nothing will be approved until the operator lifts it\. Spending by agent\/painter is frozen [^.]*\.\n/);
        assert.doesNotMatch(await words(card), /USDC left\s+Tightest/);
        await picture(card, 'frozen');
        assertQuiet(card);
    });

    test('an agent without caps sees what it has used', async t => {
        const purse = await freshPurse(t, 'free');
        const held = await purse.call('pay_preauthorize', { service: 'search', estimatedCost: '0.088' });
        await purse.call('pay_settle', { txId: held.structuredContent.txId, actualCost: '0.088' });
        const card = await showCard(t, browser, purse);
        await card.play('pay_budget_status', {});
        assert.match(await words(card), /No limits apply\.\s+Used so far[\s\S]*In all\s+0\.088 USDC/);
        assert.deepEqual(await bars(card), []);
        assertQuiet(card);
    });

    test('Refresh asks the host, which asks the program', async t => {
        const purse = await busyPainter(t);
        const card = await showCard(t, browser, purse);
        await card.play('pay_budget_status', { taskId: 'sky' });
        await purse.call('pay_preauthorize', { service: 'images', estimatedCost: '2', taskId: 'sky' });
        await card.see.getByRole('button', { name: 'Refresh' }).click();
        await card.see.getByText('33.80 of 50.00 USDC used (13.00 held)').waitFor();
        assert.deepEqual(card.seen.calls, [{ name: 'pay_budget_status', arguments: { taskId: 'sky' } }]);
        assert.equal(await card.see.locator('#refresh').evaluate(one => one === document.activeElement), true);
        assertQuiet(card);
    });

    test('a host that lends no tools shows no button; one that fails is quoted', async t => {
        const purse = await busyPainter(t);
        const bare = await showCard(t, browser, purse, { capabilities: {} });
        await bare.play('pay_budget_status', {});
        await bare.see.getByText('Budget of painter').first().waitFor();
        assert.equal(await bare.see.getByRole('button').count(), 0);
        assertQuiet(bare);

        const card = await showCard(t, browser, purse);
        await card.play('pay_budget_status', {});
        card.bridge.oncalltool = async () => { throw new Error('the person said no'); };
        await card.see.getByRole('button', { name: 'Refresh' }).click();
        await card.see.getByText('The budget could not be read: the person said no.').waitFor();
        assert.equal((await bars(card)).length, 5, 'what was known stays');
        assertQuiet(card);
    });
});

describe('a refusal', () => {
    test('shows what was refused, every failing cap as a bar, and what may be done', async t => {
        const purse = await freshPurse(t, 'writer');
        const held = await purse.call('pay_preauthorize', { service: 'images', estimatedCost: '3' });
        await purse.call('pay_settle', { txId: held.structuredContent.txId, actualCost: '2.80' });
        const card = await showCard(t, browser, purse);
        const answer = await card.play('pay_preauthorize', { service: 'images', estimatedCost: '3.50' });
        assert.equal(answer.reason, 'spend_limit_reached');
        assert.equal(await title(card), 'Payment of 3.50 USDC to images refused');
        const shown = await bars(card);
        assert.deepEqual(shown.map(one => [one.name, one.says]), [
            ['Daily limit of writer', '2.80 of 5.00 USDC used, 2.20 left'],
            ['Limit of writer over any 1 h', '2.80 of 4.00 USDC used, 1.20 left'],
        ]);
        const text = await words(card);
        assert.match(text, /Why: every rule that failed/);
        assert.match(text, /2\.80 of 5\.00 USDC used; 3\.50 needed/);
        assert.match(text, /Allowed now\s+up to 1\.20 USDC/);
        // The day's end helps, unless the rolling hour is full for longer: in the last hour of a day.
        const midnight = new Date(answer.retryAt).setUTCHours(0, 0, 0, 0);
        assert.ok(midnight > Date.now() && Date.parse(answer.retryAt) < midnight + 3600_000, answer.retryAt);
        const clock = /T(\d\d:\d\d)/.exec(answer.retryAt)[1];
        assert.match(text, new RegExp(`Try again\\s+not before tomorrow ${clock}`));
        await picture(card, 'refusal-light');
        await card.see.getByRole('button', { name: 'Show the budget' }).click();
        await card.see.getByText('Budget of writer').waitFor();
        assert.equal((await bars(card)).length, 4);
        assert.equal(await title(card).catch(() => ''), '', 'two headings now');
        assertQuiet(card);
    });

    test('rules that count nothing are said in their own words', async t => {
        const card = await showCard(t, browser, await freshPurse(t, 'painter'), { scheme: 'dark', context: { theme: 'dark' } });
        const answer = await card.play('pay_preauthorize', { service: 'images', estimatedCost: '30', taskId: 'sky' });
        const text = await words(card);
        for (const failure of answer.failures) if (!failure.limit) assert.ok(text.includes(failure.message), failure.message);
        assert.ok(answer.failures.length >= 2);
        await picture(card, 'refusal-dark');
        assertQuiet(card);
    });

    test('a wrong argument and a purse in disorder are said plainly', async t => {
        const purse = await freshPurse(t, 'painter');
        const card = await showCard(t, browser, purse, { width: 320 });
        await card.play('pay_settle', { txId: 'tx_1', actualCost: '1' });
        assert.match(await words(card), /Invalid argument[\s\S]*Argument\s+txId[\s\S]*With changes to the request/);
        await card.play('pay_preauthorize', { service: 'nobody', estimatedCost: '1' });
        assert.match(await title(card), /^Payment of 1\.00 USDC to nobody refused$/);
        assertQuiet(card);
    });
});

describe('a payment', () => {
    test('a hold, with the limits it nearly uses up, and its settlement', async t => {
        const purse = await freshPurse(t, 'writer');
        const card = await showCard(t, browser, purse);
        const hold = await card.play('pay_preauthorize', { service: 'images', estimatedCost: '3.80' });
        assert.equal(await title(card), '3.80 USDC held for images');
        assert.match(await words(card), new RegExp(`Until\\s+\\d\\d:\\d\\d:\\d\\d\\s+At most\\s+3\\.80 USDC[\\s\\S]*${hold.txId}`));
        assert.deepEqual((await bars(card)).map(one => one.says), ['3.80 of 4.00 USDC used (3.80 held), 0.20 left']);
        assert.match(await words(card), /Nearly used up\s+0\.20 USDC left/, 'not by its colour alone');
        await picture(card, 'hold');
        await card.play('pay_settle', { txId: hold.txId, actualCost: '2.50' });
        assert.equal(await title(card), '2.50 USDC to images');
        assert.match(await words(card), /Booked in the ledger\.[\s\S]*Paid[\s\S]*1\.30 USDC to the budgets/);
        await picture(card, 'settled');
        await card.play('pay_settle', { txId: hold.txId, actualCost: '2.50' });
        assert.match(await words(card), /stored answer to an earlier, equal request/);
        const other = await card.play('pay_preauthorize', { service: 'search', estimatedCost: '1' });
        await card.play('pay_settle', { txId: other.txId, outcome: 'void' });
        assert.equal(await title(card), 'Nothing was paid to search');
        assertQuiet(card);
    });

    test('over a chain: how far it is', async t => {
        const purse = await freshPurse(t, 'painter');
        const card = await showCard(t, browser, purse);
        const answer = {
            ok: true, txId: 'tx_64zea23rv7ktep9sckrqrja3kg', state: 'settled', captured: '4.20',
            released: '0.80', currency: 'USDC', service: 'images', rail: 'evm', settlement: 'submitted',
            payee: '0x90f79bf6eb2c4f870365e785982e1f101e93b906', warnings: [], message: 'Settled.',
            payout: { id: 7, tx: `0x${'ab'.repeat(32)}`, block: 18000000 },
        };
        const { tools } = await purse.client.listTools();
        assertFits(tools.find(one => one.name === 'pay_settle').outputSchema, answer);
        await card.give({ txId: answer.txId, actualCost: '4.20' }, answer);
        const steps = card.see.getByRole('list', { name: 'How far the payment is' }).getByRole('listitem');
        assert.deepEqual(await steps.allInnerTexts(), ['Queued', 'On its way', 'Paid', 'Final']);
        assert.equal(await card.see.locator('[aria-current=step]').innerText(), 'On its way');
        assert.match(await words(card), /Transaction\s+0xababab…ababab/);
        await picture(card, 'on-its-way');
        await card.give({}, { ...answer, settlement: 'held', payout: { id: 7, reason: 'treasury_low' } });
        assert.match(await words(card), /The debt stands[\s\S]*Waiting[\s\S]*Waits for\s+treasury_low/);
        const budget = {
            ok: true, agent: 'painter', asOf: new Date().toISOString(), currency: 'USDC', frozen: false,
            caps: [], usage: [], held: '0.00', holds: [], message: 'Budget',
            settlements: ['queued', 'submitted', 'paid', 'final', 'held', 'in_doubt'].map(settlement => ({
                txId: answer.txId, amount: '4.20', payee: answer.payee, settlement, payout: { id: 7 } })),
        };
        assertFits(tools.find(one => one.name === 'pay_budget_status').outputSchema, budget);
        await card.give({}, budget);
        assert.match(await words(card), /Latest payments[\s\S]*Queued[\s\S]*On its way[\s\S]*Paid[\s\S]*Final[\s\S]*Waiting[\s\S]*In doubt/);
        await picture(card, 'payments');
        assertQuiet(card);
    });
});

describe('waiting for a person', () => {
    test('one button, which opens the operator page; none that approves', async t => {
        const purse = await freshPurse(t, 'painter');
        const card = await showCard(t, browser, purse);
        const answer = pending();
        const { tools } = await purse.client.listTools();
        assertFits(tools.find(one => one.name === 'pay_preauthorize').outputSchema, answer);
        await card.give(request, answer);
        assert.equal(await title(card), 'Waiting for approval');
        const text = await words(card);
        assert.match(text, /12\.00 USDC for images/);
        assert.match(text, /The agent says\s+“Twelve pictures for the spring catalogue”/);
        assert.match(text, /Asked because\s+12\.00 USDC is above 10\.00 USDC\./);
        assert.match(text, /nothing can be approved in this chat/);
        assert.match(text, /Decide within\s+4 min \d\d s \(until /);
        assert.match(text, /at 127\.0\.0\.1:8377/);
        const before = await card.see.getByRole('timer').innerText();
        await picture(card, 'approval-light');
        assert.deepEqual(await card.see.getByRole('button').allInnerTexts(), ['Open the approval page', 'Show the budget']);
        await card.see.getByRole('button', { name: 'Open the approval page' }).click();
        await card.see.getByRole('timer').filter({ hasNotText: before }).waitFor();
        assert.deepEqual(card.seen.links, [answer.approval.url]);
        assert.deepEqual(card.seen.calls, []);
        assertQuiet(card);
    });

    test('a real one, where there is no operator page: the command that decides', async t => {
        const card = await showCard(t, browser, await freshPurse(t, 'careful'));
        const answer = await card.play('pay_preauthorize', request);
        assert.equal(answer.reason, 'approval_pending');
        const text = await words(card);
        for (const { message } of answer.approval.causes) assert.ok(text.includes(message), message);
        assert.ok(answer.approval.causes.length > 0);
        assert.ok(text.includes(`purse approvals approve ${answer.txId}`));
        assert.match(text, /A person decides with a command, or where the chat asks\./);
        assert.deepEqual(await card.see.getByRole('button').allInnerTexts(), ['Show the budget']);
        assert.deepEqual((await bars(card)).map(one => one.says), ['12.00 of 14.00 USDC used (12.00 held), 2.00 left']);
        await picture(card, 'approval-by-command');
        assertQuiet(card);
    });

    test('a real one with a page: its button opens that payment, and once approved it is a hold', async t => {
        const page = 'http://127.0.0.1:8377';
        const purse = await freshPurse(t, 'careful', { PURSE_OPERATOR_URL: page });
        const card = await showCard(t, browser, purse);
        const answer = await card.play('pay_preauthorize', request);
        await card.see.getByRole('button', { name: 'Open the approval page' }).click();
        await card.see.getByRole('heading', { level: 1, name: 'Waiting for approval' }).waitFor();
        assert.deepEqual(card.seen.links, [`${page}/operator/#/holds/${answer.txId}`]);
        await purse.command('approvals', 'approve', answer.txId);
        const then = await card.play('pay_preauthorize', { ...request, idempotencyKey: answer.idempotencyKey });
        assert.deepEqual([then.ok, then.txId], [true, answer.txId]);
        assert.match(await words(card), /Approved by\s+\S+/);
        assertQuiet(card);
    });

    test('dark and narrow', async t => {
        const card = await showCard(t, browser, await freshPurse(t, 'painter'),
            { width: 320, scheme: 'dark', context: { theme: 'dark' } });
        await card.give(request, pending());
        await picture(card, 'approval-dark-narrow');
        assert.equal(await card.see.locator(':root').evaluate(root => root.scrollWidth - root.clientWidth), 0);
        assertQuiet(card);
    });

    test('where the host opens nothing, the address is there to copy', async t => {
        const purse = await freshPurse(t, 'painter');
        const refusing = await showCard(t, browser, purse, { refuseLinks: true });
        const answer = pending();
        await refusing.give(request, answer);
        assert.equal(await refusing.see.getByText(answer.approval.url).isVisible(), false);
        await refusing.see.getByRole('button', { name: 'Open the approval page' }).click();
        await refusing.see.getByText(answer.approval.url).waitFor();
        assertQuiet(refusing);
        const without = await showCard(t, browser, purse, { capabilities: { serverTools: {} } });
        await without.give(request, answer);
        await without.see.getByText(answer.approval.url).waitFor();
        assert.equal(await without.see.getByRole('button', { name: 'Open the approval page' }).count(), 0);
        assertQuiet(without);
    });

    test('no address but of the web is opened, and a time that is over is said', async t => {
        const card = await showCard(t, browser, await freshPurse(t, 'painter'));
        const answer = pending();
        await card.give(request, { ...answer, approval: { url: 'javascript:alert(1)', until: answer.approval.until } });
        assert.equal(await card.see.getByRole('button', { name: 'Open the approval page' }).count(), 0);
        await card.give(request, { ...answer, approval: { ...answer.approval, until: '2026-01-01T00:00:00Z' } });
        assert.match(await words(card), /The time to decide is over/);
        assertQuiet(card);
    });
});

describe('everybody can read it', () => {
    const axe = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
    for (const theme of ['light', 'dark']) {
        test(`axe finds nothing wrong: ${theme}`, async t => {
            const purse = await freshPurse(t, 'writer');
            const card = await showCard(t, browser, purse, { scheme: theme, context: { theme } });
            const judge = async what => {
                const { violations } = await card.see.locator(':root').evaluate(async (_, source) => {
                    if (!window.axe) (0, eval)(source);
                    return window.axe.run();
                }, axe);
                assert.deepEqual(violations.map(one => [one.id, one.nodes.map(node => node.html)]), [], what);
            };
            const hold = await card.play('pay_preauthorize', { service: 'images', estimatedCost: '3.80' });
            await judge('a hold');
            await card.play('pay_budget_status', {});
            await judge('a budget');
            await card.play('pay_preauthorize', { service: 'images', estimatedCost: '3' });
            await judge('a refusal');
            await card.play('pay_settle', { txId: hold.txId, actualCost: '1' });
            await judge('a settlement');
            await card.give({}, { ok: true, state: 'settled', txId: hold.txId, captured: '1', settlement: 'in_doubt' });
            await judge('in doubt');
            await card.give(request, pending());
            await judge('waiting for approval');
            await purse.command('freeze', 'all');
            await card.play('pay_budget_status', {});
            await judge('frozen');
        });
    }
});

describe('the protocol', () => {
    test('while nothing is known, the card says what it waits for; a cancelled call is said', async t => {
        const card = await showCard(t, browser, await freshPurse(t, 'painter'));
        await card.bridge.sendToolInput({ arguments: { service: 'images', estimatedCost: '0.08' } });
        await card.see.getByText('Asking for 0.08 USDC for images').waitFor();
        await card.bridge.sendToolCancelled({ reason: 'user action' });
        await card.see.getByText('The call was cancelled before its answer was shown here (user action).').waitFor();
        assertQuiet(card);
    });

    test('the handshake names the card, and the end is acknowledged', async t => {
        const card = await showCard(t, browser, await freshPurse(t, 'painter'));
        assert.equal(card.bridge.getAppVersion().name, 'purse-card');
        assert.deepEqual(card.bridge.getAppCapabilities().availableDisplayModes, ['inline', 'fullscreen', 'pip']);
        assert.deepEqual(await card.bridge.request({ method: 'ping', params: {} }, anything), {});
        await assert.rejects(card.bridge.request({ method: 'tools/list', params: {} }, anything), { code: -32601 });
        assert.deepEqual(await card.bridge.teardownResource({}), {});
        assertQuiet(card);
    });

    test("the host's own colours, fonts and safe area are used", async t => {
        const card = await showCard(t, browser, await busyPainter(t), { context: {
            styles: { variables: { '--color-background-primary': 'light-dark(#fdf6e3, #002b36)',
                '--color-text-primary': 'light-dark(#073642, #eee8d5)', '--font-sans': 'serif' } },
            safeAreaInsets: { top: 20, right: 0, bottom: 0, left: 0 } } });
        await card.play('pay_budget_status', {});
        const look = await card.see.locator('body').evaluate(body => {
            const style = getComputedStyle(body);
            return [style.backgroundColor, style.color, style.fontFamily,
                getComputedStyle(document.querySelector('main')).paddingTop];
        });
        assert.deepEqual(look, ['rgb(253, 246, 227)', 'rgb(7, 54, 66)', 'serif', '36px']);
        await picture(card, 'host-colours');
        assertQuiet(card);
    });

    test('shapes that are not known show their message; words are never markup', async t => {
        const card = await showCard(t, browser, await freshPurse(t, 'painter'));
        const evil = '<img src=x onerror="document.title=1"><b>bold</b>';
        for (const odd of [{ ok: true, message: evil }, { message: evil },
            { ok: false, reason: 'new_reason', message: `${evil}.`, failures: [{ message: evil }, null, 7] },
            { ok: true, agent: evil, caps: [{ budget: evil, cap: evil, unit: evil, limit: '1', spent: '0', held: '0' }, 3],
                holds: 'none', settlements: [{ settlement: evil, amount: {} }], message: [] },
            { ok: true, state: 'settled', txId: 'x', settlement: '__proto__', service: evil }]) {
            await card.give({ estimatedCost: 7 }, odd);
            assert.ok((await words(card)).includes('<b>bold</b>'), JSON.stringify(odd));
            assert.equal(await card.see.locator('#card img, #card b:has-text("bold")').count(), 0);
        }
        await card.bridge.sendToolResult({ content: [{ type: 'text', text: 'Only words.' }] });
        assert.match(await words(card), /Only words\./);
        await card.bridge.sendToolResult({ content: [{ type: 'text', text: 'Words' },
            { type: 'text', text: JSON.stringify(pendingLike()) }] });
        assert.equal(await title(card), 'Not done', 'structured content as text, as older versions have it');
        assertQuiet(card);
    });

    test('messages that are not of the host are not heard', async t => {
        const card = await showCard(t, browser, await freshPurse(t, 'painter'));
        await card.bridge.sendToolResult({ content: [{ type: 'text', text: 'Genuine.' }] });
        await card.see.getByText('Genuine.').waitFor();
        // From the card's own window, and from a frame beside it.
        const forged = { jsonrpc: '2.0', method: 'ui/notifications/tool-result',
            params: { content: [{ type: 'text', text: 'Forged.' }] } };
        await card.see.locator('body').evaluate((_, message) => window.postMessage(message, '*'), forged);
        await card.page.evaluate(message => new Promise(resolve => {
            const other = document.createElement('iframe');
            other.srcdoc = `<script>parent.frames[0].postMessage(${JSON.stringify(message)}, '*')</script>`;
            other.onload = resolve;
            document.body.append(other);
        }), forged);
        await card.bridge.request({ method: 'ping', params: {} }, anything);  // all before it was seen
        assert.doesNotMatch(await words(card), /Forged/);
        assert.match(await words(card), /Genuine/);
    });

    test('the page needs no credential, and reading it opens no ledger', async t => {
        const folder = mkdtempSync(join(tmpdir(), 'purse-card-'));
        t.after(() => rmSync(folder, { recursive: true, force: true }));
        const state = join(folder, 'state');
        const policy = fileURLToPath(new URL('policy.jsonc', import.meta.url));
        const client = new Client({ name: 'card-host', version: '1.0.0' });
        await client.connect(new StdioClientTransport({ command: process.env.PURSE_BINARY,
            args: ['--state', state, '--policy', policy], stderr: 'ignore', env: { HOME: folder } }));
        t.after(() => client.close());
        const { contents } = await client.readResource({ uri: 'ui://purse/budget' });
        assert.match(contents[0].text, /^<!doctype html>/);
        assert.equal(existsSync(state), false);
        await assert.rejects(client.readResource({ uri: 'ui://purse/other' }), { code: -32602 });
    });

    test('the page is small and complete in itself', async t => {
        const purse = await freshPurse(t, 'painter');
        const { contents: [{ text }] } = await purse.client.readResource({ uri: 'ui://purse/budget' });
        assert.equal(text, readFileSync(new URL('../../web/card/budget.html', import.meta.url), 'utf8'));
        assert.ok(Buffer.byteLength(text) < 40 * 1024);
        const fetches = /\b(src|href|srcset|action)\s*=|@import|url\(|fetch\(|XMLHttpRequest|WebSocket|import\(|innerHTML|eval\(/;
        assert.doesNotMatch(text, fetches);
        assert.deepEqual(text.match(/https?:\/\/[^'"\s]+/g), ['http://www.w3.org/2000/svg']);
        const { resources } = await purse.client.listResources();
        assert.ok(resources.every(one => !one.uri.startsWith('ui://')), 'found through the tools alone');
    });
});

/** An answer that a test made up is one that the tool may give. */
function assertFits(schema, value) {
    if (schema.type === 'array') return value.forEach(one => assertFits(schema.items, one));
    if (schema.type !== 'object') {
        assert.equal(typeof value, schema.type.replace('integer', 'number'));
        return assert.ok(!schema.enum || schema.enum.includes(value), value);
    }
    for (const [name, member] of Object.entries(value)) {
        if (!schema.properties) continue;
        assert.ok(schema.properties[name], name);
        assertFits(schema.properties[name], member);
    }
}

const anything = { '~standard': { version: 1, vendor: 'test', validate: value => ({ value }) } };
const pendingLike = () => ({ ok: false, reason: 'busy', message: 'Not done. Too much at once.', retry: 'same_request',
    failures: [{ reason: 'busy', rule: 'purse', message: 'Too much at once.' }] });
