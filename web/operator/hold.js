// SPDX-License-Identifier: Apache-2.0
// The whole story of one payment, from the agent's request to the transaction that paid it.
import { api } from './api.js';
import { approvalCard, causeList } from './approvals.js';
import { fill, h } from './dom.js';
import { rawEntry, rulesOf } from './entry.js';
import { icon } from './icons.js';
import { count, gwei, money } from './money.js';
import { on, Pace } from './store.js';
import { ago, stamp } from './time.js';
import {
    amount,
    badge,
    copyable,
    empty,
    facts,
    failureNote,
    rich,
    section,
    viewHead,
} from './ui.js';
import {
    approvalStates,
    channels,
    decisionOf,
    eventTitle,
    heldReasons,
    holdStates,
    stages,
} from './words.js';

function step({ drawing, tone, title, when, text, more, isAhead = false }) {
    return h(
        'li',
        { class: `step tone-${tone}${isAhead ? ' is-ahead' : ''}` },
        h('span', { class: 'step-mark' }, icon(drawing)),
        h(
            'div',
            { class: 'step-body' },
            h(
                'div',
                { class: 'step-head' },
                h('h3', null, title),
                when && h('span', { class: 'soft' }, stamp(when)),
            ),
            text && h('p', null, text),
            more,
        ),
    );
}

function entryStep(entry, approval) {
    const { icon: drawing, tone } = decisionOf(entry);
    const rules = rulesOf(entry);
    return step({
        drawing,
        tone,
        title: eventTitle(entry),
        when: entry.at,
        text: entry.text,
        more: [
            entry.kind === 'awaiting_approval' && approval && causeList(approval.causes),
            rules &&
                h(
                    'details',
                    { open: entry.kind !== 'hold' || matchMedia('(min-width: 861px)').matches },
                    h('summary', null, 'Rules that were looked at'),
                    rules,
                ),
            rawEntry(entry),
        ],
    });
}

/** What comes after the entries: where the money is, or what is still to come. */
function outcomeStep({ hold, settlement }) {
    if (settlement) return settlementStep(settlement);
    switch (hold.state) {
        case 'awaiting_approval':
            return step({
                drawing: 'question',
                tone: 'warn',
                title: 'Next: a person says yes or no',
                isAhead: true,
            });
        case 'open':
            return step({
                drawing: 'expired',
                tone: 'accent',
                isAhead: true,
                title: 'Next: the agent settles what it really cost',
                text: h(
                    'span',
                    null,
                    'If it does not, the money goes back ',
                    ago(hold.expiresAt),
                    '.',
                ),
            });
        default:
            return null;
    }
}

function settlementStep(settlement) {
    const stage = stages[settlement.stage] ?? {
        word: settlement.stage,
        tone: 'calm',
        icon: 'dot',
        text: '',
    };
    const [why, what] = heldReasons[settlement.reason] ?? [settlement.reason, ''];
    return step({
        drawing: stage.icon,
        tone: stage.tone,
        title: `The payment: ${stage.word.toLowerCase()}`,
        isAhead: ['queued', 'submitted', 'held', 'in_doubt'].includes(settlement.stage),
        text: stage.text,
        more: [
            settlement.stage === 'held' &&
                h('p', null, h('strong', null, rich(why)), ' ', rich(what)),
            facts([
                [
                    'Transaction',
                    settlement.tx &&
                        copyable(settlement.tx, {
                            what: 'the transaction hash',
                            shown: settlement.tx,
                        }),
                ],
                ['Block', settlement.block && count(settlement.block)],
                [
                    'Payout',
                    settlement.payout && h('a', { href: '#/payouts' }, `No. ${settlement.payout}`),
                ],
                ['Gas used', settlement.gasUsed && count(settlement.gasUsed)],
                ['Cost of gas', settlement.costWei && `${gwei(settlement.costWei)} gwei`],
            ]),
        ],
    });
}

function approvalWords(approval) {
    if (!approval || approval.state === 'waiting') return null;
    const state = approvalStates[approval.state];
    const by = approval.by ? ` by ${approval.by}` : '';
    const where = channels[approval.channel] ? ` ${channels[approval.channel]}` : '';
    return h(
        'span',
        null,
        `${state?.word ?? approval.state}${by}${where}`,
        approval.decidedAt && [', ', ago(approval.decidedAt)],
        approval.note && ` \u2013 \u201c${approval.note}\u201d`,
    );
}

function summary({ hold, approval }) {
    return h(
        'div',
        { class: 'card story-card' },
        h(
            'div',
            { class: 'story-top' },
            h('span', { class: 'story-amount' }, amount(hold.captured ?? hold.amount)),
            badge(holdStates[hold.state] ?? { word: hold.state, tone: 'calm', icon: 'dot' }),
            hold.late && badge({ word: 'Settled late', icon: 'expired', tone: 'warn' }),
        ),
        hold.captured &&
            hold.captured !== hold.amount &&
            h('p', { class: 'soft' }, `${money(hold.amount)} USDC were held.`),
        hold.purpose && h('blockquote', null, hold.purpose),
        facts([
            [
                'Agent',
                h('a', { href: `#/journal?agent=${encodeURIComponent(hold.agent)}` }, hold.agent),
            ],
            ['Service', hold.service],
            ['Payee', hold.payee && copyable(hold.payee, { what: 'the address of the payee' })],
            [
                'Task',
                hold.taskId &&
                    h(
                        'a',
                        {
                            href: `#/journal?task=${encodeURIComponent(hold.taskId)}`,
                        },
                        hold.taskId,
                    ),
            ],
            ['Workflow', hold.workflowId],
            ['Client', hold.client],
            ['Credential', hold.credential],
            ['Most it may cost', hold.maxCapture && amount(hold.maxCapture)],
            ['Taken', hold.takenAt && ago(hold.takenAt)],
            ['Runs out', hold.state === 'open' && hold.expiresAt && ago(hold.expiresAt)],
            ['Ended', hold.endedAt && ago(hold.endedAt)],
            ['Approval', approvalWords(approval)],
            ['Id', copyable(hold.txId, { what: 'the id of the payment', shown: hold.txId })],
        ]),
    );
}

/** #/holds/TXID */
export function holdView(main, { rest: [txId = ''] }) {
    let card = null;
    let closed = false;
    const head = viewHead('A payment');
    const back = h('a', { class: 'back', href: '#/journal' }, icon('back'), 'Journal');
    const body = h('div', null, empty('Reading\u2026', ''));
    fill(main, back, head, body);

    const asked = h('div');
    const story = h('div');
    const show = found => {
        const { hold, approval } = found;
        if (approval?.state === 'waiting' && !card) {
            card = approvalCard(approval);
            fill(asked, section('Waiting for you', { class: 'section asked' }, card.el));
        } else if (card && approval && approval.state !== 'waiting') {
            card.finish(approval);
        }
        head.querySelector('h1').textContent =
            `${money(hold.captured ?? hold.amount)} USDC, ` +
            `${hold.agent}${hold.service ? ` for ${hold.service}` : ''}`;
        const parts = () => [...story.querySelectorAll('details')];
        const stops = () => [...story.querySelectorAll('a, button, summary, pre')];
        const open = parts().map(one => one.open);
        const focus = stops().indexOf(document.activeElement);
        fill(
            story,
            summary(found),
            section(
                'What happened',
                {},
                h(
                    'ol',
                    { class: 'timeline', role: 'list' },
                    found.entries.map(entry => entryStep(entry, found.approval)),
                    outcomeStep(found),
                ),
            ),
        );
        // Entries are only added at the end, so what was open and where one was stay the same.
        open.forEach((isOpen, i) => (parts()[i].open = isOpen));
        if (!body.contains(story)) fill(body, asked, story);
        if (focus >= 0) stops()[focus]?.focus({ preventScroll: true });
    };
    let last = '';
    const read = async () => {
        try {
            const found = await api.hold(txId);
            const text = JSON.stringify(found);
            if (closed || text === last) return;
            last = text;
            show(found);
        } catch (failure) {
            if (closed) return;
            fill(
                body,
                failure.status === 404
                    ? empty(
                          'There is no such payment',
                          'The address may be cut off, or it belongs to' + ' another purse.',
                      )
                    : failureNote(failure, read),
            );
        }
    };
    const pace = new Pace(read, 1000);
    read();
    const offs = [
        on('entries', list => {
            if (list.some(entry => entry.txId === txId || entry.decision === 'payout')) pace.ask();
        }),
        on('approvals', () => card && pace.ask()),
        on('reload', () => pace.ask()),
    ];
    return {
        close() {
            closed = true;
            pace.stop();
            for (const off of offs) off();
        },
    };
}
