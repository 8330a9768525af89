// SPDX-License-Identifier: Apache-2.0
// Who may spend: agents with their caps and freezes, and the credentials that prove them.
import { api } from './api.js';
import { levelOf, limitWords, usageWords } from './bars.js';
import { fill, h, setStyle, setText } from './dom.js';
import { freezeButton, noteField } from './freeze.js';
import { icon } from './icons.js';
import { money } from './money.js';
import { known, on, Pace } from './store.js';
import { ago } from './time.js';
import {
    badge,
    button,
    confirm,
    copyable,
    empty,
    failureNote,
    liveTable,
    openDialog,
    section,
    toast,
    viewHead,
} from './ui.js';
import { capName, credentialStates } from './words.js';

const lifetimes = [
    ['', 'Never'],
    ['1d', 'In a day'],
    ['7d', 'In 7 days'],
    ['30d', 'In 30 days'],
    ['90d', 'In 90 days'],
    ['365d', 'In a year'],
];
const rowsFirst = 50;
const isFrozen = { word: 'Frozen', icon: 'frozen', tone: 'bad' };
const maySpend = { word: 'May spend', icon: 'settled', tone: 'good' };

const agentColumns = [
    { name: 'Agent' },
    { name: 'State' },
    { name: 'Fullest cap' },
    { name: 'Open holds', class: 'num' },
    { name: 'Credentials', class: 'num' },
    { name: 'Actions', hidden: true, class: 'acts' },
];
const credentialColumns = [
    { name: 'Agent' },
    { name: 'State' },
    { name: 'Id' },
    { name: 'Note' },
    { name: 'Issued' },
    { name: 'Expires' },
    { name: 'Actions', hidden: true, class: 'acts' },
];

function fullest(budget) {
    const { caps } = budget;
    if (caps.length === 0)
        return h(
            'span',
            { class: 'soft' },
            usageWords(budget) ? `No caps over time. ${usageWords(budget)}` : 'No caps over time',
        );
    const cap = caps.toSorted((a, b) => b.usedPercent - a.usedPercent)[0];
    const level = levelOf(cap);
    const bar = h('span', { class: 'bar-spent' });
    setStyle(bar, 'width', `${Math.min(100, cap.usedPercent)}%`);
    const unit = cap.unit === 'calls' ? 'payments' : 'USDC';
    return h(
        'span',
        { class: 'cap mini', data: { level: level.name } },
        h('span', { class: 'meter', 'aria-hidden': 'true' }, bar),
        h(
            'span',
            null,
            `${capName(cap.cap, cap.scope)}: ${cap.usedPercent} % of ` +
                `${money(cap.limit)} ${unit}`,
            level.word && ` \u2013 ${level.word.toLowerCase()}`,
        ),
    );
}

class AgentsView {
    #credentials = [];
    #agents = [];
    #all = false;
    #wanted = '';

    constructor(main) {
        this.agents = liveTable('Agents', agentColumns);
        this.credentials = liveTable('Credentials', credentialColumns);
        this.noAgent = empty('No agent of that name', '');
        this.noCredential = empty(
            'No credential was issued',
            'An agent needs one to spend. Issue it here, and give it to the agent\u2019s server' +
                ' as PURSE_CREDENTIAL.',
        );
        this.more = button('', () => {
            this.#all = true;
            this.#draw();
        });
        this.trouble = h('div');
        this.find = h('input', {
            type: 'search',
            placeholder: 'Find an agent',
            'aria-label': 'Find an agent',
            oninput: () => {
                this.#wanted = this.find.value.trim().toLowerCase();
                this.#draw();
            },
        });
        const issue = button('Issue a credential', () => this.#issue(), {
            tone: 'primary',
            drawing: 'key',
        });
        fill(
            main,
            viewHead('Agents', 'Who may spend, and the secrets that prove who they are.', issue),
            this.trouble,
            section(
                'Agents',
                { more: this.find },
                this.agents.el,
                this.noAgent,
                h('p', { class: 'more' }, this.more),
            ),
            section('Credentials', {}, this.credentials.el, this.noCredential),
        );
        this.#draw();
        this.pace = new Pace(() => this.#read(), 1000);
        this.offs = [
            on('overview', () => this.#draw()),
            on('reload', () => this.pace.ask()),
            on(
                'entries',
                list => list.some(entry => entry.decision === 'operator') && this.pace.ask(),
            ),
        ];
        this.#read();
    }

    close() {
        this.pace.stop();
        for (const off of this.offs) off();
    }

    async #read() {
        try {
            const { agents, credentials } = await api.credentials();
            this.#agents = agents;
            this.#credentials = credentials;
            fill(this.trouble);
            this.#draw();
        } catch (failure) {
            fill(
                this.trouble,
                failureNote(failure, () => this.#read()),
            );
        }
    }

    /** Agents of the policy, and those that only the overview or a credential knows. */
    #rows() {
        const budgets = new Map(
            (known.overview?.budgets ?? [])
                .filter(one => one.kind === 'agent')
                .map(one => [one.name.slice('agent/'.length), one]),
        );
        const names = new Set([...this.#agents, ...budgets.keys()]);
        return [...names]
            .map(name => ({ name, budget: budgets.get(name) }))
            .filter(({ name }) => name.toLowerCase().includes(this.#wanted))
            .toSorted((a, b) => a.name.localeCompare(b.name));
    }

    #draw() {
        const rows = this.#rows();
        const shown = this.#all ? rows : rows.slice(0, rowsFirst);
        this.agents.update(shown.map(row => this.#agentRow(row)));
        this.credentials.update(this.#credentials.map(one => this.#credentialRow(one)));
        this.agents.el.hidden = shown.length === 0;
        this.credentials.el.hidden = this.#credentials.length === 0;
        this.noAgent.hidden = shown.length > 0;
        this.noCredential.hidden = this.#credentials.length > 0;
        this.more.hidden = rows.length === shown.length;
        setText(this.more, `Show ${rows.length - shown.length} more`);
    }

    #agentRow({ name, budget }) {
        const about = budget ? [budget.description, ...limitWords(budget)].filter(Boolean) : [];
        const live = this.#credentials.filter(one => one.agent === name && one.state === 'live');
        const issue = button('Issue', () => this.#issue(name), {
            tone: 'small',
            drawing: 'key',
            'aria-label': `Issue a credential for ${name}`,
        });
        return {
            key: name,
            cells: [
                h(
                    'span',
                    { class: 'two-lines' },
                    h('a', { href: `#/journal?agent=${encodeURIComponent(name)}` }, name),
                    about.length > 0 && h('span', { class: 'soft' }, about.join(' \u00b7 ')),
                ),
                badge(budget?.frozen ? isFrozen : maySpend),
                budget ? fullest(budget) : h('span', { class: 'soft' }, 'Not used yet'),
                String(budget?.holdsOpen ?? 0),
                String(live.length),
                h('span', { class: 'row-acts' }, freezeButton(`agent/${name}`), issue),
            ],
        };
    }

    #credentialRow(one) {
        const state = credentialStates[one.state] ?? { word: one.state, tone: 'calm', icon: 'dot' };
        const revoke = button('Revoke', () => this.#revoke(one), {
            tone: 'small',
            drawing: 'refused',
            'aria-label': `Revoke ${one.id} of ${one.agent}`,
        });
        const end = one.expiresAt ? ago(one.expiresAt) : 'never';
        return {
            key: one.id,
            cells: [
                one.agent,
                badge(state),
                h('code', null, one.id),
                one.note || '\u2013',
                ago(one.issuedAt),
                one.revokedAt ? h('span', null, 'revoked ', ago(one.revokedAt)) : end,
                one.state === 'live' ? revoke : '',
            ],
        };
    }

    #revoke({ id, agent }) {
        confirm({
            title: `Revoke ${id}?`,
            text: [
                `Whoever uses this credential of ${agent} is refused from this moment, also in` +
                    ' chats that are open. This cannot be undone; a new one can be issued.',
            ],
            action: 'Revoke',
            tone: 'danger',
            act: async () => {
                await api.revoke(id);
                toast(`Revoked: ${id} of ${agent}.`);
                this.pace.ask();
            },
        });
    }

    #issue(name) {
        const agent = h(
            'select',
            { name: 'agent' },
            [...this.#agents]
                .toSorted()
                .map(one => h('option', { value: one, selected: one === name }, one)),
        );
        const expiresIn = h(
            'select',
            { name: 'expiresIn' },
            lifetimes.map(([value, words]) => h('option', { value }, words)),
        );
        confirm({
            title: 'Issue a credential',
            text: ['The secret is shown once. The ledger keeps only its hash.'],
            action: 'Issue',
            fields: [
                { label: 'Agent', control: agent },
                {
                    label: 'Expires',
                    control: expiresIn,
                },
                noteField(
                    'Note (optional)',
                    'Where it will be used, for instance. Kept in the journal.',
                ),
            ],
            act: async values => {
                const issued = await api.issue({
                    agent: values.agent,
                    ...(values.note && { note: values.note }),
                    ...(values.expiresIn && { expiresIn: values.expiresIn }),
                });
                this.pace.ask();
                showSecret(issued);
            },
        });
    }
}

function showSecret({ id, agent, secret }) {
    openDialog(
        `The secret of ${agent}`,
        h(
            'div',
            { class: 'secret' },
            h(
                'p',
                { class: 'note tone-warn' },
                icon('warning'),
                'Copy it now. It is shown this once and cannot be read again.',
            ),
            h(
                'p',
                { class: 'secret-text' },
                copyable(secret, { what: 'the secret', shown: secret }),
            ),
            h(
                'p',
                null,
                'Give it to the agent\u2019s server as ',
                h('code', null, 'PURSE_CREDENTIAL'),
                ', or in a file named by ',
                h('code', null, 'PURSE_CREDENTIAL_FILE'),
                '. Do not paste it into' + ' a chat.',
            ),
            h('p', { class: 'hint' }, `Its public id is ${id}: by that it can be revoked.`),
        ),
        close => button('I have stored it', close, { tone: 'primary' }),
        { keepOpen: true },
    );
}

/** #/agents */
export function agentsView(main) {
    return new AgentsView(main);
}
