// SPDX-License-Identifier: Apache-2.0
// Payments that wait for a person, and what was decided.
import { api } from './api.js';
import { fill, freshId, h, setStyle, setText } from './dom.js';
import { icon } from './icons.js';
import { money } from './money.js';
import { known, on, tell } from './store.js';
import { absolute, ago, countdown, everySecond, now } from './time.js';
import {
    amount,
    announce,
    badge,
    button,
    copyable,
    empty,
    facts,
    failureNote,
    section,
    table,
    viewHead,
} from './ui.js';
import { approvalStates, causes, channels } from './words.js';

// A card that has just moved under the pointer takes no click for a moment.
const armAfter = 700; // ms
const outcomeTime = 12_000; // ms that a decided card stays in its place
const noteCharsMax = 200;

/** Why a person is asked. */
export function causeList(list) {
    const line = cause => [
        h('strong', null, causes[cause.cause] ?? cause.cause),
        '. ',
        cause.detail,
    ];
    return h(
        'ul',
        { class: 'causes' },
        list.map(cause => h('li', null, icon('question'), h('span', null, line(cause)))),
    );
}

/**
 * One waiting approval, with its buttons. `inStory`: on the page of its own hold. `hasMoved`: it
 * has come while people look, and has moved what was there.
 */
class Card {
    constructor(approval, { inStory = false, hasMoved = false } = {}) {
        this.approval = approval;
        this.isDecided = false;
        this.note = h('input', {
            type: 'text',
            maxlength: noteCharsMax,
            autocomplete: 'off',
            id: freshId('note'),
        });
        this.words = `${money(approval.amount)} USDC`;
        this.yes = button(`Approve ${this.words}`, () => this.#decide('approve'), {
            tone: 'primary',
            drawing: 'settled',
            disabled: hasMoved,
            'aria-label': `Approve ${this.words} for ${approval.agent}`,
        });
        this.no = button('Deny', () => this.#decide('deny'), {
            drawing: 'refused',
            disabled: hasMoved,
            'aria-label': `Deny ${this.words} for ${approval.agent}`,
        });
        this.trouble = h('div', { role: 'alert' });
        this.foot = h(
            'div',
            { class: 'approval-foot' },
            h(
                'div',
                { class: 'field' },
                h('label', { for: this.note.id }, 'Note (optional, kept in the journal)'),
                this.note,
            ),
            h('div', { class: 'approval-buttons' }, this.no, this.yes),
        );
        this.left = h('span', { class: 'approval-left' });
        this.rest = h('span', { class: 'approval-rest' });
        const title = freshId('approval');
        this.el = h(
            'article',
            { class: 'approval', 'aria-labelledby': title },
            this.#head(title, inStory),
            this.trouble,
            this.foot,
        );
        if (hasMoved)
            setTimeout(() => {
                if (!this.isDecided) this.yes.disabled = this.no.disabled = false;
            }, armAfter);
        this.#tick();
        // Once it is on the page.
        requestAnimationFrame(() => everySecond(this.left, () => this.#tick()));
    }

    #head(title, inStory) {
        const one = this.approval;
        const what = one.service || one.payee;
        return [
            h(
                'div',
                { class: 'approval-top' },
                h(
                    'h3',
                    { id: title, class: 'approval-title', tabindex: '-1' },
                    h('span', { class: 'approval-amount' }, amount(one.amount)),
                    h(
                        'span',
                        { class: 'approval-who' },
                        h('strong', null, one.agent),
                        ' wants to spend this on ',
                        h('strong', null, what),
                    ),
                ),
                h(
                    'div',
                    { class: 'approval-time', title: absolute(one.until) },
                    this.left,
                    h('span', { class: 'approval-track', 'aria-hidden': 'true' }, this.rest),
                ),
            ),
            one.purpose &&
                h(
                    'div',
                    { class: 'approval-purpose' },
                    h('p', { class: 'small-label' }, 'What the agent says it is for'),
                    h('blockquote', null, one.purpose),
                ),
            h(
                'div',
                null,
                h('p', { class: 'small-label' }, 'Why you are asked'),
                causeList(one.causes),
            ),
            facts([
                ['Payee', copyable(one.payee, { what: 'the address of the payee' })],
                ['Task', one.taskId],
                ['Workflow', one.workflowId],
                ['Client', one.client],
                ['Asked', h('span', null, ago(one.askedAt), one.inChat && ', also in the chat')],
                ['Payment', !inStory && h('a', { href: `#/holds/${one.txId}` }, 'The whole story')],
            ]),
        ];
    }

    #tick() {
        if (this.isDecided) return;
        const left = Date.parse(this.approval.until) - now();
        const whole = Date.parse(this.approval.until) - Date.parse(this.approval.askedAt);
        setText(this.left, left > 0 ? `${countdown(left)} left` : 'Time is up');
        // The purse says what came of it.
        if (left <= 0) tell('changed');
        this.el.classList.toggle('is-urgent', left < 60_000);
        setStyle(this.rest, 'width', `${Math.max(0, Math.min(100, (100 * left) / whole))}%`);
    }

    async #decide(what) {
        if (this.isDecided) return;
        this.yes.disabled = this.no.disabled = true;
        fill(this.trouble);
        try {
            const { approval } = await api[what](this.approval.txId, this.note.value.trim());
            this.finish(approval, { byMe: true });
        } catch (failure) {
            const decided = failure.answer?.approval;
            if (decided && decided.state !== 'waiting') {
                this.finish(decided, { words: failure.message });
            } else {
                fill(this.trouble, failureNote(failure));
                this.yes.disabled = this.no.disabled = false;
            }
        }
        tell('changed');
    }

    /** Shows how it ended, in place of the buttons. */
    finish(approval, { byMe = false, words } = {}) {
        if (this.isDecided) return;
        this.isDecided = true;
        const hadFocus = this.el.contains(document.activeElement) || byMe;
        this.approval = approval;
        const state = approvalStates[approval.state] ?? { word: approval.state, tone: 'calm' };
        const sentence = words ?? outcomeOf(approval);
        const outcome = h(
            'p',
            { class: 'approval-outcome', tabindex: '-1' },
            badge(state),
            ' ',
            sentence,
        );
        this.foot.replaceWith(outcome);
        fill(this.trouble);
        setText(this.left, '');
        this.rest.parentElement.remove();
        this.el.classList.add('is-decided');
        if (hadFocus) outcome.focus({ preventScroll: true });
        else announce(sentence);
        if (byMe) announce(sentence);
    }
}

function outcomeOf(approval) {
    const what = `${money(approval.amount)} USDC for ${approval.agent}`;
    switch (approval.state) {
        case 'granted':
            return `${what}: approved. The agent may go on.`;
        case 'denied':
            return `${what}: denied. The agent is told so.`;
        case 'timed_out':
            return `${what}: nobody answered in time, so it was not allowed.`;
        case 'withdrawn':
            return `${what}: the agent does not ask any more.`;
        case 'cancelled':
            return `${what}: the question was put away in the chat, so it was not allowed.`;
        case 'disconnected':
            return `${what}: the client left before anybody answered, so it was not allowed.`;
        default:
            return what;
    }
}

/** A card of the story's own page. */
export function approvalCard(approval) {
    return new Card(approval, { inStory: true });
}

/**
 * The waiting approvals, kept right. New ones come last, and decided ones stay in place for a
 * while, so that nothing moves under a pointer. Gives { el, close }; `onempty(isEmpty)`.
 */
export function waitingList({ onchange = () => {} } = {}) {
    const el = h('div', { class: 'approvals' });
    const cards = new Map();
    const timers = new Set();
    let closed = false;

    const remove = (txId, card) => {
        if (closed) return;
        // Not while somebody points at the list or works in it.
        if (el.matches(':hover') || card.el.contains(document.activeElement)) {
            later(() => remove(txId, card), 2000);
            return;
        }
        card.el.remove();
        cards.delete(txId);
        onchange(cards.size);
    };
    const later = (action, ms) => {
        const timer = setTimeout(() => {
            timers.delete(timer);
            action();
        }, ms);
        timers.add(timer);
    };
    const end = async (txId, card) => {
        if (!card.isDecided) {
            const story = await api.hold(txId).catch(() => null);
            const approval = story?.approval;
            if (approval && approval.state !== 'waiting') card.finish(approval);
            else
                card.finish(
                    { ...card.approval, state: 'timed_out' },
                    {
                        words: 'This does not wait any more.',
                    },
                );
        }
        later(() => remove(txId, card), outcomeTime);
    };
    const update = () => {
        const waiting = new Set(known.approvals.map(one => one.txId));
        for (const one of known.approvals) {
            if (cards.has(one.txId)) continue;
            const card = new Card(one, { hasMoved: el.isConnected });
            cards.set(one.txId, card);
            el.append(card.el);
        }
        for (const [txId, card] of cards) {
            if (waiting.has(txId) || card.isEnding) continue;
            card.isEnding = true;
            end(txId, card);
        }
        onchange(cards.size);
    };
    const off = on('approvals', update);
    update();
    return {
        el,
        close() {
            closed = true;
            off();
            for (const timer of timers) clearTimeout(timer);
        },
    };
}

function decidedTable(approvals) {
    return table(
        'Approvals that are decided',
        [
            { name: 'When' },
            { name: 'Decision' },
            { name: 'Amount', class: 'num' },
            { name: 'Agent' },
            { name: 'For' },
            { name: 'Decided by' },
            { name: 'Note' },
            { name: 'Story', hidden: true },
        ],
        approvals.map(one => [
            ago(one.decidedAt ?? one.until),
            badge(approvalStates[one.state] ?? { word: one.state, tone: 'calm', icon: 'dot' }),
            amount(one.amount),
            one.agent,
            h(
                'span',
                { class: 'two-lines' },
                h('span', null, one.service || one.payee),
                one.purpose && h('span', { class: 'soft' }, one.purpose),
            ),
            one.by
                ? `${one.by}${channels[one.channel] ? `, ${channels[one.channel]}` : ''}`
                : '\u2013',
            one.note || '\u2013',
            h(
                'a',
                {
                    href: `#/holds/${one.txId}`,
                    'aria-label': `Story of ${one.amount} USDC for ${one.agent}`,
                },
                'Story',
            ),
        ]),
    );
}

/** #/approvals */
export function approvalsView(main) {
    const nothing = empty(
        'Nothing waits for you',
        'When a payment needs a person, it appears here,' +
            ' and on the overview, with the time that is left to answer.',
    );
    const waiting = waitingList({ onchange: size => (nothing.hidden = size > 0) });
    const decided = h('div');
    const read = async () => {
        try {
            const { approvals } = await api.approvals('decided');
            fill(
                decided,
                approvals.length > 0
                    ? decidedTable(approvals)
                    : empty('Nothing was decided yet', ''),
            );
        } catch (failure) {
            fill(decided, failureNote(failure, read));
        }
    };
    fill(
        main,
        viewHead('Approvals', 'Payments that an agent may make only if a person says yes.'),
        section('Waiting', {}, nothing, waiting.el),
        section('Decided', {}, decided),
    );
    nothing.hidden = waiting.el.childElementCount > 0;
    read();
    const offs = [on('approvals', read), on('reload', read)];
    return {
        close() {
            waiting.close();
            for (const off of offs) off();
        },
    };
}
