// SPDX-License-Identifier: Apache-2.0
// What is shown to those who are not signed in.
import { fill, h } from './dom.js';
import { icon } from './icons.js';
import { button, copyable, rich } from './ui.js';

const el = document.getElementById('door');
let again = () => {};

export const door = {
    make(actions) {
        again = actions.again;
    },

    /** `words`: what has happened, if anything; `tone` 'bad' when it is a mistake. */
    show(words, tone = 'calm') {
        document.title = 'Sign in \u2013 Purse';
        el.hidden = false;
        fill(
            el,
            h(
                'div',
                { class: 'door-card' },
                h('img', { src: 'icon.svg', alt: '', width: 44, height: 44 }),
                h('h1', { tabindex: '-1' }, 'Sign in to your purse'),
                words &&
                    h(
                        'p',
                        { class: `note tone-${tone}`, role: 'alert' },
                        tone === 'bad' && icon('warning'),
                        h('span', null, rich(words)),
                    ),
                h('p', null, 'There is no password. On the machine of the purse, run'),
                h(
                    'p',
                    { class: 'command' },
                    copyable('purse operator login', { what: 'the command' }),
                ),
                h(
                    'p',
                    null,
                    'and open the link it prints, in this browser. The link works once, and for' +
                        ' ten minutes.',
                ),
                button('I have signed in elsewhere: look again', again, { tone: 'quiet' }),
            ),
        );
        el.querySelector('h1').focus({ preventScroll: true });
    },

    wait() {
        document.title = 'Purse';
        el.hidden = false;
        fill(el, h('div', { class: 'door-card' }, h('p', { role: 'status' }, 'Signing in\u2026')));
    },

    hide() {
        el.hidden = true;
        fill(el);
    },
};
