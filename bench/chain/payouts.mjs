// SPDX-License-Identifier: Apache-2.0
// Figures of payouts, all in one run: see bench/chain/run. Every figure comes from the real
// binary over HTTP and from Anvil's receipts; nothing is computed that was not seen.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startBed } from '../../tests/chain/support/bed.mjs';
import { spawnBound, endOf } from '../../tests/chain/support/child.mjs';
import { Client } from '../../tests/chain/support/client.mjs';
import { newAccount } from '../../tests/chain/support/keys.mjs';
import { binary, micro, WalletPurse } from '../../tests/chain/support/purse.mjs';
import { plenty } from '../../tests/chain/support/weather.mjs';

const { values } = parseArgs({
    options: Object.fromEntries(Object.entries({ settlements: '5000', payees: '500', rounds: '3', clients: '32' })
        .map(([name, value]) => [name, { type: 'string', default: value }])),
});
const size = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
const ends = [];

/** A server on a purse; `isBook`: without its wallet. */
async function serve(purse, isBook) {
    const environment = { ...purse.env(), ...(isBook && { PURSE_STATE: `${purse.state}-book` }) };
    const child = spawnBound(binary, ['serve', '--http', '127.0.0.1:0'], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
    ends.push(async () => {
        child.kill('SIGTERM');
        await endOf(child);
    });
    return new Promise(resolve => {
        let text = '';
        child.stderr.on('data', part => {
            text += part;
            const named = /purse serves MCP at (\S+)\/mcp/.exec(text);
            if (named) resolve(named[1]);
        });
    });
}

async function world({ payees, wallet, url, bed }) {
    const folder = mkdtempSync(join(tmpdir(), 'purse-bench-chain-'));
    ends.push(async () => rmSync(folder, { recursive: true, force: true }));
    const addresses = Array.from({ length: payees }, () => newAccount().address.toLowerCase());
    const purse = new WalletPurse(folder, { endpoints: [url ?? bed.url], payees: addresses, relayers: 2, wallet });
    if (bed) {
        await bed.fund(purse.treasury.address, 1_000_000_000n);
        for (const relayer of purse.relayers) await bed.giveEther(relayer.address, plenty);
        for (const payee of addresses) await bed.rpc.call('anvil_dealERC20', payee, bed.token.address, '0x1');
    }
    return purse;
}

async function holdWhenFunded(client, base, credential) {
    for (;;) {
        const answer = await client.call(base, credential, 'pay_preauthorize', { service: 's0', estimatedCost: '0.001' });
        if (answer.ok) return answer;
        assert.equal(answer.retry, 'after', JSON.stringify(answer));
        await sleep(100);
    }
}

/** Holds and settles; the milliseconds of each settle. */
async function buy(client, base, credential, orders, clients) {
    const times = [];
    const clerk = async () => {
        for (let payee = orders.pop(); payee !== undefined; payee = orders.pop()) {
            const hold = await client.call(base, credential, 'pay_preauthorize', { service: `s${payee}`, estimatedCost: '0.001' });
            assert.ok(hold.ok, JSON.stringify(hold));
            const began = performance.now();
            const settled = await client.call(base, credential, 'pay_settle', { txId: hold.txId, actualCost: '0.001' });
            times.push(performance.now() - began);
            assert.ok(settled.ok, JSON.stringify(settled));
        }
    };
    await Promise.all(Array.from({ length: clients }, clerk));
    return times.toSorted((a, b) => a - b);
}
const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
const median = list => at(list.toSorted((a, b) => a - b), 0.5);
const orders = (count, payees) => Array.from({ length: count }, (_, i) => i % payees);

/** One caller at a time: what a settle costs on each rail, the nodes of one chain far away. */
async function hotPath(bed) {
    console.log('== pay_settle, one caller, over HTTP: milliseconds (each round: book rail, chain, a chain whose node answers after 2 s)');
    const client = new Client();
    const slow = await slowNode(bed, 2000);
    const near = await world({ payees: 1, bed });
    const far = await world({ payees: 1, bed, url: slow.url, wallet: { timing: { poll: '200ms', rebroadcast: '5s', bump: '15s', timeout: '10s' } } });
    const book = await serve(near, true);
    const rails = [
        ['book', book, await issue(near, true)],
        ['chain', await serve(near), await near.issue('buyer')],
        ['slow chain', await serve(far), await far.issue('buyer')],
    ];
    for (const [name, base, credential] of rails) if (name !== 'book') await holdWhenFunded(client, base, credential);
    const p50 = new Map(rails.map(([name]) => [name, []]));
    for (let round = 0; round < size.rounds; ++round)
        for (const [name, base, credential] of rails) {
            const times = await buy(client, base, credential, orders(1500, 1), 1);
            p50.get(name).push(at(times, 0.5));
            console.log(`  round ${round + 1} ${name.padEnd(10)} p50 ${at(times, 0.5).toFixed(3)}  p99 ${at(times, 0.99).toFixed(3)}`);
        }
    for (const name of ['chain', 'slow chain']) {
        const ratios = p50.get(name).map((time, i) => time / p50.get('book')[i]);
        console.log(`  p50 of ${name} to book: ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`);
    }
    client.close();
    slow.stop();
}

function issue(purse, isBook) {
    const state = purse.state;
    if (isBook) purse.state = `${state}-book`;
    const issued = purse.issue('buyer');
    purse.state = state;
    return issued;
}

/** Passes everything on after a while. */
async function slowNode(bed, delay) {
    const { createServer, request } = await import('node:http');
    const server = createServer((asked, answer) => {
        const parts = [];
        asked.on('data', part => parts.push(part)).on('end', async () => {
            await sleep(delay);
            request(bed.url, { method: 'POST', headers: { 'Content-Type': 'application/json' } }, given => given.pipe(answer)).on('error', () => answer.destroy()).end(Buffer.concat(parts));
        });
    });
    await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.closeAllConnections() || server.close() };
}

/** From the first settle until all is final. */
async function endToEnd(bed) {
    console.log(`== ${size.settlements} settlements of 0.001 USDC to ${size.payees} payees, ${size.clients} clients, blocks every 200 ms`);
    const purse = await world({ payees: size.payees, bed, wallet: { timing: { poll: '100ms', rebroadcast: '3s', bump: '12s', timeout: '5s' } } });
    const base = await serve(purse);
    const credential = await purse.issue('buyer');
    const client = new Client({ timeout: 60_000 });
    const probe = await holdWhenFunded(client, base, credential);
    await client.call(base, credential, 'pay_settle', { txId: probe.txId, outcome: 'void' });
    const began = performance.now();
    await buy(client, base, credential, orders(size.settlements, size.payees), size.clients);
    const settled = (performance.now() - began) / 1000;
    let books;
    do {
        await sleep(100);
        books = await purse.payouts();
    } while (books.payees.some(one => micro(one.owed) !== micro(one.final)) || books.payouts.some(one => one.state !== 'final'));
    const final = (performance.now() - began) / 1000;
    const { list } = await bed.transfersFromTreasury(purse.treasury.address);
    const hashes = [...new Set(list.map(one => one.tx))];
    const receipts = await bed.rpc.batch(hashes.map(hash => ['eth_getTransactionReceipt', hash]));
    const gas = receipts.reduce((sum, receipt) => sum + Number(receipt.gasUsed), 0);
    console.log(`  settled in ${settled.toFixed(1)} s (${(size.settlements / settled).toFixed(0)} a second); all final after ${final.toFixed(1)} s: ${(size.settlements / final).toFixed(0)} settlements a second`);
    console.log(`  ${list.length} transfers in ${hashes.length} transactions: ${(list.length / final).toFixed(0)} transfers a second, ${(gas / list.length).toFixed(0)} gas a transfer, ${(gas / size.settlements).toFixed(0)} gas a settlement`);
    client.close();
}

/** What one settlement costs when it travels alone, and when nothing is netted but batched. */
async function gasTable(bed) {
    console.log('== Gas, payees that hold USDC already');
    for (const [name, payees, each, wallet] of [
        ['alone', 1, 1, {}],
        ['batched, 100 payees', 100, 1, { pay: { when: { every: '3s' }, owedMax: '1000' } }],
        ['netted, 1,000 to one payee', 1, 1000, { pay: { when: { threshold: '1' }, owedMax: '1000' } }],
    ]) {
        const purse = await world({ payees, bed, wallet: { ...wallet, timing: { poll: '3s', rebroadcast: '5s', bump: '15s', timeout: '5s' } } });
        const base = await serve(purse);
        const credential = await purse.issue('buyer');
        const client = new Client();
        const probe = await holdWhenFunded(client, base, credential);
        await client.call(base, credential, 'pay_settle', { txId: probe.txId, outcome: 'void' });
        await buy(client, base, credential, orders(payees * each, payees), 16);
        let list = [];
        do {
            await sleep(200);
            ({ list } = await bed.transfersFromTreasury(purse.treasury.address));
        } while (list.reduce((sum, one) => sum + one.value, 0n) < BigInt(1000 * payees * each));
        const hashes = [...new Set(list.map(one => one.tx))];
        const receipts = await bed.rpc.batch(hashes.map(hash => ['eth_getTransactionReceipt', hash]));
        const gas = receipts.reduce((sum, receipt) => sum + Number(receipt.gasUsed), 0);
        console.log(`  ${name.padEnd(28)} ${String(gas).padStart(9)} gas in ${hashes.length} transaction(s): ${(gas / (payees * each)).toFixed(0)} a settlement, ${(gas / payees).toFixed(0)} a payee`);
        client.close();
    }
}

console.log(`load ${loadavg()[0].toFixed(1)}`);
const bed = await startBed({ blockTime: 0.2, slots: 2 });
try {
    await hotPath(bed);
    await endToEnd(bed);
    await gasTable(bed);
} finally {
    for (const end of ends.toReversed()) await end();
    await bed.stop();
}
