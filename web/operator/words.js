// SPDX-License-Identifier: Apache-2.0
// The words of the purse's codes, for a person. A code without words is shown as it is.

/** Decisions, in the order of the filter: word, drawing, tone. */
export const decisions = {
    hold: { word: 'Held', icon: 'hold', tone: 'accent', filter: 'Held' },
    refused: { word: 'Refused', icon: 'refused', tone: 'bad', filter: 'Refused' },
    settled: { word: 'Settled', icon: 'settled', tone: 'good', filter: 'Settled' },
    voided: { word: 'Given back', icon: 'voided', tone: 'calm', filter: 'Given back' },
    expired: { word: 'Ran out', icon: 'expired', tone: 'warn', filter: 'Ran out' },
    approval: { word: 'Approval', icon: 'approvals', tone: 'warn', filter: 'Approvals' },
    operator: { word: 'Operator', icon: 'operator', tone: 'calm', filter: 'By the operator' },
    payout: { word: 'Payout', icon: 'payouts', tone: 'good', filter: 'Payouts' },
};

/** Entries that say more than their decision does. */
const kinds = {
    awaiting_approval: { word: 'Asked', icon: 'question', tone: 'warn' },
    approval_granted: { word: 'Approved', icon: 'approvals', tone: 'good' },
    approval_denied: { word: 'Denied', icon: 'refused', tone: 'bad' },
    approval_timed_out: { word: 'No answer', icon: 'expired', tone: 'warn' },
    frozen: { word: 'Frozen', icon: 'frozen', tone: 'bad' },
    unfrozen: { word: 'Unfrozen', icon: 'play', tone: 'calm' },
    payout_held: { word: 'Payout waits', icon: 'warning', tone: 'warn' },
};

export const decisionOf = entry =>
    kinds[entry.kind] ??
    decisions[entry.decision] ?? {
        word: entry.decision ?? entry.kind ?? 'Entry',
        icon: 'dot',
        tone: 'calm',
    };

/** What one entry of a hold's story is called. */
export function eventTitle(entry) {
    const titles = {
        hold: 'Money was put aside',
        refused: 'Refused',
        settled: 'Settled',
        settled_late: 'Settled, after the hold had run out',
        settle_refused: 'Settling was refused',
        voided: 'Given back',
        expired: 'Ran out, and the money went back',
        awaiting_approval: 'A person was asked',
        approval_granted: 'Approved',
        approval_denied: 'Denied',
        approval_timed_out: 'Nobody answered in time',
    };
    return titles[entry.kind] ?? decisionOf(entry).word;
}

export const holdStates = {
    open: { word: 'Held', icon: 'hold', tone: 'accent' },
    settled: { word: 'Settled', icon: 'settled', tone: 'good' },
    voided: { word: 'Given back', icon: 'voided', tone: 'calm' },
    expired: { word: 'Ran out', icon: 'expired', tone: 'warn' },
    awaiting_approval: { word: 'Waits for approval', icon: 'question', tone: 'warn' },
    denied: { word: 'Denied', icon: 'refused', tone: 'bad' },
};

export const approvalStates = {
    waiting: { word: 'Waiting', icon: 'question', tone: 'warn' },
    granted: { word: 'Approved', icon: 'settled', tone: 'good' },
    denied: { word: 'Denied', icon: 'refused', tone: 'bad' },
    timed_out: { word: 'Nobody answered in time', icon: 'expired', tone: 'calm' },
    withdrawn: { word: 'Withdrawn', icon: 'voided', tone: 'calm' },
    cancelled: { word: 'Put away', icon: 'refused', tone: 'calm' },
    disconnected: { word: 'The client left', icon: 'refused', tone: 'calm' },
};

export const causes = {
    amount: 'A large amount',
    new_payee: 'A new payee',
    service: 'This service always asks',
    outside_hours: 'Outside hours',
    loop: 'The same again and again',
};

export const channels = { chat: 'in the chat', page: 'on this page', command: 'by command' };

/** Where the money of a settlement is. */
export const stages = {
    booked: {
        word: 'Booked',
        tone: 'good',
        icon: 'settled',
        text: 'The payee is credited in the books of this purse. Nothing is sent over a chain.',
    },
    queued: {
        word: 'Owed',
        tone: 'accent',
        icon: 'expired',
        text: 'The payee is owed; the next payout to it covers this.',
    },
    submitted: {
        word: 'On its way',
        tone: 'accent',
        icon: 'payouts',
        text: 'A transaction that pays this was sent and waits to be in a block.',
    },
    paid: {
        word: 'In a block',
        tone: 'good',
        icon: 'settled',
        text: 'The transaction is in a block. It is beyond recall when the block is final.',
    },
    final: {
        word: 'Paid for good',
        tone: 'good',
        icon: 'settled',
        text: 'The block is final: this payment is beyond recall.',
    },
    held: {
        word: 'Payout waits',
        tone: 'warn',
        icon: 'warning',
        text: 'The payout that covers this waits.',
    },
    in_doubt: {
        word: 'In doubt',
        tone: 'warn',
        icon: 'question',
        text:
            'Whether the chain has it is not known yet. The purse finds out by itself, and never' +
            ' pays twice.',
    },
};

export const payoutStates = {
    queued: { word: 'Queued', tone: 'accent', icon: 'expired', text: 'Has its number.' },
    signed: { word: 'Signed', tone: 'accent', icon: 'key', text: 'Signed and stored, not sent.' },
    sent: { word: 'Sent', tone: 'accent', icon: 'payouts', text: 'Waits to be in a block.' },
    included: { word: 'In a block', tone: 'good', icon: 'settled', text: 'Not final yet.' },
    final: { word: 'Final', tone: 'good', icon: 'settled', text: 'Paid, beyond recall.' },
    held: { word: 'Held back', tone: 'warn', icon: 'warning', text: '' },
    expired: {
        word: 'Ran out',
        tone: 'calm',
        icon: 'expired',
        text: 'Never sent in time. The debt is owed again, and a new payout pays it.',
    },
    canceled: {
        word: 'Canceled',
        tone: 'calm',
        icon: 'voided',
        text: 'Can never be paid. The debt stays, and a new payout pays it.',
    },
};

/** Why a payout waits, and what to do. */
export const heldReasons = {
    no_gas: [
        'No relayer has ether to pay for gas.',
        'Send some ether to a relayer; it goes on by itself.',
    ],
    no_funds: [
        'The treasury has too little USDC.',
        'Send USDC to the treasury; it goes on by itself.',
    ],
    token_paused: ['The issuer has paused the token.', 'Wait; it goes on by itself.'],
    blacklisted: [
        'The issuer has blocked the payee or the treasury.',
        'Run `purse wallet show` to see which of them, and talk to the payee.',
    ],
    signature_refused: [
        'The token does not take the treasury\u2019s signature.',
        'Run `purse doctor`, and read "delegated treasury" in docs/wallet.md.',
    ],
    refused: ['The token refuses the transfer.', 'Run `purse payout show` with its number.'],
    operator: ['You have held it back.', 'Run `purse payout retry` with its number.'],
    canceling: ['It is being canceled.', 'Wait until the cancellation is final.'],
};

export const credentialStates = {
    live: { word: 'Live', tone: 'good', icon: 'settled' },
    expired: { word: 'Expired', tone: 'calm', icon: 'expired' },
    revoked: { word: 'Revoked', tone: 'bad', icon: 'refused' },
};

const capNames = {
    daily: 'Per day',
    weekly: 'Per week',
    monthly: 'Per month',
    lifetime: 'In all',
    perTx: 'Per payment',
    perTask: 'Per task',
    perWorkflow: 'Per workflow',
};

/** "Per day", "In any 1h", "Payments in any 1m"; of a scope: "Per task: newsletter-41". */
export function capName(cap, scope = '') {
    const [kind, length] = String(cap).split(' ');
    let words = capNames[cap] ?? String(cap);
    if (kind === 'rolling') words = `In any ${length}`;
    if (kind === 'count') words = `Payments in any ${length}`;
    if (kind === 'loop') words = `The same payment in any ${length}`;
    return scope ? `${words}: ${scope.replace(/^(task|workflow)\//, '')}` : words;
}

/** Whether a cap counts payments, not money. */
export const countsCalls = cap => /^(count|loop) /.test(cap);

/** "agent/painter" in words. */
export function targetName(target) {
    if (target === 'all') return 'everything';
    const [kind, ...name] = String(target).split('/');
    return `${kind} ${name.join('/')}`;
}

/** A name without the kind before it. */
export const bareName = target => String(target).replace(/^(agent|budget|service)\//, '');

/** An address short enough for a line; whole names stay whole. */
export function shortAddress(text) {
    const address = String(text ?? '');
    return /^0x[0-9a-fA-F]{12,}$/.test(address)
        ? `${address.slice(0, 8)}\u2026${address.slice(-6)}`
        : address;
}

/** A snake_case code as words. */
export const codeWords = code => String(code ?? '').replaceAll('_', ' ');
