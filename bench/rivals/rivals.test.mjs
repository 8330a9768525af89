// SPDX-License-Identifier: Apache-2.0
// What the rivals bench counts and shows: bench/rivals/run --test
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { disagreement, dollars, judge, micro } from './count.mjs';
import { Door } from './door.mjs';
import { floorOf, pairsOf, speedTable } from './figures.mjs';
import { cell, range, tortureTable } from './table.mjs';

const dollar = 1_000_000n;
const names = count => Array.from({ length: count }, (_, i) => `item-${i + 1}`);
const paid = items => items.map(item => ({ item, amount: 15n * dollar }));
/** Twenty items of $15 are wanted under a cap of $150, and all is well. */
const facts = more => ({
    cap: 150n * dollar, price: 15n * dollar, wanted: names(20), payments: paid(names(10)), acknowledged: names(10), known: 10, ...more,
});
const figures = ({ over, doubled, lost, missed }) => [over, doubled, lost, missed];

test('a subject that pays up to its cap and no further holds', () => {
    assert.deepEqual(figures(judge(facts())), [0n, 0, 0, 0]);
    assert.equal(judge(facts()).paid, 150n * dollar);
});

test('each payment above the cap is counted, to the micro-dollar', () => {
    assert.deepEqual(figures(judge(facts({ payments: paid(names(20)), acknowledged: names(20), known: 20 }))), [150n * dollar, 0, 0, 0]);
    const oneMore = [...paid(names(10)), { item: 'item-11', amount: 1n }];
    assert.equal(judge(facts({ payments: oneMore, known: 11 })).over, 1n);
});

test('two payments for one item are one doubled, and the item that they took the room of is missed', () => {
    const payments = [...paid(names(9)), ...paid(['item-1'])];
    assert.deepEqual(figures(judge(facts({ payments, acknowledged: names(9) }))), [0n, 1, 0, 1]);
    assert.equal(judge(facts({ payments: [...payments, ...paid(['item-1'])], known: 11 })).doubled, 2);
});

test('what the books do not have is lost, and so is what was called paid and is not', () => {
    assert.equal(judge(facts({ known: 4 })).lost, 6);
    assert.equal(judge(facts({ acknowledged: [...names(10), 'item-11'] })).lost, 1);
    assert.equal(judge(facts({ known: 12 })).lost, 0, 'books that know too much lose nothing');
    assert.equal(judge(facts({ known: null })).lost, null, 'who keeps no books');
});

test('a refusal is false only while there is room', () => {
    assert.equal(judge(facts({ payments: paid(names(8)), acknowledged: names(8), known: 8 })).missed, 2);
    assert.equal(judge(facts({ wanted: names(5), payments: paid(names(5)), acknowledged: names(5), known: 5 })).missed, 0, 'no more was wanted');
});

test('a payment that nobody asked for is no result', () => {
    assert.throws(() => judge(facts({ payments: paid(['item-99']) })), /item-99/);
});

test('answers and journal are compared both ways', () => {
    const one = { txId: 'tx_1', item: 'item-1' };
    const two = { txId: 'tx_2', item: 'item-2' };
    assert.equal(disagreement([one, two], [two, one]), null);
    assert.match(disagreement([one, two], [one]), /only in answers: item-2 \(tx_2\); only in the journal: none/);
    assert.match(disagreement([one], [one, two]), /only in answers: none; only in the journal: item-2/);
});

test('money is read and written exactly', () => {
    assert.deepEqual(['15', '0.08', '0.000001'].map(micro), [15n * dollar, 80_000n, 1n]);
    assert.deepEqual([150n * dollar, 80_000n, 0n, 1n].map(dollars), ['$150', '$0.08', '$0', '$0.000001']);
    for (const wrong of ['', '1e3', '0.0000001', '-1', undefined]) assert.throws(() => micro(wrong), /no amount/);
});

test('rounds that differ are a range, and what does not hold is bold', () => {
    const good = { over: 0n, doubled: 0, lost: 0, missed: 0 };
    assert.equal(range([9, 10, 9]), '9..10');
    assert.equal(cell([good, good]), '$0 / 0 / 0 / 0');
    assert.equal(cell([good, { ...good, over: 15n * dollar }]), '**$0..$15 / 0 / 0 / 0**');
    assert.equal(cell([{ ...good, lost: null }]), '$0 / 0 / - / 0');
    for (const name of ['doubled', 'lost', 'missed']) assert.match(cell([{ ...good, [name]: 1 }]), /^\*\*.*1.*\*\*$/);
});

test('the table has a row a subject, says why one was not run, and invents nothing', () => {
    const columns = [{ name: 'a', title: 'A' }, { name: 'b', title: 'B' }];
    const good = [{ over: 0n, doubled: 0, lost: 0, missed: 0 }];
    const table = tortureTable(columns, [{ title: 'one', results: new Map([['a', good], ['b', 'not run: no | here']]) }]);
    assert.deepEqual(table.split('\n').map(line => line.replace(/ +/g, ' ')), [
        '| | A | B |', table.split('\n')[1], '| one | $0 / 0 / 0 / 0 | not run: no \\| here |',
    ]);
    assert.match(table.split('\n')[1], /^\|(-+\|)+$/);
    assert.throws(() => tortureTable(columns, [{ title: 'one', results: new Map([['a', good]]) }]), /no result of b/);
});

const report = `Medians

pairs (preauthorize, then settle)  in flight  per second    ratio  p50 ms  p99 ms  CPU us each
reference                                  1       1,489    1.00x   0.609   2.514        517.1
purse                                     64      26,971   11.79x   2.224   5.045         34.8

floor: SQLite alone, WAL, FULL  per second  p50 ms  p99 ms
1 a commit                           8,948   0.106   0.192
`;

test('figures are read from the reports of the drivers, or there is an error', () => {
    assert.deepEqual(pairsOf(report), [
        { name: 'reference', depth: 1, rate: 1489, p50: 0.609, p99: 2.514 }, { name: 'purse', depth: 64, rate: 26971, p50: 2.224, p99: 5.045 },
    ]);
    assert.equal(floorOf(report), 0.106);
    assert.throws(() => pairsOf('nothing'), /no table of pairs/);
    assert.throws(() => pairsOf(report.replace('1,489', '0')), /no figures/);
    assert.throws(() => floorOf('nothing'), /no floor/);
});

test('ratios are taken within a round', () => {
    const round = (purse, rival) => [
        { name: 'Purse, stdio', depth: 1, rate: purse, p50: 1, p99: 2 }, { name: 'Purse, HTTP', depth: 1, rate: purse / 2, p50: 1, p99: 2 },
        { name: 'rival', depth: 1, rate: rival, p50: 1, p99: 2 },
    ];
    const line = speedTable([round(1000, 500), round(4000, 1000), round(3000, 1000)], [1]).split('\n').find(one => one.includes('rival'));
    assert.deepEqual(line.split('|').map(text => text.trim()).slice(1, -1), ['rival', '1', '1,000 (500..1,000)', '1.00', '2.00', '3.0x (2.0x..4.0x)', '1.5x (1.0x..2.0x)']);
});

/** A server that counts what it has done, behind a door. */
async function behind(t, loses) {
    let done = 0;
    const server = createServer((_, answer) => answer.end(`done ${++done}`));
    await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const door = await Door.open(`http://127.0.0.1:${server.address().port}`, loses);
    t.after(() => door.close());
    return { door, done: () => done };
}

test('a lost reply is lost after the work was done', async t => {
    const { door, done } = await behind(t, request => request.url === '/first');
    assert.equal((await fetch(`${door.url}/first`)).status, 504);
    assert.equal(await (await fetch(`${door.url}/second`)).text(), 'done 2');
    assert.deepEqual([done(), door.lost], [2, 1]);
    await door.idle();
});

test('replies that go out together wait for the last of them', async t => {
    const { door, done } = await behind(t);
    door.together(2);
    let isFirstHere = false;
    const first = fetch(`${door.url}/1`).then(() => (isFirstHere = true));
    while (done() < 1) await new Promise(resolve => setTimeout(resolve, 5));
    assert.equal(isFirstHere, false);
    await Promise.all([first, fetch(`${door.url}/2`)]);
    assert.equal((await fetch(`${door.url}/3`)).status, 200, 'later ones wait for nobody');
});
