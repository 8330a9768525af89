// SPDX-License-Identifier: Apache-2.0
// The first view: what needs a person, what is spent, and how full every budget is.
import { api } from './api.js';
import { waitingList } from './approvals.js';
import { budgetSection } from './budgets.js';
import { SpendChart } from './chart.js';
import { fill, h, keep, setStyle, setText } from './dom.js';
import { count, money, parse, ratio } from './money.js';
import { known, on, Pace } from './store.js';
import { ago } from './time.js';
import { amount, empty, failureNote, section, viewHead } from './ui.js';

const spendPause = 4000; // ms; a reading of the day looks at many entries
const agentsShown = 6;

function figure(name, unit) {
    const value = h('span', { class: 'figure-value' });
    const hint = h('span', { class: 'figure-hint' });
    const el = h(
        'div',
        { class: 'figure' },
        h('dt', null, name),
        h('dd', null, value, unit && h('span', { class: 'unit' }, ` ${unit}`), hint),
    );
    return { el, value, hint };
}

function figures() {
    const spent = figure('Spent today', 'USDC');
    const held = figure('Held now', 'USDC');
    const waiting = figure('Waiting for you');
    const policy = figure('Policy in force');
    const el = h('dl', { class: 'figures' }, spent.el, held.el, waiting.el, policy.el);
    const update = () => {
        const { totals, holdsOpen, approvalsWaiting, policy: inForce } = known.overview;
        setText(spent.value, money(totals.spentToday));
        setText(spent.hint, 'since midnight UTC');
        setText(held.value, money(totals.heldNow));
        setText(held.hint, `in ${count(holdsOpen)} open hold${holdsOpen === 1 ? '' : 's'}`);
        setText(waiting.value, count(approvalsWaiting));
        setText(waiting.hint, approvalsWaiting === 1 ? 'approval' : 'approvals');
        setText(policy.value, inForce ? `Version ${inForce.version}` : 'Sandbox');
        fill(policy.hint, inForce ? ['applied ', ago(inForce.appliedAt)] : 'no policy was applied');
    };
    return { el, update };
}

function spendSection() {
    const chart = new SpendChart();
    const byAgent = h('ul', { class: 'shares' });
    const note = h('p', { class: 'hint' });
    const trouble = h('div');
    let range = 'day';
    const choose = value => {
        range = value;
        for (const [name, el] of Object.entries(choices))
            el.setAttribute('aria-pressed', String(name === range));
        pace.stop();
        read();
    };
    const choice = (name, words) =>
        h(
            'button',
            {
                type: 'button',
                'aria-pressed': String(name === range),
                onclick: () => choose(name),
            },
            words,
        );
    const choices = { day: choice('day', '24 hours'), month: choice('month', '30 days') };
    const read = async () => {
        const wanted = range;
        try {
            const spend = await api.spend(wanted);
            if (wanted !== range) return;
            fill(trouble);
            chart.show(spend);
            drawShares(byAgent, spend.byAgent);
            setText(
                note,
                spend.complete === false
                    ? 'The journal is long: its older entries were not looked at.'
                    : '',
            );
        } catch (failure) {
            fill(trouble, failureNote(failure, read));
        }
    };
    const pace = new Pace(read, spendPause);
    const switcher = h(
        'div',
        { class: 'choices', role: 'group', 'aria-label': 'Time shown' },
        Object.values(choices),
    );
    const el = section(
        'Spend',
        { more: switcher },
        trouble,
        h(
            'div',
            { class: 'spend' },
            h('div', { class: 'card' }, chart.el, note),
            h('div', { class: 'card' }, h('h3', { class: 'card-title' }, 'By agent'), byAgent),
        ),
    );
    return { el, read, ask: () => pace.ask(), close: () => (pace.stop(), chart.close()) };
}

function drawShares(list, agents) {
    const some = agents.filter(one => parse(one.spent) > 0n).slice(0, agentsShown);
    if (some.length === 0) {
        list.keptRows = undefined;
        fill(list, h('li', null, empty('Nothing was spent', '')));
        return;
    }
    if (!list.keptRows) fill(list);
    const most = parse(some[0].spent) ?? 0n;
    keep(list, some, {
        key: one => one.agent,
        make: one => {
            const value = h('span', { class: 'share-value' });
            const bar = h('span', { class: 'share-bar' });
            const el = h(
                'li',
                null,
                h(
                    'a',
                    {
                        href: `#/journal?agent=${encodeURIComponent(one.agent)}`,
                    },
                    h('span', { class: 'share-name' }, one.agent),
                    value,
                ),
                h('span', { class: 'share-track', 'aria-hidden': 'true' }, bar),
            );
            return { el, value, bar };
        },
        update: (row, one) => {
            fill(row.value, amount(one.spent));
            setStyle(row.bar, 'width', `${(100 * ratio(parse(one.spent), most)).toFixed(1)}%`);
        },
    });
}

/** #/overview */
export function overviewView(main) {
    if (!known.overview) {
        fill(main, viewHead('Overview'), empty('Reading the purse\u2026', ''));
        const off = on('overview', () => {
            off();
            inner = overviewView(main);
        });
        let inner = null;
        return { close: () => (off(), inner?.close()) };
    }
    let asked = null;
    const waiting = waitingList({ onchange: size => asked && (asked.hidden = size === 0) });
    asked = section('Waiting for you', { class: 'section asked' }, waiting.el);
    asked.hidden = waiting.el.childElementCount === 0;
    const sums = figures();
    const spend = spendSection();
    const budgets = budgetSection();
    const update = () => {
        sums.update();
        budgets.update();
    };
    fill(main, viewHead('Overview'), asked, sums.el, spend.el, budgets.el);
    update();
    spend.read();
    const offs = [on('overview', update), on('entries', spend.ask), on('reload', spend.ask)];
    return {
        close() {
            waiting.close();
            spend.close();
            for (const off of offs) off();
        },
    };
}
