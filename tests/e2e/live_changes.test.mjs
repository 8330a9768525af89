// SPDX-License-Identifier: Apache-2.0
// What the operator changes applies to sessions that are open already.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { approved, refused } from './support/answers.mjs';
import { freshPurse } from './support/purse.mjs';
import { allSetups, open } from './support/setups.mjs';

const limit = { timeout: 60_000 };
const asking = (session, estimatedCost) => session.call('pay_preauthorize', { service: 'images', estimatedCost });

for (const setup of allSetups) {
    test(`${setup.name}: a changed policy file applies to the next call`, limit, async t => {
        const purse = freshPurse(t);
        const session = await open(t, setup, purse.env(await purse.issue('buyer')));
        refused(await asking(session, '6'), 'transaction_limit_exceeded');
        purse.writePolicy(text => text.replace('"perTx": "5"', '"perTx": "10"'));
        assert.equal(approved(await asking(session, '6')).amount, '6.00');
        purse.writePolicy(text => text.replace('"perTx": "5"', '"perTx": "1"'));
        refused(await asking(session, '6'), 'transaction_limit_exceeded');
        const tight = text => text.replace('"daily": "50"', '"daily": "6.50"');
        purse.writePolicy(tight);
        assert.equal(refused(await asking(session, '1'), 'spend_limit_reached').allowedNow, '0.50', 'what was held before counts');
    });

    test(`${setup.name}: a broken policy file leaves the rules that were in force`, limit, async t => {
        const purse = freshPurse(t);
        const session = await open(t, setup, purse.env(await purse.issue('buyer')));
        approved(await asking(session, '5'));
        for (const broken of [text => text.replace('"perTx": "5"', '"perTx": "ten"'), () => '{ "version": 1, ', () => '']) {
            purse.writePolicy(broken);
            approved(await asking(session, '5'));
            refused(await asking(session, '6'), 'transaction_limit_exceeded');
        }
        purse.writePolicy(text => text.replace('"perTx": "5"', '"perTx": "2"'));
        refused(await asking(session, '5'), 'transaction_limit_exceeded');
    });

    test(`${setup.name}: freezing and unfreezing work in a live session`, limit, async t => {
        const purse = freshPurse(t);
        const session = await open(t, setup, purse.env(await purse.issue('buyer')));
        const { txId } = approved(await asking(session, '1'));
        await purse.command('freeze', 'agent', 'buyer');
        refused(await asking(session, '1'), 'frozen');
        assert.equal(approved(await session.call('pay_budget_status', {})).frozen, true);
        await purse.command('unfreeze', 'agent', 'buyer');
        approved(await asking(session, '1'));
        approved(await session.call('pay_settle', { txId, actualCost: '1' }));
    });

    test(`${setup.name}: a hold that expires gives its money back by itself`, limit, async t => {
        const purse = freshPurse(t);
        const session = await open(t, setup, purse.env(await purse.issue('poor')));
        const hold = args => session.call('pay_preauthorize', { service: 'images', estimatedCost: '1', ...args });
        const { txId, expiresAt, at } = approved(await hold({ ttlSeconds: 1 }));
        assert.equal(Date.parse(expiresAt) - Date.parse(at), 1000);
        refused(await hold({}), 'spend_limit_reached');
        await new Promise(resolve => setTimeout(resolve, 1200));
        const status = approved(await session.call('pay_budget_status', {}));
        assert.equal(status.held, '0.00');
        const late = approved(await session.call('pay_settle', { txId, actualCost: '0.4' }));
        assert.deepEqual([late.state, late.captured, late.late], ['settled', '0.40', true]);
        refused(await hold({}), 'spend_limit_reached');
        approved(await hold({ estimatedCost: '0.6' }));
    });
}
