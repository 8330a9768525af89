// SPDX-License-Identifier: Apache-2.0
// Caps as bars: spent is solid, held is hatched, what is left is empty; all of it in words too.
import { h, keep, setStyle, setText } from './dom.js';
import { icon } from './icons.js';
import { count, format, money, parse, ratio } from './money.js';
import { absolute, now, span } from './time.js';
import { capName } from './words.js';

const warnAt = 80; // per cent of a cap, spent and held
const alarmAt = 95;

/** Micro-USDC, or a number of calls on the same scale, so that both make bars alike. */
const size = text => parse(text) ?? 0n;

export function levelOf(cap) {
    const used = usedPercent(cap);
    if (used >= 100) return { name: 'full', word: 'Used up' };
    if (used >= alarmAt) return { name: 'alarm', word: 'Nearly used up' };
    return used >= warnAt ? { name: 'warn', word: 'Running low' } : { name: 'fine', word: '' };
}

export function usedPercent(cap) {
    if (Number.isFinite(cap.usedPercent)) return cap.usedPercent;
    return Math.floor(100 * ratio(size(cap.spent) + size(cap.held), size(cap.limit)));
}

/** The greatest share that any cap of a budget has used. */
export function mostUsed(budget) {
    return Math.max(0, ...budget.caps.map(usedPercent));
}

function resets(cap) {
    return cap.resetsAt ? `resets in ${span(Date.parse(cap.resetsAt) - now())}` : '';
}

function sentence(cap) {
    const unit = cap.unit === 'calls' ? 'payments' : 'USDC';
    return [
        `${money(cap.spent)} of ${money(cap.limit)} ${unit} spent`,
        `${money(cap.held)} held`,
        `${money(cap.available)} left`,
        resets(cap),
    ]
        .filter(Boolean)
        .join(', ');
}

const number = (cap, text) => (cap.unit === 'calls' ? count(text) : money(text));

function makeBar(cap) {
    const name = h('span', { class: 'cap-name' });
    const level = h('span', { class: 'cap-level' });
    const left = h('span', { class: 'cap-left' });
    const spent = h('span', { class: 'bar-spent' });
    const held = h('span', { class: 'bar-held' });
    const track = h(
        'div',
        {
            class: 'meter',
            role: 'meter',
            'aria-valuemin': 0,
            'aria-valuemax': 100,
        },
        spent,
        held,
    );
    const used = h('span');
    const again = h('span');
    const detail = h('p', { class: 'cap-detail' }, used, again);
    const el = h(
        'li',
        { class: 'cap' },
        h('div', { class: 'cap-head' }, name, level, left),
        track,
        detail,
    );
    return { el, name, level, left, spent, held, track, used, again, detail };
}

function updateBar(row, cap) {
    const limit = size(cap.limit);
    const level = levelOf(cap);
    setText(row.name, capName(cap.cap, cap.scope));
    setText(row.left, `${number(cap, cap.available)} ${cap.unit === 'calls' ? '' : 'USDC '}left`);
    row.el.dataset.level = level.name;
    if (row.word !== level.word) {
        row.word = level.word;
        row.level.replaceChildren(...(level.word ? [icon('warning'), level.word] : []));
    }
    setStyle(row.spent, 'width', `${(100 * ratio(size(cap.spent), limit)).toFixed(2)}%`);
    setStyle(row.held, 'width', `${(100 * ratio(size(cap.held), limit)).toFixed(2)}%`);
    row.track.setAttribute('aria-valuenow', Math.min(100, usedPercent(cap)));
    row.track.setAttribute('aria-label', capName(cap.cap, cap.scope));
    row.track.setAttribute('aria-valuetext', sentence(cap));
    const more = size(cap.held) > 0n ? ` \u00b7 ${number(cap, cap.held)} held` : '';
    setText(
        row.used,
        cap.unit === 'calls'
            ? `${number(cap, cap.spent)} of ${number(cap, cap.limit)} payments`
            : `${number(cap, cap.spent)} spent${more} of ${number(cap, cap.limit)}`,
    );
    setText(row.again, resets(cap));
    if (cap.resetsAt) row.detail.title = `Resets ${absolute(cap.resetsAt)}`;
}

/** A list of the caps of a budget; `updateCaps` keeps it right. */
export function capList(label) {
    return h('ul', { class: 'caps', role: 'list', 'aria-label': label });
}

export function updateCaps(list, caps) {
    keep(list, caps, {
        key: cap => `${cap.cap} ${cap.scope ?? ''}`,
        make: makeBar,
        update: updateBar,
    });
}

const eachWords = {
    payment: 'a payment',
    task: 'a task',
    workflow: 'a workflow',
    payee: 'a payee',
};

/** What limits each payment, task or payee, in words; nothing that is used up. */
export function limitWords(budget) {
    return (budget.limits ?? []).map(({ cap, each, limit, unit }) => {
        if (each === 'loop')
            return `${count(limit)} times the same in ${String(cap).split(' ')[1]}`;
        const most = unit === 'calls' ? `${count(limit)} payments` : `${money(limit)} USDC`;
        return `at most ${most} ${eachWords[each] ?? `for each ${each}`}`;
    });
}

/** "3.20 today, 13.44 this week, 41.60 this month, 192.00 in all": of a budget without caps. */
export function usageWords(budget) {
    const when = { daily: 'today', weekly: 'this week', monthly: 'this month', lifetime: 'in all' };
    return (budget.usage ?? [])
        .filter(use => when[use.cap] && use.unit !== 'calls')
        .map(use => `${money(use.spent)} ${when[use.cap]}`)
        .join(', ');
}

/** The sum of amounts, exactly. */
export function total(amounts) {
    return format(amounts.reduce((sum, text) => sum + (parse(text) ?? 0n), 0n));
}
