// SPDX-License-Identifier: Apache-2.0
// The small parts that all views are made of.
import { Failure } from './api.js';
import { fill, freshId, h, keep, setText } from './dom.js';
import { icon } from './icons.js';
import { money } from './money.js';
import { shortAddress } from './words.js';

/** A word with a drawing; the tone colours it, the word says it. */
export function badge({ word, icon: drawing, tone }) {
    return h('span', { class: `badge tone-${tone}` }, icon(drawing), word);
}

/** An amount with its unit. */
export function amount(text, unit = 'USDC') {
    return h('span', { class: 'amount' }, money(text), h('span', { class: 'unit' }, ` ${unit}`));
}

export function button(words, onclick, { tone = '', drawing, ...attributes } = {}) {
    return h(
        'button',
        { type: 'button', class: `button ${tone}`.trim(), onclick, ...attributes },
        drawing && icon(drawing),
        words,
    );
}

let speaking = 0;
/** Says something to screen readers, politely. */
export function announce(text) {
    const place = document.getElementById('announcer');
    place.textContent = '';
    clearTimeout(speaking);
    speaking = setTimeout(() => (place.textContent = text), 60);
}

const toastTime = 6000;
/** A short message at the edge of the page, which is also spoken. */
export function toast(text, tone = 'good') {
    const el = h(
        'p',
        { class: `toast tone-${tone}` },
        icon(tone === 'bad' ? 'warning' : 'settled'),
        h('span', null, text),
    );
    document.getElementById('toasts').append(el);
    announce(text);
    setTimeout(() => el.remove(), toastTime);
}

/** A sentence in which `commands` stand between backticks. */
export function rich(text) {
    return String(text ?? '')
        .split('`')
        .map((part, i) => (i % 2 ? h('code', null, part) : part));
}

/** What went wrong, and a way to try again. */
export function failureNote(failure, again) {
    // A mistake of this page, not of the purse: it belongs into the console too.
    if (!(failure instanceof Failure)) console.error(failure);
    return h(
        'div',
        { class: 'note tone-bad', role: 'alert' },
        icon('warning'),
        h('div', { class: 'note-text' }, h('p', null, rich(failure.message))),
        again && button('Try again', again),
    );
}

/** Nothing to show, and why that is. */
export function empty(title, text) {
    return h(
        'div',
        { class: 'empty' },
        h('p', { class: 'empty-title' }, title),
        text && h('p', null, text),
    );
}

/** Something long that people paste elsewhere: shown short, copied whole. */
export function copyable(text, { what, shown = shortAddress(text) } = {}) {
    const label = h('span', null, 'Copy');
    const press = h(
        'button',
        {
            type: 'button',
            class: 'copy',
            'aria-label': `Copy ${what ?? 'it'}`,
            onclick: async () => {
                const done = await copy(text);
                setText(label, done ? 'Copied' : 'Not copied');
                announce(
                    done ? `${what ?? 'It'} is copied.` : 'The browser did not let it be copied.',
                );
                setTimeout(() => setText(label, 'Copy'), 2000);
            },
        },
        icon('copy'),
        label,
    );
    return h(
        'span',
        { class: shown.length > 30 ? 'copyable is-long' : 'copyable' },
        h('code', { title: text }, shown),
        press,
    );
}

async function copy(text) {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        return false;
    }
}

/** Rows of a description list; rows without a value are left out. */
export function facts(rows) {
    return h(
        'dl',
        { class: 'facts' },
        rows
            .filter(
                ([, value]) =>
                    value !== null && value !== undefined && value !== '' && value !== false,
            )
            .map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))),
    );
}

/** A heading with its section. `more`: what stands at the right end of the heading's line. */
export function section(title, { more, level = 'h2', ...attributes } = {}, ...children) {
    const id = freshId('heading');
    return h(
        'section',
        { class: 'section', 'aria-labelledby': id, ...attributes },
        h('div', { class: 'section-head' }, h(level, { id }, title), more),
        children,
    );
}

/** The title of a view. */
export function viewHead(title, lead, ...more) {
    return h(
        'div',
        { class: 'view-head' },
        h('div', null, h('h1', { tabindex: '-1' }, title), lead && h('p', { class: 'lead' }, lead)),
        more.length > 0 && h('div', { class: 'view-actions' }, more),
    );
}

/** One cell of a table, named for where the table has become cards. */
function cellOf(column, content) {
    const name = column.hidden ? '' : column.name;
    return h('td', { role: 'cell', class: column.class, data: { name } }, content);
}

function headOf(column) {
    const name = column.hidden ? h('span', { class: 'visually-hidden' }, column.name) : column.name;
    return h('th', { role: 'columnheader', scope: 'col', class: column.class }, name);
}

/**
 * A table that becomes cards where the page is narrow. Columns: { name, class?, hidden? }; a row
 * is a list of cells. Roles are written out: `display: grid` would take them away.
 */
export function table(caption, columns, rows) {
    const lines = rows.map(cells =>
        h(
            'tr',
            { role: 'row' },
            cells.map((content, i) => cellOf(columns[i], content)),
        ),
    );
    return h(
        'table',
        { class: 'table', role: 'table' },
        h('caption', { class: 'visually-hidden' }, caption),
        h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, columns.map(headOf))),
        h('tbody', { role: 'rowgroup' }, lines),
    );
}

/**
 * A table that is kept right while people use it: only cells that differ are put in anew, so that
 * a button under a pointer, or with the focus, stays. `update` takes rows { key, cells }.
 */
export function liveTable(caption, columns) {
    const el = table(caption, columns, []);
    const body = el.querySelector('tbody');
    const updateRow = (kept, { cells }) =>
        cells.forEach((content, i) => {
            const fresh = cellOf(columns[i], content);
            const old = kept.el.children[i];
            if (!old) kept.el.append(fresh);
            else if (!old.isEqualNode(fresh)) old.replaceWith(fresh);
        });
    const update = rows =>
        keep(body, rows, {
            key: row => row.key,
            make: () => ({ el: h('tr', { role: 'row' }) }),
            update: updateRow,
        });
    return { el, update };
}

/**
 * A dialog. `body`: what it shows; `actions(close)`: its buttons. Gives { close, el }. Focus goes
 * back to where it was when it closes. `keepOpen`: only its own buttons close it.
 */
export function openDialog(title, body, actions, { wide = false, keepOpen = false } = {}) {
    const id = freshId('dialog');
    const before = document.activeElement;
    const el = h('dialog', { class: wide ? 'dialog wide' : 'dialog', 'aria-labelledby': id });
    // What is shown once does not go away by one key too many.
    if (keepOpen) el.addEventListener('cancel', event => event.preventDefault());
    const close = () => el.close();
    fill(
        el,
        h(
            'div',
            { class: 'dialog-box' },
            h('h2', { id }, title),
            body,
            h('div', { class: 'dialog-actions' }, actions(close)),
        ),
    );
    el.addEventListener('close', () => {
        el.remove();
        if (before?.isConnected) before.focus();
    });
    document.body.append(el);
    el.showModal();
    return { el, close };
}

/**
 * Asks before something is done. `act(values)` does it; while it runs the buttons are off, and a
 * failure stays in the dialog. `fields`: elements with `name` and `value`.
 */
export function confirm({ title, text, action, tone = 'primary', fields = [], act }) {
    const trouble = h('div', { role: 'alert' });
    const go = button(action, null, { tone });
    const fieldsets = fields.map(({ label, hint, control }) => {
        const id = freshId('field');
        control.id = id;
        if (hint) control.setAttribute('aria-describedby', `${id}-hint`);
        return h(
            'div',
            { class: 'field' },
            h('label', { for: id }, label),
            control,
            hint && h('p', { class: 'hint', id: `${id}-hint` }, hint),
        );
    });
    const form = h(
        'form',
        { class: 'form', novalidate: true },
        text.map(words => h('p', null, words)),
        fieldsets,
        trouble,
    );
    const dialog = openDialog(title, form, close => [button('Cancel', close), go]);
    const run = async event => {
        event.preventDefault();
        if (go.disabled) return;
        go.disabled = true;
        fill(trouble);
        const values = Object.fromEntries(
            fields.map(({ control }) => [control.name, control.value.trim()]),
        );
        try {
            await act(values);
            dialog.close();
        } catch (failure) {
            fill(
                trouble,
                h(
                    'p',
                    { class: 'note tone-bad' },
                    icon('warning'),
                    h('span', null, rich(failure.message)),
                ),
            );
            const wrong = fields.find(({ control }) => control.name === failure.field);
            wrong?.control.focus();
        } finally {
            go.disabled = false;
        }
    };
    go.addEventListener('click', run);
    form.addEventListener('submit', run);
    return dialog;
}
