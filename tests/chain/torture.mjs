#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Torture of the payouts: a crowd buys through servers that are killed, on a chain that reorganises
// behind endpoints that fail and lie, while the ledger is now and then replaced by an older copy.
// When all is healed every payee must have been paid what was bought from it, once.
// tests/chain/README.md has the options.
import { mkdtempSync, rmSync, appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { audit } from '../e2e/support/audit.mjs';
import { startBed } from './support/bed.mjs';
import { Crowd } from './support/crowd.mjs';
import { Dice } from './support/dice.mjs';
import { Fleet } from './support/fleet.mjs';
import { allFinal, violations } from './support/invariant.mjs';
import { newAccount } from './support/keys.mjs';
import { FaultProxy } from './support/proxy.mjs';
import { micro, usdc, WalletPurse } from './support/purse.mjs';
import { StrictPool } from './support/strict_pool.mjs';
import { topics } from './support/token.mjs';
import { plenty, Weather } from './support/weather.mjs';

const { values } = parseArgs({
    options: Object.fromEntries(Object.entries({
        settlements: '300', payees: '8', kills: '12', reorgs: '4', restores: '2', faults: '0.3', servers: '2', clients: '8', seconds: '', seed: '',
        without: '', heal: '120',
    }).map(([name, value]) => [name, { type: 'string', default: value }]).concat([['keep', { type: 'boolean', default: false }], ['book', { type: 'boolean', default: false }]])),
});
const size = Object.fromEntries(['settlements', 'payees', 'kills', 'reorgs', 'restores', 'servers', 'clients', 'heal'].map(name => [name, Number(values[name])]));
const seed = values.seed ? Number(values.seed) : Date.now() % 1_000_000_000;
const seconds = Number(values.seconds) || Math.max(30, 2 * size.kills, size.settlements / 20);
const without = values.without.split(',').filter(Boolean);
const funded = 1_000_000_000_000n;
const storyMax = 40;

const folder = mkdtempSync(join(tmpdir(), 'purse-torture-'));
const began = Date.now();
const wrong = [];
const note = text => appendFileSync(join(folder, 'events.log'), `${((Date.now() - began) / 1000).toFixed(3)} ${text}\n`);
function violation(text) {
    wrong.push(text);
    note(`VIOLATION ${text}`);
}

/** Every part draws from its own dice, so that one more roll of one moves no other. */
const dice = part => new Dice(seed + 7919 * part);

async function build() {
    const bed = await startBed({ slots: 2 });
    const pool = new StrictPool(bed.rpc);
    // Beyond the client's patience of 700 ms; a body that is long, but costs this process little.
    const faulty = part => FaultProxy.start({ target: bed.url, pool, seed: seed + part, delayMs: 1000, hugeBytes: 24 * 1024 * 1024, weights: Object.fromEntries(without.map(name => [name, 0])) });
    const proxies = [await faulty(1), await faulty(2)];
    const payees = Array.from({ length: size.payees }, () => newAccount().address.toLowerCase());
    const agents = ['crowd-0', 'crowd-1', 'crowd-2', 'crowd-3'];
    const purse = new WalletPurse(folder, { endpoints: proxies.map(proxy => proxy.url), payees, agents });
    await bed.fund(purse.treasury.address, funded);
    for (const relayer of purse.relayers) await bed.giveEther(relayer.address, plenty);
    const credentials = [];
    for (const agent of agents) credentials.push(await purse.issue(agent));
    // What was just built must be beyond the reach of a reorganisation.
    await bed.mine(10);
    const giveUp = text => {
        violation(text);
        world.isHopeless = true;
    };
    const fleet = new Fleet({ purse, count: size.servers, dice: dice(3), violation, note, giveUp });
    const crowd = new Crowd({ fleet, credentials, payees: size.payees, dice: dice(4), clients: size.clients, violation, isBook: values.book });
    const weather = new Weather({ bed, proxies, purse, dice: dice(5), note });
    const world = { bed, pool, proxies, purse, fleet, crowd, weather, isHopeless: false };
    return world;
}

/** Purchases come evenly over the whole time. */
async function buy({ crowd }, isOver) {
    for (let i = 0; i < size.settlements && !isOver(); ++i) {
        const due = (i / size.settlements) * seconds * 1000;
        const early = due - (Date.now() - began - buy.offset);
        if (early > 5) await sleep(early);
        crowd.add();
    }
}

/** The moments of `count` events in ms, as chance has them: crowded here, long apart there. */
const moments = (count, roll) => Array.from({ length: count }, () => roll.next() * seconds * 1000).toSorted((a, b) => a - b);

/** One kill after another; some of them to copy the ledger or to bring an older copy back. */
async function kill({ fleet, crowd }, isOver) {
    const roll = dice(6);
    const kinds = Array.from({ length: size.kills }, () => 'kill');
    // A copy before each restore, at least one kill earlier.
    for (let i = 0; i < size.restores; ++i) {
        const at = Math.floor(((i + 1) * size.kills) / size.restores) - 1;
        kinds[at] = 'restore';
        kinds[Math.max(0, at - roll.between(1, Math.max(1, Math.floor(size.kills / size.restores) - 1)))] = 'copy';
    }
    const copies = [];
    let last = 0;
    for (const [i, at] of moments(size.kills, roll).entries()) {
        await sleep(Math.max(0, at - (Date.now() - began - buy.offset)));
        if (isOver()) return;
        // One that killed itself in the meantime counts.
        const isEnough = fleet.killsOfItself > last;
        last = fleet.killsOfItself;
        if (kinds[i] === 'kill') {
            if (!isEnough) fleet.killOne();
            continue;
        }
        await fleet.killAll();
        if (kinds[i] === 'copy') copies.push({ folder: fleet.copy(), mark: crowd.mark() });
        else if (copies.length > 0) {
            // Mostly the last one, sometimes an older one; what came after it never was.
            const at = roll.chance(0.7) ? copies.length - 1 : roll.between(0, copies.length - 1);
            const copy = copies[at];
            for (const { folder } of copies.splice(at + 1)) rmSync(folder, { recursive: true });
            fleet.restore(copy.folder);
            crowd.forget(copy.mark);
        }
        note(kinds[i]);
        while (copies.length > 3) rmSync(copies.shift().folder, { recursive: true });
        fleet.startAll();
    }
    while (fleet.killsInAll < size.kills && !isOver()) {
        await fleet.killOne();
        await sleep(300);
    }
}

async function storm({ weather }, isOver) {
    const roll = dice(7);
    const kinds = Weather.kinds.filter(kind => !without.includes(kind));
    // Each kind at least once, and one of them every three seconds.
    const others = Array.from({ length: Math.max(kinds.length, Math.ceil(seconds / 3)) }, (_, i) => kinds[i % kinds.length]);
    const events = [
        ...moments(size.reorgs, roll).map(at => [at, 'reorg']),
        ...moments(kinds.length === 0 ? 0 : others.length, roll).map((at, i) => [at, others[i]]),
    ].toSorted(([a], [b]) => a - b);
    const under = [];
    for (const [at, kind] of events) {
        await sleep(Math.max(0, at - (Date.now() - began - buy.offset)));
        if (isOver()) break;
        note(kind);
        under.push(weather.happen(kind));
    }
    await Promise.all(under);
}

async function waitFor(what, time, isDone) {
    const stop = Date.now() + time;
    while (Date.now() < stop) {
        if (await isDone()) return true;
        await sleep(500);
    }
    violation(`${what}: not in ${time / 1000} s`);
    return false;
}

async function heal({ fleet, crowd, weather, purse }) {
    note('healing');
    await weather.clear();
    // What still runs may be armed to kill itself.
    await fleet.killAll();
    fleet.isArmed = false;
    fleet.startAll();
    const isBought = await waitFor(`${crowd.unsettled} purchases are unsettled`, size.heal * 1000, () => crowd.isIdle);
    if (!isBought || values.book) return;
    await waitFor('not all payouts became final', size.heal * 1000, async () => allFinal(await purse.payouts()));
}

async function judge({ bed, crowd, purse }) {
    const bought = new Map(crowd.sums().map((sum, i) => [purse.payees[i], sum]));
    const journal = await purse.verifyJournal();
    if (journal.code !== 0) violation(`purse journal verify: ${journal.stdout}${journal.stderr}`);
    if (values.book) {
        const { stdout } = await purse.command('status', '--json');
        for (const { payee, amount } of JSON.parse(stdout).debts) if (micro(amount) !== bought.get(payee)) violation(`${payee} is owed ${amount} in the books, but ${usdc(bought.get(payee) ?? 0n)} was bought`);
        return { payouts: 0, transfers: 0 };
    }
    const treasury = purse.treasury.address;
    const facts = {
        bought, funded, transfers: await bed.transfersFromTreasury(treasury), used: await bed.authorizationsUsed(treasury),
        canceled: await bed.authorizationsUsed(treasury, topics.canceled), books: await purse.payouts(), left: await bed.balanceOf(treasury),
        name: { ledger: `0x${purse.ledger}`, chainId: bed.chainId, token: bed.token.address, treasury },
    };
    violations(facts).forEach(violation);
    const reconciled = await purse.reconcile();
    if (reconciled.code !== 0) violation(`purse reconcile ended with ${reconciled.code}: ${reconciled.stdout}${reconciled.stderr}`);
    return { payouts: facts.books.payouts.length, transfers: facts.transfers.list.length };
}

function summary({ fleet, crowd, weather, proxies, pool }, found) {
    const faults = {};
    for (const { counts } of proxies) for (const [name, count] of Object.entries(counts)) faults[name] = (faults[name] ?? 0) + count;
    return {
        verdict: wrong.length === 0 ? 'exact' : 'VIOLATED', seed, seconds: Math.round((Date.now() - began) / 1000),
        settlements: crowd.purchases.length, ...found, kills: fleet.killsInAll, killsByPoint: fleet.kills, exchanges: proxies.reduce((sum, proxy) => sum + proxy.exchanges, 0),
        faults, ...weather.counts, ...fleet.counts, bumps: pool.bumps, clients: crowd.counts,
    };
}

async function main() {
    const world = await build();
    const { fleet, crowd, proxies, bed } = world;
    const isOver = () => world.isHopeless || wrong.length >= storyMax;
    fleet.isArmed = true;
    fleet.startAll();
    await waitFor('no server serves', 20_000, () => fleet.someBase(dice(8)));
    for (const proxy of proxies) proxy.rate = Number(values.faults);
    buy.offset = Date.now() - began;
    await Promise.all([buy(world, isOver), kill(world, isOver), storm(world, isOver)]);
    if (!world.isHopeless) await heal(world);
    await crowd.end();
    const found = await judge(world).catch(error => (violation(`the end could not be judged: ${error.message}`), {}));
    await fleet.stop();
    await audit(world.purse).catch(error => violation(error.message));
    for (const proxy of proxies) proxy.stop();
    await bed.stop();
    console.log(JSON.stringify(summary(world, found)));
}

await main().catch(error => violation(error.stack));
if (wrong.length === 0 && !values.keep) rmSync(folder, { recursive: true });
else console.error(`The state folder and the logs are in ${folder}`);
if (wrong.length > 0) {
    console.error(`${wrong.length} violations; again with --seed ${seed}:`);
    for (const text of wrong.slice(0, storyMax)) console.error(`- ${text}`);
}
process.exit(wrong.length === 0 ? 0 : 1);
