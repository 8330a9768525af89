// SPDX-License-Identifier: Apache-2.0
// Stops spending and lets it go on: of one agent, one shared budget, or everything.
import { api } from './api.js';
import { h } from './dom.js';
import { known, tell } from './store.js';
import { button, confirm, toast } from './ui.js';
import { targetName } from './words.js';

const noteCharsMax = 200;

export const noteField = (label = 'Note (optional)', hint = 'Kept in the journal.') => ({
    label,
    hint,
    control: h('input', {
        name: 'note',
        type: 'text',
        maxlength: noteCharsMax,
        autocomplete: 'off',
    }),
});

export const freezesExcept = (target, frozen) => frozen.filter(one => one.target !== target);

/** The freeze of this target itself, or nothing. */
export const freezeOf = target => (known.overview?.frozen ?? []).find(one => one.target === target);

function take({ frozen }) {
    if (known.overview) known.overview.frozen = frozen;
    tell('overview');
    tell('changed');
}

export function stopEverything() {
    confirm({
        title: 'Stop everything?',
        text: [
            'From this moment no agent can take a hold: every new payment is refused, also in' +
                ' chats that are open.',
            'What is held already can still be settled, and payouts that are owed go on.',
        ],
        action: 'Stop everything',
        tone: 'danger',
        fields: [noteField('Why (optional)')],
        act: async ({ note }) => {
            take(await api.freeze('all', note));
            toast('Everything is stopped. No agent can take a hold.', 'bad');
        },
    });
}

export function unfreezeAll() {
    unfreeze('all');
}

export function freeze(target) {
    const name = targetName(target);
    const who = target.startsWith('budget/') ? 'Every agent that is charged to it' : 'It';
    confirm({
        title: `Freeze ${name}?`,
        text: [
            `${who} can take no new hold from this moment, also in chats that are open. What is` +
                ' held already can still be settled.',
        ],
        action: `Freeze ${name}`,
        tone: 'danger',
        fields: [noteField('Why (optional)')],
        act: async ({ note }) => {
            take(await api.freeze(target, note));
            toast(`Frozen: ${name}.`, 'bad');
        },
    });
}

export function unfreeze(target) {
    const name = target === 'all' ? 'Everything' : targetName(target);
    confirm({
        title: target === 'all' ? 'Let spending go on?' : `Let ${name} spend again?`,
        text: [
            target === 'all'
                ? 'Agents can take holds again, within their caps. Other freezes stay.'
                : 'New holds are allowed again, within all caps.',
        ],
        action: target === 'all' ? 'Let spending go on' : `Unfreeze ${name}`,
        act: async () => {
            take(await api.unfreeze(target));
            toast(target === 'all' ? 'Agents can spend again.' : `No longer frozen: ${name}.`);
        },
    });
}

/** The button that freezes a target, or ends its freeze; null where the policy has frozen it. */
export function freezeButton(target) {
    const freezeNow = freezeOf(target);
    const name = targetName(target);
    if (freezeNow?.byPolicy)
        return h('span', { class: 'hint' }, 'Frozen by the policy: change it there');
    return freezeNow
        ? button('Unfreeze', () => unfreeze(target), {
              tone: 'small',
              drawing: 'play',
              'aria-label': `Unfreeze ${name}`,
          })
        : button('Freeze', () => freeze(target), {
              tone: 'small',
              drawing: 'frozen',
              'aria-label': `Freeze ${name}`,
          });
}
