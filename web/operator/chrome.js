// SPDX-License-Identifier: Apache-2.0
// What stands around every view: the way between views, the state of the connection, freezes,
// the theme, and the one button that stops everything.
import { fill, h } from './dom.js';
import { freezesExcept, stopEverything, unfreezeAll } from './freeze.js';
import { icon } from './icons.js';
import { known, on } from './store.js';
import { ago } from './time.js';
import { badge, button, rich } from './ui.js';
import { targetName } from './words.js';

const places = [
    ['overview', 'Overview'],
    ['journal', 'Journal'],
    ['approvals', 'Approvals'],
    ['agents', 'Agents'],
    ['payouts', 'Payouts'],
];
const themes = [
    ['auto', 'System theme'],
    ['light', 'Light'],
    ['dark', 'Dark'],
];
const drawingOf = { auto: 'auto', light: 'sun', dark: 'moon' };

const byId = id => document.getElementById(id);
const links = new Map();
let actions = {};
let trouble = null;
let place = 'overview';

function chosenTheme() {
    return document.documentElement.dataset.theme ?? 'auto';
}

function choose(theme) {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    try {
        if (theme === 'auto') localStorage.removeItem('purse.theme');
        else localStorage.setItem('purse.theme', theme);
    } catch {
        // No storage: it lasts as long as this page.
    }
}

function themeControl() {
    const control = h(
        'select',
        {
            'aria-label': 'Theme',
            onchange: () => {
                choose(control.value);
                drawing.replaceChildren(icon(drawingOf[control.value]));
            },
        },
        themes.map(([value, word]) =>
            h('option', { value, selected: value === chosenTheme() }, word),
        ),
    );
    const drawing = h('span', { class: 'select-icon' }, icon(drawingOf[chosenTheme()]));
    return h('span', { class: 'select' }, drawing, control);
}

function makeNav() {
    fill(
        byId('nav'),
        h(
            'ul',
            null,
            places.map(([name, word]) => {
                const badge = h('span', { class: 'count', hidden: true });
                const link = h(
                    'a',
                    { href: `#/${name}` },
                    icon(name),
                    h('span', null, word),
                    badge,
                );
                links.set(name, { link, badge });
                return h('li', null, link);
            }),
        ),
    );
}

function makeFoot() {
    const { session } = known;
    const signOut = button('Sign out', () => actions.signOut(), { tone: 'quiet', drawing: 'out' });
    fill(
        byId('foot'),
        themeControl(),
        signOut,
        h(
            'p',
            { class: 'version' },
            `Purse ${session.version} \u00b7 ${
                session.rail === 'evm' ? 'pays over a chain' : 'keeps its own books'
            }`,
        ),
    );
}

function drawLive() {
    const words = { connecting: 'Connecting\u2026', live: 'Live', lost: 'Connection lost' };
    const el = byId('live');
    el.dataset.state = known.connection;
    fill(
        el,
        h('span', { class: 'live-dot' }),
        words[known.connection],
        isStopped() && badge({ word: 'Everything is stopped', icon: 'frozen', tone: 'bad' }),
    );
}

function drawCount() {
    const waiting = known.approvals.length;
    const { badge } = links.get('approvals');
    badge.hidden = waiting === 0;
    fill(badge, String(waiting), h('span', { class: 'visually-hidden' }, ' waiting'));
    const word = places.find(([name]) => name === place)?.[1] ?? 'A payment';
    document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${word} \u2013 Purse`;
}

const isStopped = () => (known.overview?.frozen ?? []).some(one => one.target === 'all');

function drawActions() {
    const all = isStopped();
    const state = all ? 'stopped' : 'running';
    const el = byId('actions');
    if (el.dataset.state === state) return;
    el.dataset.state = state;
    drawLive();
    fill(
        el,
        all
            ? button('Let spending go on', () => unfreezeAll(), { drawing: 'play' })
            : button('Stop everything', () => stopEverything(), {
                  tone: 'danger-line',
                  drawing: 'stop',
              }),
    );
}

function banner(tone, drawing, text, ...more) {
    return h('div', { class: `banner tone-${tone}` }, icon(drawing), h('div', null, text), more);
}

let bannersAre = '';
function drawBanners() {
    const frozen = known.overview?.frozen ?? [];
    const key = JSON.stringify([frozen, known.connection === 'lost', trouble?.message, place]);
    if (key === bannersAre) return;
    bannersAre = key;
    const all = frozen.find(one => one.target === 'all');
    const lost = known.connection === 'lost';
    fill(
        byId('banners'),
        lost &&
            banner(
                'warn',
                'warning',
                h(
                    'p',
                    null,
                    h('strong', null, 'The connection is lost. '),
                    'What you see may be old. It is tried again by itself.',
                ),
                button('Try now', () => actions.hurry()),
            ),
        !lost &&
            trouble &&
            banner(
                'bad',
                'warning',
                h(
                    'p',
                    null,
                    h('strong', null, 'The purse could not be read. '),
                    rich(trouble.message),
                ),
                button('Try again', () => actions.readAgain()),
            ),
        all &&
            banner(
                'bad',
                'frozen',
                h(
                    'p',
                    null,
                    h('strong', null, 'Everything is stopped. '),
                    'No agent can take a hold, since ',
                    ago(all.since),
                    '.',
                    all.note && ` \u201c${all.note}\u201d`,
                ),
                button('Let spending go on', () => unfreezeAll()),
            ),
        place === 'overview' &&
            freezesExcept('all', frozen).length > 0 &&
            banner(
                'warn',
                'frozen',
                h(
                    'p',
                    null,
                    h('strong', null, 'Frozen: '),
                    list(freezesExcept('all', frozen)),
                    ' ',
                    h('a', { href: '#/agents' }, 'See agents'),
                ),
            ),
    );
}

const namesShown = 4;
function list(frozen) {
    const names = frozen
        .slice(0, namesShown)
        .map(
            one =>
                targetName(one.target) +
                (one.byPolicy ? ' (by the policy)' : one.note ? ` (\u201c${one.note}\u201d)` : ''),
        );
    const rest = frozen.length - names.length;
    return `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}. No new holds there.`;
}

export const chrome = {
    make(wanted) {
        actions = wanted;
        makeNav();
        on('overview', () => {
            trouble = null;
            drawActions();
            drawBanners();
        });
        on('approvals', drawCount);
        on('connection', () => {
            drawLive();
            drawBanners();
        });
        on('trouble', failure => {
            trouble = failure;
            drawBanners();
        });
    },
    show() {
        trouble = null;
        byId('shell').hidden = false;
        makeFoot();
        drawLive();
        drawActions();
        drawBanners();
        drawCount();
    },
    hide() {
        byId('shell').hidden = true;
    },
    current(name) {
        place = name;
        const shown = name === 'holds' ? 'journal' : name;
        for (const [other, { link }] of links) {
            if (other === shown) link.setAttribute('aria-current', 'page');
            else link.removeAttribute('aria-current');
        }
        drawCount();
        drawBanners();
    },
};
