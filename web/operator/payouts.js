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
    rich,
    section,
    table,
    viewHead,
} from './ui.js';
import { codeWords, heldReasons, payoutStates } from './words.js';

const readPause = 2000; // ms

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

function payoutTable(payouts) {
    return table(
        'Payouts, newest first',
        [
            { name: 'No.' },
            { name: 'State' },
            { name: 'Amount', class: 'num' },
            { name: 'Payee' },
            { name: 'Transaction' },
            { name: 'Block', class: 'num' },
            { name: 'Changed' },
        ],
        payouts.map(one => [
            String(one.id),
            stateCell(one),
            amount(one.amount),
            copyable(one.payee, { what: `the payee of payout ${one.id}` }),
            one.tx
                ? copyable(one.tx, { what: `the transaction hash of payout ${one.id}` })
                : '\u2013',
            one.block ? count(one.block) : '\u2013',
            ago(one.changedAt),
        ]),
    );
}

function treasuryCard(treasury) {
    return h(
        'div',
        { class: 'card' },
        facts([
            ['Chain', `${treasury.chain}${treasury.chainId ? ` (${treasury.chainId})` : ''}`],
            ['Balance', treasury.balance ? amount(treasury.balance) : 'not seen yet'],
            ['Owed to payees', amount(treasury.owed)],
            ['Treasury', copyable(treasury.address, { what: 'the address of the treasury' })],
            ['Token', copyable(treasury.token, { what: 'the address of the token' })],
        ]),
    );
}

/** #/payouts */
export function payoutsView(main) {
    const body = h('div', null, empty('Reading\u2026', ''));
    fill(main, viewHead('Payouts', 'USDC on its way to those who are paid.'), body);
    let last = '';
    const read = async () => {
        try {
            const { rail, treasury, payouts } = await api.payouts();
            const text = JSON.stringify([treasury, payouts]);
            if (text === last) return;
            last = text;
            if (rail === 'book') {
                fill(
                    body,
                    empty(
                        'This purse keeps its own books',
                        'Settlements are credited to payees in' +
                            ' the ledger. Nothing is sent over a chain; docs/wallet.md has chains.',
                    ),
                );
                return;
            }
            const held = payouts.filter(one => one.state === 'held').length;
            fill(
                body,
                treasury && section('Treasury', {}, treasuryCard(treasury)),
                section(
                    held > 0 ? `Payouts (${held} held back)` : 'Payouts',
                    {},
                    payouts.length > 0
                        ? payoutTable(payouts)
                        : empty('No payout yet', 'The first settlement that is due makes one.'),
                ),
            );
        } catch (failure) {
            last = '';
            fill(body, failureNote(failure, read));
        }
    };
    const pace = new Pace(read, readPause);
    read();
    const offs = [
        on(
            'entries',
            list =>
                list.some(entry => ['payout', 'settled'].includes(entry.decision)) && pace.ask(),
        ),
        on('reload', () => pace.ask()),
    ];
    return {
        close() {
            pace.stop();
            for (const off of offs) off();
        },
    };
}
