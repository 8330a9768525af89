// SPDX-License-Identifier: Apache-2.0
// USDC on its way to payees: the treasury, and every payout with its state and what to do.
import { api } from './api.js';
import { fill, h } from './dom.js';
import { count } from './money.js';
import { on, Pace } from './store.js';
import { ago } from './time.js';
import {
    amount,
    badge,
    copyable,
    empty,
    facts,
    failureNote,
    liveTable,
    rich,
    section,
    viewHead,
} from './ui.js';
import { codeWords, heldReasons, payoutStates } from './words.js';

const readPause = 2000; // ms
const ownBooks =
    'Settlements are credited to payees in the ledger, and nothing is sent over a chain.' +
    ' docs/wallet.md tells how to pay in USDC.';

function stateCell(payout) {
    const state = payoutStates[payout.state] ?? {
        word: payout.state,
        tone: 'calm',
        icon: 'dot',
        text: '',
    };
    const [why, what] = heldReasons[payout.reason] ?? [
        payout.reason ? `${codeWords(payout.reason)}.` : '',
        '',
    ];
    const text =
        payout.state === 'held'
            ? h('span', { class: 'soft' }, h('strong', null, rich(why)), ' ', rich(what))
            : state.text && h('span', { class: 'soft' }, state.text);
    return h('span', { class: 'two-lines' }, badge(state), text);
}

const columns = [
    { name: 'No.' },
    { name: 'State' },
    { name: 'Amount', class: 'num' },
    { name: 'Payee' },
    { name: 'Transaction' },
    { name: 'Block', class: 'num' },
    { name: 'Changed' },
];

function payoutRow(one) {
    const tx = one.tx && copyable(one.tx, { what: `the transaction hash of payout ${one.id}` });
    return {
        key: one.id,
        cells: [
            String(one.id),
            stateCell(one),
            amount(one.amount),
            copyable(one.payee, { what: `the payee of payout ${one.id}` }),
            tx || '\u2013',
            one.block ? count(one.block) : '\u2013',
            ago(one.changedAt),
        ],
    };
}

const chains = {
    1: 'Ethereum',
    8453: 'Base',
    84532: 'Base Sepolia',
    11155111: 'Ethereum Sepolia',
};

const chainName = id => (chains[id] ? `${chains[id]} (${id})` : `Chain ${id}`);

function treasuryCard(treasury) {
    return h(
        'div',
        { class: 'card' },
        facts([
            ['Chain', chainName(treasury.chainId)],
            ['Balance', treasury.balance ? amount(treasury.balance) : 'not seen yet'],
            ['Owed to payees', amount(treasury.owed)],
            ['Treasury', copyable(treasury.address, { what: 'the address of the treasury' })],
            ['Token', copyable(treasury.token, { what: 'the address of the token' })],
        ]),
    );
}

/** #/payouts */
export function payoutsView(main) {
    const trouble = h('div');
    const body = h('div', null, empty('Reading\u2026', ''));
    const treasury = h('div');
    const list = liveTable('Payouts, newest first', columns);
    const none = empty('No payout yet', 'The first settlement that is due makes one.');
    fill(main, viewHead('Payouts', 'USDC on its way to those who are paid.'), trouble, body);

    const show = found => {
        if (found.rail === 'book') {
            fill(body, empty('This purse keeps its own books', ownBooks));
            return;
        }
        if (!list.el.isConnected) fill(body, treasury, section('Payouts', {}, list.el, none));
        const text = JSON.stringify(found.treasury);
        if (found.treasury && treasury.dataset.shown !== text) {
            treasury.dataset.shown = text;
            fill(treasury, section('Treasury', {}, treasuryCard(found.treasury)));
        }
        list.update(found.payouts.map(payoutRow));
        list.el.hidden = found.payouts.length === 0;
        none.hidden = !list.el.hidden;
    };
    const read = async () => {
        try {
            const found = await api.payouts();
            fill(trouble);
            show(found);
        } catch (failure) {
            fill(trouble, failureNote(failure, read));
        }
    };
    const pace = new Pace(read, readPause);
    read();
    const concerns = entry => ['payout', 'settled'].includes(entry.decision);
    const offs = [
        on('entries', list => list.some(concerns) && pace.ask()),
        on('reload', () => pace.ask()),
    ];
    return {
        close() {
            pace.stop();
            for (const off of offs) off();
        },
    };
}
