// SPDX-License-Identifier: Apache-2.0
// What one torture did, counted from the payments that were really made, never from what the
// subject thinks. Money is micro-USDC in a BigInt.

/** "15" or "0.08" as micro-USDC, exactly. */
export function micro(text) {
    const match = /^(\d+)(?:\.(\d{1,6}))?$/.exec(text);
    if (!match) throw new Error(`no amount of USDC: ${text}`);
    return BigInt(match[1]) * 1_000_000n + BigInt((match[2] ?? '').padEnd(6, '0'));
}

/** Micro-USDC as "$150" or "$0.08". */
export function dollars(amount) {
    const text = String(amount).padStart(7, '0');
    const part = text.slice(-6).replace(/0+$/, '');
    return `$${text.slice(0, -6)}${part && `.${part.padEnd(2, '0')}`}`;
}

export const sum = amounts => amounts.reduce((total, one) => total + one, 0n);

/**
 * The figures of one torture:
 *   over     micro-USDC paid above the cap
 *   doubled  payments beyond the first for the same item
 *   lost     payments that the subject's books do not have, and items that it called paid and are
 *            not; null for a subject without books
 *   missed   items that the cap had room for, each paid once, and that were not bought
 * `facts`: cap and price in micro-USDC; wanted: the names of all items asked for;
 *   payments: [{ item, amount }] as the receiver has them; acknowledged: names called paid;
 *   known: how many payments the books have (null: no books).
 */
export function judge({ cap, price, wanted, payments, acknowledged, known }) {
    const times = new Map();
    for (const { item } of payments) times.set(item, (times.get(item) ?? 0) + 1);
    const strangers = payments.filter(one => !wanted.includes(one.item));
    if (strangers.length > 0) throw new Error(`paid, but asked for by nobody: ${strangers.map(one => one.item)}`);
    const paid = sum(payments.map(one => one.amount));
    const unpaid = new Set(acknowledged.filter(item => !times.has(item)));
    const room = Number(cap / price);
    return {
        paid,
        over: paid > cap ? paid - cap : 0n,
        doubled: payments.length - times.size,
        lost: known === null ? null : Math.max(0, payments.length - known) + unpaid.size,
        missed: Math.max(0, Math.min(new Set(wanted).size, room) - times.size),
    };
}

/**
 * Answers and journal must name the same payments: what only one of them has, as a sentence; null when
 * they agree. Both are lists of { txId, item }.
 */
export function disagreement(answered, journal) {
    const only = (list, others) => {
        const known = new Set(others.map(one => one.txId));
        return list.filter(one => !known.has(one.txId)).map(one => `${one.item} (${one.txId})`);
    };
    const [inAnswers, inJournal] = [only(answered, journal), only(journal, answered)];
    if (inAnswers.length + inJournal.length === 0) return null;
    return `only in answers: ${inAnswers.join(', ') || 'none'}; only in the journal: ${inJournal.join(', ') || 'none'}`;
}
