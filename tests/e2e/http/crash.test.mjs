// SPDX-License-Identifier: Apache-2.0
// One server that is killed again and again while eight clients pay through it and repeat
// what was not answered: nothing acknowledged is lost, nothing is paid twice, no cap is
// passed, and the sessions go on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { approved, refused } from '../support/answers.mjs';
import { HttpServer, steadyAddress } from '../support/http.mjs';
import { freshPurse } from '../support/purse.mjs';
import { httpSetupNamed } from '../support/setups.mjs';

const kills = 10;
const cap = 4_000_000;
const micro = text => Math.round(Number(text) * 1e6);

/** Again and again until there is an answer; a client may lose its connection at any moment. */
async function untilAnswered(ask) {
    const stop = Date.now() + 15_000;
    for (;;) {
        try {
            return await ask();
        } catch (error) {
            // A status is an answer, and no good one: after a restart nothing is unknown.
            if (error.status !== undefined || error.code === 'ERR_ASSERTION' || Date.now() > stop) throw error;
            await sleep(20);
        }
    }
}

async function rawCaller(server, credential) {
    const talk = await server.initialize(credential);
    return { call: (name, args) => talk.call(name, args), session: () => talk.session };
}

function officialCaller(name) {
    return async (server, credential) => {
        const session = await httpSetupNamed(name).connect({ base: server.base, credential });
        return { call: (tool, args) => session.call(tool, args, { timeout: 3000 }), session: () => session.transport.sessionId, close: () => session.close() };
    };
}

const callers = [rawCaller, rawCaller, rawCaller, rawCaller, officialCaller('client v1, HTTP'), officialCaller('client v2, HTTP, legacy'),
    officialCaller('client v2, HTTP, pinned'), officialCaller('client v2, HTTP, pinned')];

/** Pays in a loop; remembers what was acknowledged. */
async function pay(caller, index, state) {
    for (let n = 0; !state.over; ++n) {
        const idempotencyKey = `c${index}-${n}`;
        const args = { service: 'images', estimatedCost: '0.01', idempotencyKey };
        const result = await untilAnswered(() => caller.call('pay_preauthorize', args));
        if (result.isError) {
            refused(result, 'spend_limit_reached');
            state.refusals += 1;
            await sleep(20);
            continue;
        }
        const { txId, replayed } = approved(result);
        state.replays += replayed ? 1 : 0;
        state.holds.set(idempotencyKey, txId);
        const end = n % 3 === 2 ? { outcome: 'void' } : { actualCost: '0.008' };
        const paid = approved(await untilAnswered(() => caller.call('pay_settle', { txId, ...end })));
        state.ended.set(txId, { captured: micro(paid.captured), state: paid.state });
        await sleep(4);
    }
}

test(`eight clients and ${kills} kills`, { timeout: 120_000 }, async t => {
    const purse = freshPurse(t);
    purse.writePolicy(text => text.replace('"lifetime": "1.00" } }\n  },', '"lifetime": "4.00" } }\n  },'));
    const secrets = await Promise.all(callers.map((_, i) => purse.issue(`member-${i}`)));
    const server = await HttpServer.start(t, purse, { log: 'warn', address: await steadyAddress() });
    const clients = await Promise.all(callers.map((make, i) => make(server, secrets[i])));
    t.after(() => Promise.all(clients.map(client => client.close?.())));
    const sessions = clients.map(client => client.session());

    const state = { over: false, refusals: 0, replays: 0, holds: new Map(), ended: new Map() };
    const working = Promise.all(clients.map((client, i) => pay(client, i, state)));
    let failed;
    working.catch(error => (failed = error));
    for (let i = 0; i < kills && !failed; ++i) {
        const answers = () => state.ended.size + state.refusals;
        const before = answers();
        await sleep(250 + 37 * i);
        for (const stop = Date.now() + 10_000; answers() === before && !failed; await sleep(50))
            assert.ok(Date.now() < stop, `work goes on after kill ${i}`);
        await server.stop('SIGKILL');
        await server.restart();
    }
    await sleep(300);
    state.over = true;
    await working;

    assert.deepEqual(clients.map(client => client.session()), sessions, 'the sessions went on with their ids');
    assert.ok(state.holds.size > 200, `${state.holds.size} payments`);
    const { stdout } = await purse.command('journal', 'tail', '-n', '100000', '--json');
    const entries = stdout.trim().split('\n').map(line => JSON.parse(line));
    assert.deepEqual(entries.map(entry => entry.seq), entries.map((_, i) => i + 1), 'the journal is without gaps');
    const taken = entries.filter(entry => entry.kind === 'hold');
    const byKey = Map.groupBy(taken, entry => `${entry.agent} ${entry.key}`);
    for (const [key, some] of byKey) assert.equal(some.length, 1, `${key} is held once`);
    assert.equal(taken.length, state.holds.size, 'what is in the journal was acknowledged in the end');
    for (const [key, txId] of state.holds) {
        const agent = `member-${key.slice(1, key.indexOf('-'))}`;
        assert.deepEqual(byKey.get(`${agent} ${key}`)?.map(entry => entry.txId), [txId], key);
    }
    const ends = Map.groupBy(entries.filter(entry => ['settled', 'voided', 'expired'].includes(entry.kind)), entry => entry.txId);
    for (const [txId, { state: how }] of state.ended) assert.deepEqual(ends.get(txId)?.map(entry => entry.kind), [how], txId);

    const spent = [...state.ended.values()].reduce((sum, one) => sum + one.captured, 0);
    const status = approved(await clients[0].call('pay_budget_status', {}));
    const team = status.caps.find(one => one.budget === 'budget/team' && one.cap === 'lifetime');
    assert.deepEqual({ spent: micro(team.spent), held: micro(team.held), limit: micro(team.limit) }, { spent, held: 0, limit: cap });
    assert.ok(spent <= cap);
    // Never, at any moment: replayed from the journal.
    const amounts = new Map(taken.map(entry => [entry.txId, micro(entry.amount)]));
    let used = 0;
    for (const entry of entries) {
        if (entry.kind === 'hold') used += amounts.get(entry.txId);
        if (entry.kind === 'settled') used -= amounts.get(entry.txId) - micro(entry.actual);
        if (entry.kind === 'voided') used -= amounts.get(entry.txId);
        assert.ok(used <= cap, `at entry ${entry.seq}`);
    }
    assert.equal(used, spent);

    // Asked again, it is the same hold.
    for (const [key, txId] of [...state.holds].filter(([one]) => one.startsWith('c0-')).slice(0, 5)) {
        const again = approved(await clients[0].call('pay_preauthorize', { service: 'images', estimatedCost: '0.01', idempotencyKey: key }));
        assert.deepEqual([again.txId, again.replayed], [txId, true]);
    }
    assert.match((await purse.command('journal', 'verify')).stdout, /The journal holds/);
    assert.match((await purse.command('doctor')).stdout, /All is well|ok +journal/);
    t.diagnostic(`${state.holds.size} holds, ${state.refusals} refusals, ${state.replays} answers had again`);
});
