// SPDX-License-Identifier: Apache-2.0
// One entry of the journal in full: the rules that were looked at, and the entry as it is stored.
import { h } from './dom.js';
import { count, format } from './money.js';
import { absolute, stamp } from './time.js';
import { amount, badge, button, copyable, facts, openDialog, table } from './ui.js';
import { bareName, capName, codeWords, countsCalls, decisionOf } from './words.js';

/** A limit as the journal stores it: micro-USDC, or a number of payments. */
function limitWords(cap, value) {
    if (value === undefined || value === null) return '\u2013';
    if (!Number.isSafeInteger(value)) return 'very large';
    return cap.unit === 'calls' || countsCalls(cap.kind)
        ? `${count(value)} payments`
        : `${format(BigInt(value))} USDC`;
}

function capRows(title, caps, said) {
    if (!Array.isArray(caps) || caps.length === 0) return null;
    const counted = caps.some(cap => cap.spent !== undefined);
    return h(
        'div',
        { class: 'rules' },
        h('h4', null, title),
        table(
            title,
            [
                { name: 'Whose' },
                { name: 'Cap' },
                { name: 'Limit', class: 'num' },
                ...(counted
                    ? [
                          { name: 'Spent', class: 'num' },
                          { name: 'Held', class: 'num' },
                      ]
                    : []),
                { name: 'Verdict' },
            ],
            caps.map(cap => [
                String(cap.budget ?? ''),
                capName(cap.kind, cap.scope),
                limitWords(cap, cap.limit),
                ...(counted ? [limitWords(cap, cap.spent), limitWords(cap, cap.held)] : []),
                said === 'yes'
                    ? badge({ word: 'had room', icon: 'settled', tone: 'good' })
                    : badge({ word: 'no room', icon: 'refused', tone: 'bad' }),
            ]),
        ),
    );
}

function refusalRows(refusals) {
    if (!Array.isArray(refusals) || refusals.length === 0) return null;
    return h(
        'div',
        { class: 'rules' },
        h('h4', null, 'Rules that said no'),
        h(
            'ul',
            { class: 'causes' },
            refusals.map(one =>
                h(
                    'li',
                    null,
                    badge({ word: codeWords(one.reason), icon: 'refused', tone: 'bad' }),
                    h(
                        'span',
                        null,
                        one.detail ?? '',
                        one.rule && h('span', { class: 'soft' }, ` Rule of ${bareName(one.rule)}.`),
                    ),
                ),
            ),
        ),
    );
}

/** The rules that this entry tells of; null when it tells of none. */
export function rulesOf(entry) {
    const body = entry.body ?? {};
    const parts = [
        refusalRows(body.refusals),
        capRows('Caps without room', body.failing, 'no'),
        capRows('Caps that were checked', body.caps, 'yes'),
    ].filter(Boolean);
    return parts.length > 0 ? parts : null;
}

/** The entry as it is stored, folded away. */
export function rawEntry(entry) {
    return h(
        'details',
        { class: 'raw' },
        h('summary', null, `Entry ${count(entry.seq)} as it is stored`),
        h('pre', { tabindex: '0' }, JSON.stringify(entry.body ?? {}, null, 2)),
        entry.hash &&
            h(
                'p',
                { class: 'hint' },
                'Hash: ',
                copyable(entry.hash, {
                    what: 'the hash',
                    shown: `${entry.hash.slice(0, 16)}\u2026`,
                }),
            ),
    );
}

/** A dialog with all there is to one entry. */
export function showEntry(entry) {
    openDialog(
        entry.text ?? 'An entry',
        h(
            'div',
            { class: 'entry-full' },
            h(
                'p',
                null,
                badge(decisionOf(entry)),
                ' ',
                h('span', { title: absolute(entry.at) }, stamp(entry.at)),
            ),
            facts([
                ['Agent', entry.agent],
                ['Service', entry.service],
                ['Amount', entry.amount && amount(entry.amount)],
                [
                    'Payee',
                    entry.payee && copyable(entry.payee, { what: 'the address of the payee' }),
                ],
                ['Task', entry.task],
                ['Workflow', entry.workflow],
                ['Reason', entry.reason && codeWords(entry.reason)],
            ]),
            rulesOf(entry),
            rawEntry(entry),
        ),
        close => button('Close', close, { tone: 'primary' }),
        { wide: true },
    );
}
