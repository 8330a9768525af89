// SPDX-License-Identifier: Apache-2.0
// What must be true when all is healed: the chain, the clients and the books say the same, to
// the micro-USDC.
import { micro, usdc } from './purse.mjs';
import { payoutNonce } from './token.mjs';

const isOver = state => state === 'final' || state === 'expired' || /^cancell?ed$/.test(state);
const lower = text => String(text).toLowerCase();
const hash = text => (lower(text).startsWith('0x') ? lower(text) : `0x${lower(text)}`);

/** `owed` may be what is still owed, or all that ever was: then all of it must be final. */
const isPaidUp = ({ owed, final }) => micro(owed) === 0n || micro(owed) === micro(final);

/** Whether nothing is under way any more, by `payout list`. */
export function allFinal({ payouts, payees }) {
    return payouts.every(one => isOver(one.state)) && payees.every(isPaidUp);
}

/**
 * The violations, a sentence each. `facts`:
 *   bought     Map payee -> micro-USDC of the clients' purchases, each counted once
 *   transfers  { sums: Map payee -> micro-USDC, list } of the treasury on the chain
 *   used       the nonces of AuthorizationUsed of the treasury
 *   canceled   likewise of AuthorizationCanceled
 *   books      { payouts, payees } of `payout list --json`
 *   funded, left   micro-USDC that the treasury got, and has
 *   name       { ledger, chainId, token, treasury } of every payout
 */
export function violations(facts) {
    return [...ofSums(facts), ...ofNonces(facts), ...ofPayouts(facts)];
}

function ofSums({ bought, transfers, books, funded, left }) {
    const wrong = [];
    const byPayee = new Map(books.payees.map(one => [lower(one.payee), one]));
    const all = new Set([...bought.keys(), ...transfers.sums.keys(), ...byPayee.keys()].map(lower));
    for (const payee of all) {
        const due = bought.get(payee) ?? 0n;
        const got = transfers.sums.get(payee) ?? 0n;
        const book = byPayee.get(payee);
        if (got !== due) wrong.push(`${payee} was paid ${usdc(got)} by ${transfers.list.filter(one => one.payee === payee).length} transfers, but ${usdc(due)} was bought: ${got > due ? 'too much' : 'too little'}`);
        if (!book) {
            if (due > 0n) wrong.push(`${payee} is not in the books, but ${usdc(due)} was bought`);
            continue;
        }
        for (const field of ['paid', 'final']) if (micro(book[field]) !== due) wrong.push(`${payee} has ${field} ${book[field]} in the books, but ${usdc(due)} was bought`);
        if (!isPaidUp(book)) wrong.push(`${payee} is still owed ${book.owed}, ${book.final} is final`);
    }
    const out = [...transfers.sums.values()].reduce((sum, value) => sum + value, 0n);
    if (funded - out !== left) wrong.push(`the treasury has ${usdc(left)}, but ${usdc(funded)} came and ${usdc(out)} went`);
    return wrong;
}

function ofNonces({ used, canceled = [], transfers, books }) {
    const wrong = [];
    const known = new Map(books.payouts.map(one => [hash(one.nonce), one]));
    if (known.size !== books.payouts.length) wrong.push(`${books.payouts.length} payouts have ${known.size} nonces`);
    const seen = new Set(used.map(hash));
    if (seen.size !== used.length) wrong.push(`${used.length} authorizations were used, but only ${seen.size} nonces`);
    if (used.length !== transfers.list.length) wrong.push(`${used.length} authorizations were used, but there are ${transfers.list.length} transfers`);
    for (const nonce of seen) if (!known.has(nonce)) wrong.push(`the ledger does not know the used authorization ${nonce}`);
    const dead = new Set(canceled.map(hash));
    for (const [nonce, { id, state }] of known) {
        if (state === 'final' && !seen.has(nonce)) wrong.push(`payout ${id} is final, but its authorization ${nonce} was never used`);
        if (state !== 'final' && seen.has(nonce)) wrong.push(`payout ${id} is ${state}, but its authorization ${nonce} was used`);
        if (/^cancel/.test(state) && !dead.has(nonce)) wrong.push(`payout ${id} is ${state}, but the chain knows no cancellation of ${nonce}`);
    }
    return wrong;
}

/** Each payee's payouts are numbered without gaps, and named by what they are. */
function ofPayouts({ books, name }) {
    const wrong = [];
    const numbers = new Map();
    for (const { id, payee, k, nonce, state, reason } of books.payouts) {
        if (!isOver(state)) wrong.push(`payout ${id} to ${payee} is ${state}${reason ? `: ${reason}` : ''}`);
        if (hash(nonce) !== payoutNonce({ ...name, payee, k })) wrong.push(`payout ${id}, number ${k} of ${payee}, has the nonce of another: ${nonce}`);
        const list = numbers.get(lower(payee)) ?? numbers.set(lower(payee), []).get(lower(payee));
        list.push(Number(k));
    }
    for (const [payee, list] of numbers) {
        list.sort((a, b) => a - b);
        const gap = list.findIndex((k, i) => k !== i);
        if (gap >= 0) wrong.push(`the payouts of ${payee} are not numbered 0 to ${list.length - 1}: ${list[gap]} stands where ${gap} should`);
    }
    return wrong;
}
