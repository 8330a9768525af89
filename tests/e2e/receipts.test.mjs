// SPDX-License-Identifier: Apache-2.0
// Receipts as agents get them, checked by a program that has no ledger.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { outputCheck } from './support/answers.mjs';
import { binary, freshPurse } from './support/purse.mjs';
import { allSetups, open } from './support/setups.mjs';

const limit = { timeout: 60_000 };
const image = { service: 'images', estimatedCost: '0.08' };

/** `purse journal verify` of a receipt, in a folder with nothing else: { code, stdout }. */
function verify(t, text, ...words) {
    const folder = mkdtempSync(join(tmpdir(), 'purse-receipt-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'receipt.jsonl');
    writeFileSync(file, text);
    return new Promise(resolve => execFile(binary, ['journal', 'verify', file, ...words], { cwd: folder, env: { HOME: folder } },
        (error, stdout) => resolve({ code: error?.code ?? 0, stdout })));
}

/** The journal entry in a receipt. */
function entryOf(receipt) {
    const line = receipt.proof.split('\n').find(one => one.startsWith('{"body":'));
    return JSON.parse(line).body;
}

for (const setup of allSetups) {
    test(`${setup.name}: a hold, a settle, a void and both kinds of refusal prove themselves`, limit, async t => {
        const purse = freshPurse(t);
        const session = await open(t, setup, purse.env(await purse.issue('buyer')));
        const tools = await session.listTools();
        const key = /key ([0-9a-f]{64})/.exec((await purse.command('journal', 'verify')).stdout)[1];
        const call = async (name, args) => {
            const answer = (await session.call(name, { ...args, receipt: true })).structuredContent;
            outputCheck(tools, name)(answer);
            const { code, stdout } = await verify(t, answer.receipt.proof, '--key', key);
            assert.equal(code, 0, stdout);
            const entry = entryOf(answer.receipt);
            assert.equal(entry.seq, answer.receipt.entry);
            return { answer, entry };
        };

        const held = await call('pay_preauthorize', { ...image, idempotencyKey: 'one' });
        assert.deepEqual([held.entry.kind, held.entry.txId, held.entry.amount], ['hold', held.answer.txId, '0.08']);
        const refused = await call('pay_preauthorize', { ...image, estimatedCost: '400' });
        assert.deepEqual([refused.answer.ok, refused.entry.kind], [false, 'refused']);
        const over = await call('pay_settle', { txId: held.answer.txId, actualCost: '300' });
        assert.deepEqual([over.answer.ok, over.entry.kind], [false, 'settle_refused']);
        const settled = await call('pay_settle', { txId: held.answer.txId, actualCost: '0.07' });
        assert.deepEqual([settled.entry.kind, settled.entry.actual], ['settled', '0.07']);
        const other = await call('pay_preauthorize', image);
        const voided = await call('pay_settle', { txId: other.answer.txId, outcome: 'void' });
        assert.equal(voided.entry.kind, 'voided');

        // A lost answer: the same request has the same receipt.
        const again = await call('pay_settle', { txId: held.answer.txId, actualCost: '0.07' });
        assert.equal(again.answer.replayed, true);
        assert.equal(again.answer.receipt.proof, settled.answer.receipt.proof);
        assert.equal((await call('pay_preauthorize', { ...image, idempotencyKey: 'one' })).answer.receipt.proof, held.answer.receipt.proof);

        // A forged amount, and another ledger's key.
        const forged = settled.answer.receipt.proof.replace('"actual":"0.07"', '"actual":"0.08"');
        assert.notEqual(forged, settled.answer.receipt.proof);
        assert.equal((await verify(t, forged)).code, 1);
        assert.equal((await verify(t, settled.answer.receipt.proof, '--key', key.replace(/./, digit => (digit === '0' ? '1' : '0')))).code, 1);
    });
}

test('not asked for, none is given; later, where to get one; in no journal, none', limit, async t => {
    const purse = freshPurse(t);
    const session = await open(t, allSetups[0], purse.env(await purse.issue('buyer')));
    const call = async (name, args) => (await session.call(name, args)).structuredContent;
    const plain = await call('pay_preauthorize', { ...image, idempotencyKey: 'plain' });
    assert.equal(plain.receipt, undefined);
    await call('pay_preauthorize', image);
    const late = await call('pay_preauthorize', { ...image, idempotencyKey: 'plain', receipt: true });
    assert.match(late.receipt.unavailable, /purse journal prove/);
    assert.equal(late.receipt.proof, undefined);
    assert.equal((await call('pay_preauthorize', { estimatedCost: '1', receipt: true })).receipt, undefined);
});
