// SPDX-License-Identifier: Apache-2.0
// The judge of the torture itself: agreement passes, and each way to disagree is named.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allFinal, violations } from './support/invariant.mjs';
import { payoutNonce } from './support/token.mjs';

const [alice, bob] = ['a', 'b'].map(digit => `0x${digit.repeat(40)}`);
const name = { ledger: `0x${'12'.repeat(32)}`, chainId: 84532, token: '0x036CbD53842c5426634e7929541eC2318f3dCF7e', treasury: `0x${'c'.repeat(40)}` };

/** Alice was paid in two payouts, Bob in one after one that expired; all agree. */
function agreement() {
    const nonce = (payee, k) => payoutNonce({ ...name, payee, k });
    const payout = (id, payee, k, value, state) => ({ id, payee, k, value, state, nonce: nonce(payee, k) });
    const list = [[alice, 70_000n], [alice, 1n], [bob, 500_000n]].map(([payee, value]) => ({ payee, value }));
    return {
        name, funded: 1_000_000n, left: 429_999n,
        bought: new Map([[alice, 70_001n], [bob, 500_000n]]),
        transfers: { list, sums: new Map([[alice, 70_001n], [bob, 500_000n]]) },
        used: [nonce(alice, 0), nonce(alice, 1), nonce(bob, 1)],
        books: {
            payouts: [payout(1, alice, 0, '0.07', 'final'), payout(2, alice, 1, '0.000001', 'final'), payout(3, bob, 0, '0.5', 'expired'), payout(4, bob, 1, '0.5', 'final')],
            payees: [{ payee: alice, owed: '0', paid: '0.070001', final: '0.070001' }, { payee: bob, owed: '0.00', paid: '0.50', final: '0.5' }],
        },
    };
}

test('agreement has no violations', () => {
    assert.deepEqual(violations(agreement()), []);
    assert.ok(allFinal(agreement().books));
});

const disagreements = {
    'paid twice': [facts => facts.transfers.sums.set(alice, 140_001n), /too much/],
    'lost, but called final': [facts => facts.transfers.sums.set(bob, 0n), /too little/],
    'one micro-USDC too few in the books': [facts => (facts.books.payees[0].paid = '0.07'), /has paid 0\.07 in the books/],
    'a payee who is not in the books': [facts => facts.books.payees.pop(), /not in the books/],
    'a transfer to a stranger': [facts => facts.transfers.sums.set(`0x${'d'.repeat(40)}`, 5n), /but 0 was bought/],
    'still owed': [facts => (facts.books.payees[1].owed = '0.000001'), /still owed/],
    'money that went elsewhere': [facts => (facts.left -= 1n), /the treasury has/],
    'a nonce used twice': [facts => facts.used.push(facts.used[0]), /only 3 nonces/],
    'a payment that the ledger does not know': [facts => facts.used.push(`0x${'ee'.repeat(32)}`), /does not know/],
    'final, but never used': [facts => facts.used.pop(), /is final, but .* never used/],
    'expired, but used': [facts => facts.used.push(facts.books.payouts[2].nonce), /is expired, but .* was used/],
    'cancelled, but not on the chain': [facts => (facts.books.payouts[2].state = 'canceled'), /no cancellation/],
    'still under way': [facts => (facts.books.payouts[3].state = 'sent'), /is sent/],
    'a nonce that is not of its payee and number': [facts => (facts.books.payouts[1].k = 2), /nonce of another/],
    'a number left out': [facts => facts.books.payouts.splice(2, 1), /not numbered/],
};
for (const [what, [spoil, words]] of Object.entries(disagreements)) {
    test(`${what}: said`, () => {
        const facts = agreement();
        spoil(facts);
        assert.match(violations(facts).join('\n'), words);
    });
}

test('not over while something is owed or under way', () => {
    for (const spoil of [books => (books.payees[0].owed = '0.1'), books => (books.payouts[0].state = 'included')]) {
        const { books } = agreement();
        spoil(books);
        assert.ok(!allFinal(books));
    }
});
