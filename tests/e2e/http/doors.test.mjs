// SPDX-License-Identifier: Apache-2.0
// Standard input and output, and HTTP, on one ledger: in one process and in several.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { approved, refused } from '../support/answers.mjs';
import { HttpServer } from '../support/http.mjs';
import { freshPurse } from '../support/purse.mjs';
import { RawPeer } from '../support/raw.mjs';
import { allSetups, httpSetups, open } from '../support/setups.mjs';

const limit = { timeout: 60_000 };
const image = { service: 'images', estimatedCost: '0.08' };
const micro = text => Math.round(Number(text) * 1e6);

/** The standard input and output of a server that also serves HTTP. */
class StdioSide {
    #nextId = 1;
    #waiting = [];

    constructor(server) {
        this.server = server;
        this.lines = [];
        createInterface({ input: server.process.stdout }).on('line', line => {
            this.lines.push(line);
            this.#waiting.shift()?.(JSON.parse(line));
        });
    }
    request(method, params) {
        this.server.process.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: this.#nextId++, method, params })}\n`);
        return new Promise(resolve => this.#waiting.push(resolve));
    }
    async initialize() {
        await this.request('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } });
        return this;
    }
    async call(name, args) {
        return (await this.request('tools/call', { name, arguments: args })).result;
    }
}

/** What is spent and held of the team's cap. */
async function teamCap(call) {
    const status = approved(await call('pay_budget_status', {}));
    const cap = status.caps.find(one => one.budget === 'budget/team' && one.cap === 'lifetime');
    return { spent: micro(cap.spent), held: micro(cap.held), limit: micro(cap.limit) };
}

describe('one process, two doors', { concurrency: 4 }, () => {
    test('both serve, each with its own credential', limit, async t => {
        const purse = freshPurse(t);
        const [inside, outside] = [await purse.issue('buyer'), await purse.issue('poor')];
        const server = await HttpServer.start(t, purse, { args: ['--stdio'], credential: inside });
        const stdio = await new StdioSide(server).initialize();
        const http = await server.initialize(outside);
        const { txId } = approved(await stdio.call('pay_preauthorize', image));
        assert.equal(approved(await stdio.call('pay_budget_status', {})).agent, 'buyer');
        assert.equal(approved(await http.call('pay_budget_status', {})).agent, 'poor');
        refused(await http.call('pay_settle', { txId, outcome: 'void' }), 'hold_unknown');
        const same = await server.initialize(inside);
        approved(await same.call('pay_settle', { txId, actualCost: '0.07' }));
        assert.equal(approved(await stdio.call('pay_budget_status', {})).held, '0.00');
    });

    test('the credential of standard input is not lent to HTTP', limit, async t => {
        const purse = freshPurse(t);
        const credential = await purse.issue('buyer');
        for (const args of [['--stdio'], []]) {
            const server = await HttpServer.start(t, purse, { args, credential });
            assert.equal((await server.post({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })).status, 401);
            assert.equal((await server.modern('tools/call', { name: 'pay_preauthorize', arguments: image })).status, 401);
        }
    });

    test('many calls at both doors at once, and nothing but JSON on standard output', limit, async t => {
        const purse = freshPurse(t);
        const [inside, outside] = [await purse.issue('member-0'), await purse.issue('member-1')];
        const server = await HttpServer.start(t, purse, { args: ['--stdio'], credential: inside });
        const stdio = await new StdioSide(server).initialize();
        const http = await server.initialize(outside);
        const args = { service: 'images', estimatedCost: '0.03' };
        const results = await Promise.all(Array.from({ length: 50 }, (_, i) => (i % 2 ? stdio : http).call('pay_preauthorize', args)));
        assert.equal(results.filter(result => !result.isError).length, 33, '33 times 0.03 fit into 1.00');
        assert.deepEqual(await teamCap((...call) => stdio.call(...call)), { spent: 0, held: 990_000, limit: 1_000_000 });
        for (const line of stdio.lines) assert.equal(JSON.parse(line).jsonrpc, '2.0');
    });

    test('the end of standard input ends both, a lone HTTP server goes on', limit, async t => {
        const purse = freshPurse(t);
        const credential = await purse.issue('buyer');
        const both = await HttpServer.start(t, purse, { args: ['--stdio'], credential });
        const stream = await (await both.initialize(credential)).events();
        both.process.stdin.end();
        assert.equal((await both.ended).code, 0);
        assert.equal(await stream.ended, 'whole');

        const lone = await HttpServer.start(t, purse, {});
        let said = '';
        lone.process.stdout.on('data', text => (said += text));
        lone.process.stdin.end('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
        await sleep(300);
        assert.equal(await lone.isHealthy(), true);
        assert.equal((await lone.stop()).code, 0);
        assert.equal(said, '', 'standard output is not used');
    });

    test('SIGTERM ends both', limit, async t => {
        const purse = freshPurse(t);
        const credential = await purse.issue('buyer');
        const server = await HttpServer.start(t, purse, { args: ['--stdio'], credential });
        const stdio = await new StdioSide(server).initialize();
        approved(await stdio.call('pay_preauthorize', image));
        const { code, took } = await server.stop();
        assert.equal(code, 0);
        assert.ok(took < 3000, `${took} ms`);
    });
});

describe('several processes, one ledger', { concurrency: 2 }, () => {
    test('HTTP and standard input never pass the cap of a team', limit, async t => {
        const purse = freshPurse(t);
        const secrets = await Promise.all(Array.from({ length: 6 }, (_, i) => purse.issue(`member-${i}`)));
        const server = await HttpServer.start(t, purse, {});
        const second = await HttpServer.start(t, purse, {});
        const [, legacy, automatic] = allSetups.length === 3 ? allSetups : [allSetups[0], allSetups[0], allSetups[0]];
        const sessions = await Promise.all(secrets.map((credential, i) => {
            if (i < 2) return open(t, i ? legacy : automatic, purse.env(credential));
            return open(t, httpSetups[i % httpSetups.length], { base: (i % 2 ? server : second).base, credential });
        }));
        const args = { service: 'images', estimatedCost: '0.03' };
        const results = (await Promise.all(sessions.flatMap(session => Array.from({ length: 10 }, async () => ({ session, result: await session.call('pay_preauthorize', args) }))))).filter(({ result }) => {
            if (result.isError) refused(result, 'spend_limit_reached');
            return !result.isError;
        });
        assert.equal(results.length, 33, '33 times 0.03 fit into 1.00');
        for (const session of sessions) assert.deepEqual(await teamCap((...call) => session.call(...call)), { spent: 0, held: 990_000, limit: 1_000_000 });
        await Promise.all(results.map(async ({ session, result }) => approved(await session.call('pay_settle', { txId: approved(result).txId, actualCost: '0.01' }))));
        assert.deepEqual(await teamCap((...call) => sessions[0].call(...call)), { spent: 330_000, held: 0, limit: 1_000_000 });
    });

    test('a hold of one door is settled at the other; a key is one hold for both', limit, async t => {
        const purse = freshPurse(t);
        const credential = await purse.issue('buyer');
        const server = await HttpServer.start(t, purse, {});
        const http = await server.initialize(credential);
        const peer = new RawPeer(t, purse.env(credential));
        await peer.initialize();
        const keyed = { ...image, idempotencyKey: 'both' };
        const answers = await Promise.all([http.call('pay_preauthorize', keyed), peer.callTool('pay_preauthorize', keyed).then(answer => answer.result)]);
        const [one, other] = answers.map(approved);
        assert.equal(one.txId, other.txId);
        assert.deepEqual([one.replayed, other.replayed].filter(Boolean), [true]);
        approved((await peer.callTool('pay_settle', { txId: one.txId, actualCost: '0.07' })).result);
        assert.equal(approved(await http.call('pay_settle', { txId: one.txId, actualCost: '0.07' })).replayed, true);
    });

    test('what the operator does reaches HTTP sessions that are open', limit, async t => {
        const purse = freshPurse(t);
        const server = await HttpServer.start(t, purse, {});
        const http = await server.initialize(await purse.issue('buyer'));
        const asking = estimatedCost => http.call('pay_preauthorize', { service: 'images', estimatedCost });
        refused(await asking('6'), 'transaction_limit_exceeded');
        purse.writePolicy(text => text.replace('"perTx": "5"', '"perTx": "10"'));
        approved(await asking('6'));
        await purse.command('freeze', 'all');
        refused(await asking('6'), 'frozen');
        await purse.command('unfreeze', 'all');
        approved(await asking('6'));
        const { stdout } = await purse.command('journal', 'tail', '-n', '1', '--json');
        assert.match(JSON.parse(stdout).session, /^http-/, 'the journal names the session');
    });

    test('a server whose ledger is served by others starts and ends by itself', limit, async t => {
        const purse = freshPurse(t);
        const credential = await purse.issue('buyer');
        const servers = await Promise.all([1, 2, 3].map(() => HttpServer.start(t, purse, {})));
        const talks = await Promise.all(servers.map(server => server.initialize(credential)));
        const { txId } = approved(await talks[0].call('pay_preauthorize', image));
        await servers[0].stop('SIGKILL');
        assert.equal((await servers[1].stop()).code, 0);
        approved(await talks[2].call('pay_settle', { txId, actualCost: '0.07' }));
        const exit = once(servers[2].process, 'exit');
        servers[2].process.kill('SIGTERM');
        assert.equal((await exit)[0], 0);
    });
});
