// SPDX-License-Identifier: Apache-2.0
// All budgets as cards with their bars, the fullest first.
import { capList, limitWords, mostUsed, updateCaps, usageWords } from './bars.js';
import { fill, h, keep, setText } from './dom.js';
import { freezeButton, freezeOf } from './freeze.js';
import { icon } from './icons.js';
import { known } from './store.js';
import { badge, button, empty, section } from './ui.js';
import { bareName } from './words.js';

const shownFirst = 12;
const frozenBadge = { word: 'Frozen', icon: 'frozen', tone: 'bad' };

function makeCard(budget) {
    const isAgent = budget.kind === 'agent';
    const name = h(
        'h3',
        null,
        icon(isAgent ? 'agents' : 'budget'),
        h('span', null, bareName(budget.name)),
    );
    const state = h('span', { class: 'budget-state' });
    const about = h('p', { class: 'soft' });
    const caps = capList(`Caps of ${budget.name}`);
    const words = h('p', { class: 'usage' });
    const foot = h('p', { class: 'budget-links' });
    const act = h('span', { class: 'budget-act' });
    const el = h(
        'li',
        { class: 'budget' },
        h(
            'div',
            { class: 'budget-who' },
            h('div', { class: 'budget-head' }, name, state),
            about,
            foot,
        ),
        h('div', { class: 'budget-caps' }, caps, words),
        act,
    );
    return { el, state, about, caps, words, foot, act, frozenAs: null };
}

function aboutWords(budget) {
    const kind = budget.kind === 'agent' ? 'Agent' : 'Shared budget';
    const holds =
        budget.holdsOpen > 0
            ? `${budget.holdsOpen} open hold${budget.holdsOpen === 1 ? '' : 's'}`
            : '';
    return [kind, budget.description, ...limitWords(budget), holds]
        .filter(Boolean)
        .join(' \u00b7 ');
}

const namesShown = 6;
function names(list) {
    const some = list.slice(0, namesShown).map(bareName).join(', ');
    return list.length > namesShown ? `${some} and ${list.length - namesShown} more` : some;
}

function updateCard(row, budget) {
    setText(row.about, aboutWords(budget));
    updateCaps(row.caps, budget.caps);
    const bare = row.caps.childElementCount === 0;
    row.caps.hidden = bare;
    row.words.hidden = !bare;
    setText(
        row.words,
        `Nothing caps this over time. Spent: ${usageWords(budget) || 'nothing'} (USDC).`,
    );
    const linked =
        budget.kind === 'agent'
            ? budget.budgets?.length > 0 && `Also charged to: ${names(budget.budgets)}`
            : budget.agents?.length > 0 && `Charged by: ${names(budget.agents)}`;
    setText(row.foot, linked || '');
    row.foot.hidden = !linked;
    const freeze = freezeOf(budget.name);
    const frozenAs = `${budget.frozen} ${freeze ? freeze.since : ''} ${freeze?.byPolicy}`;
    if (row.frozenAs === frozenAs) return;
    row.frozenAs = frozenAs;
    fill(row.state, budget.frozen && badge(frozenBadge));
    fill(row.act, freezeButton(budget.name));
}

/** The section of the overview. Gives { el, update }. */
export function budgetSection() {
    let sort = 'used';
    let wanted = '';
    let all = false;
    const list = h('ul', { class: 'card budgets', role: 'list' });
    const more = h('p', { class: 'more' });
    const nothing = h('div');
    const find = h('input', {
        type: 'search',
        placeholder: 'Find a budget',
        'aria-label': 'Find a budget',
        oninput: () => {
            wanted = find.value.trim().toLowerCase();
            update();
        },
    });
    const order = h(
        'select',
        {
            'aria-label': 'Order of the budgets',
            onchange: () => {
                sort = order.value;
                update();
            },
        },
        h('option', { value: 'used' }, 'Most used first'),
        h('option', { value: 'name' }, 'By name'),
        h('option', { value: 'kind' }, 'Shared ones first'),
    );
    const legend = h(
        'ul',
        { class: 'legend', 'aria-label': 'Legend of the bars' },
        h('li', null, h('span', { class: 'swatch swatch-spent' }), 'spent'),
        h('li', null, h('span', { class: 'swatch swatch-held' }), 'held'),
        h('li', null, h('span', { class: 'swatch swatch-left' }), 'available'),
    );

    function update() {
        const { budgets, truncated } = known.overview;
        const found = budgets.filter(budget => budget.name.toLowerCase().includes(wanted));
        const byName = (a, b) => a.name.localeCompare(b.name);
        const orders = {
            used: (a, b) => mostUsed(b) - mostUsed(a) || byName(a, b),
            name: byName,
            kind: (a, b) =>
                (a.kind === 'agent') - (b.kind === 'agent') ||
                mostUsed(b) - mostUsed(a) ||
                byName(a, b),
        };
        found.sort(orders[sort]);
        const shown = all ? found : found.slice(0, shownFirst);
        // While a pointer or the focus is on a card nothing changes place.
        const busy = list.matches(':hover') || list.contains(document.activeElement);
        const order = busy ? stable(shown) : shown;
        keep(list, order, { key: budget => budget.name, make: makeCard, update: updateCard });
        const rest = found.length - shown.length;
        fill(
            more,
            rest > 0 &&
                button(`Show ${rest} more`, () => {
                    all = true;
                    update();
                }),
            truncated &&
                h(
                    'span',
                    { class: 'soft' },
                    ' Only the most used budgets are read; `purse status --all` has every one.',
                ),
        );
        fill(nothing, found.length === 0 && empty('No budget of that name', ''));
    }

    function stable(shown) {
        const places = new Map([...(list.keptRows?.keys() ?? [])].map(name => [name, Infinity]));
        [...list.children].forEach((el, i) => {
            for (const [name, row] of list.keptRows) if (row.el === el) places.set(name, i);
        });
        return shown.toSorted((a, b) => (places.get(a.name) ?? 1e6) - (places.get(b.name) ?? 1e6));
    }

    const tools = h('div', { class: 'tools' }, legend, find, order);
    return { el: section('Budgets', { more: tools }, list, nothing, more), update };
}
