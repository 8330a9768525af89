// SPDX-License-Identifier: Apache-2.0
// A shadow policy beside the one in force: it decides nothing, and the journal tells where it differs.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { approved } from '../support/answers.mjs';
import { HttpServer } from '../support/http.mjs';
import { freshPurse } from '../support/purse.mjs';

const limit = { timeout: 60_000 };
const image = { service: 'images', estimatedCost: '0.08' };

/** The same policy, in which nobody may pay more than 0.05 at once; its path. */
function stricter(purse) {
    const file = join(purse.folder, 'stricter.jsonc');
    const text = readFileSync(purse.policyFile, 'utf8');
    writeFileSync(file, text.replace('"category": "media" }', '"category": "media", "ceiling": "0.05" }'));
    assert.notEqual(readFileSync(file, 'utf8'), text);
    return file;
}

async function shown(purse) {
    return JSON.parse((await purse.command('policy', 'shadow', '--json')).stdout);
}

/** Waits until so many differences are told, or five seconds more than that needs. */
async function until(purse, count) {
    for (let i = 0; i < 200; ++i) {
        const now = await shown(purse);
        if (now.differences >= count) return now;
        await sleep(50);
    }
    assert.fail(`never ${count} differences: ${JSON.stringify(await shown(purse))}`);
}

test('beside a live server: told once, also over kill -9, and payments go on', limit, async t => {
    const purse = freshPurse(t);
    const credential = await purse.issue('buyer');
    const server = await HttpServer.start(t, purse);
    const talk = await server.initialize(credential);
    const pay = async () => {
        const { txId } = approved(await talk.call('pay_preauthorize', image));
        approved(await talk.call('pay_settle', { txId, actualCost: '0.07' }));
    };
    await pay();
    const { stdout } = await purse.command('policy', 'shadow', stricter(purse));
    assert.match(stdout, /is tried beside the policy in force/);
    await pay();
    await pay();
    const two = await until(purse, 2);
    assert.deepEqual(two.rows, [{ change: 'newly_refused', agent: 'buyer', reason: 'price_above_ceiling', rule: 'service/images', count: 2, amount: '0.16' }]);

    await server.stop('SIGKILL');
    await server.restart();
    await pay();
    assert.equal((await until(purse, 3)).differences, 3);
    await sleep(1500);
    assert.equal((await shown(purse)).differences, 3, 'nothing is told twice');
    const words = (await purse.command('journal', 'tail', '-n', '50')).stdout;
    assert.match(words, /shadow_started/);
    assert.equal(words.match(/shadow_differs .*newly refused.*price_above_ceiling by service\/images/g).length, 3);

    await purse.command('policy', 'shadow', '--off');
    await pay();
    await assert.rejects(purse.command('policy', 'shadow'), /no policy is tried/);
    await assert.rejects(purse.command('policy', 'shadow', '--off'), /no policy is tried/);
});

test('a document with mistakes is not tried, and the one before stays', limit, async t => {
    const purse = freshPurse(t);
    await purse.issue('buyer');
    await purse.command('policy', 'shadow', stricter(purse));
    const before = await shown(purse);
    const wrong = join(purse.folder, 'wrong.json');
    writeFileSync(wrong, '{"version": 1, "agents": {"buyer": {"caps": {"daily": "many"}}}}');
    await assert.rejects(purse.command('policy', 'shadow', wrong), /daily/);
    assert.deepEqual(await shown(purse), before);
    assert.equal(before.differences, 0);
});
