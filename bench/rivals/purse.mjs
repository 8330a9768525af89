// SPDX-License-Identifier: Apache-2.0
// Purse under one torture: the real binary over stdio (book rail), or over HTTP with its wallet on the
// chain. An item is bought by pay_preauthorize under a key of its own, then pay_settle; an agent that
// gets no answer asks again with the same key, as the tools' descriptions say.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endOf, isAlive, killHard, spawnBound } from '../../tests/chain/support/child.mjs';
import { Client } from '../../tests/chain/support/client.mjs';
import { newAccount } from '../../tests/chain/support/keys.mjs';
import { binary, WalletPurse } from '../../tests/chain/support/purse.mjs';
import { plenty } from '../../tests/chain/support/weather.mjs';
import { disagreement, dollars, micro, sum } from './count.mjs';
import { Door } from './door.mjs';
import { Ended, Member } from './member.mjs';

const attemptsMax = 3;
const patience = 60_000;
const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'purse-bench-rivals', version: '1.0.0' } };

/** What both ways have in common: a state folder, a policy with the cap, and the count from the journal. */
class PurseRun {
    acknowledged = [];
    lostReplies = 0;
    #lostOnce = new Set();

    writePolicy(file, payee) {
        const { cap, perPayment } = this.world;
        const caps = { perTx: perPayment, rolling: [{ span: '24h', limit: cap }] };
        writeFileSync(file, JSON.stringify({
            version: 1, services: { shop: { payee } }, agents: { buyer: { caps, allow: { services: ['shop'] }, hold: { ttl: '5m' } } },
        }));
    }

    /** Whether the reply to this call is lost: the first of each key and of each hold. */
    losesReply(tool, args) {
        if (!this.losesReplies) return false;
        const name = `${tool} ${args.idempotencyKey ?? args.txId}`;
        if (this.#lostOnce.has(name)) return false;
        this.#lostOnce.add(name);
        this.lostReplies += 1;
        return true;
    }

    /** No price is asked for before: what is called at one moment is decided at one moment. */
    together() {}

    /** `call(tool, args)` gives the tool's answer; what it throws beside Ended is no answer. */
    async buy(item, call) {
        const insist = async (tool, args) => {
            for (let i = 1; ; ++i) {
                try {
                    return await call(tool, args);
                } catch (error) {
                    if (error instanceof Ended || i === attemptsMax) throw error;
                }
            }
        };
        const hold = await insist('pay_preauthorize', { service: 'shop', estimatedCost: this.world.price, idempotencyKey: item, taskId: item });
        if (!hold.ok) return { item, outcome: 'refused', why: hold.reason };
        const settled = await insist('pay_settle', { txId: hold.txId, actualCost: this.world.price });
        if (!settled.ok) return { item, outcome: 'failed', why: settled.reason };
        this.acknowledged.push({ item, txId: hold.txId });
        return { item, outcome: 'paid' };
    }

    /** The journal's settlements, with the item of their hold; the journal itself is verified first. */
    settlements(command) {
        command('journal', 'verify');
        const bodies = command('journal', 'export').split('\n').filter(Boolean).map(line => JSON.parse(line).body).filter(Boolean);
        const items = new Map(bodies.filter(one => one.kind === 'hold').map(one => [one.txId, one.task]));
        return bodies.filter(one => one.kind === 'settled').map(one => ({ txId: one.txId, item: items.get(one.txId), amount: micro(one.actual) }));
    }

    factsOf(settlements) {
        const { lostReplies } = this;
        return { payments: settlements, acknowledged: this.acknowledged.map(one => one.item), lostReplies, known: settlements.length };
    }

    /** A payment in answers or journal only is a fault of the ledger. */
    agree(settlements) {
        const wrong = disagreement(this.acknowledged, settlements);
        if (wrong) throw new Error(`answers and journal disagree: ${wrong}`);
    }
}

export class StdioRun extends PurseRun {
    #members = [];

    static async begin(world, { losesReplies }) {
        const run = Object.assign(new StdioRun(), { world, losesReplies });
        run.folder = mkdtempSync(join(world.folder, 'stdio-'));
        run.state = join(run.folder, 'state');
        run.policyFile = join(run.folder, 'policy.json');
        run.writePolicy(run.policyFile, newAccount().address);
        run.credential = run.command('credential', 'issue', 'buyer').trim();
        return run;
    }

    get env() {
        const { folder, state, policyFile } = this;
        return { PATH: process.env.PATH, HOME: folder, PURSE_STATE: state, PURSE_POLICY: policyFile };
    }
    command(...words) {
        return execFileSync(binary, words, { env: this.env, stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 }).toString();
    }

    async start() {
        const member = await Member.start(binary, [], { ...this.env, PURSE_CREDENTIAL: this.credential });
        this.#members.push(member);
        await member.ask({ jsonrpc: '2.0', method: 'initialize', params: hello });
        member.tell({ jsonrpc: '2.0', method: 'notifications/initialized' });
        const call = async (tool, args) => {
            const isLost = this.losesReply(tool, args);
            const { result, error } = await member.ask({ jsonrpc: '2.0', method: 'tools/call', params: { name: tool, arguments: args } });
            if (isLost) throw new Error('the reply is lost');
            if (!result?.structuredContent) throw new Error(`${tool}: ${JSON.stringify(error ?? result)}`);
            return result.structuredContent;
        };
        return {
            buy: items => Promise.all(items.map(item => this.buy(item, call))),
            kill: () => member.kill(),
            stop: () => member.stop(),
            isAlive: () => isAlive(member.child),
        };
    }

    async facts() {
        const settlements = this.settlements((...words) => this.command(...words));
        this.agree(settlements);
        return this.factsOf(settlements);
    }

    async end() {
        await Promise.all(this.#members.map(one => one.kill()));
    }
}

export class HttpRun extends PurseRun {
    #children = [];
    #doors = [];
    #client = new Client({ timeout: patience });

    static async begin(world, { losesReplies }) {
        const run = Object.assign(new HttpRun(), { world, losesReplies });
        const { bed } = world;
        const payee = newAccount().address.toLowerCase();
        run.purse = new WalletPurse(mkdtempSync(join(world.folder, 'http-')), { endpoints: [bed.url], payees: [payee] });
        run.payee = payee;
        run.writePolicy(run.purse.policyFile, payee);
        run.credential = await run.purse.issue('buyer');
        run.funded = 10_000_000_000n;
        await bed.fund(run.purse.treasury.address, run.funded);
        for (const relayer of run.purse.relayers) await bed.giveEther(relayer.address, plenty);
        // The wallet must have seen its money before anything is asked of it.
        const first = await run.start();
        await first.untilFunded();
        await first.stop();
        return run;
    }

    async start() {
        const child = spawnBound(binary, ['serve', '--http', '127.0.0.1:0'], { env: this.purse.env(), stdio: ['ignore', 'ignore', 'pipe'] });
        this.#children.push(child);
        const base = await new Promise((resolve, reject) => {
            let text = '';
            child.stderr.on('data', part => {
                text += part;
                const named = /purse serves MCP at (\S+)\/mcp/.exec(text);
                if (named) resolve(named[1]);
            });
            endOf(child).then(() => reject(new Error(`purse serve ended: ${text}`)));
        });
        const loses = (_, body) => {
            const { params } = JSON.parse(body);
            return this.losesReply(params.name, params.arguments);
        };
        const door = await Door.open(base, loses);
        this.#doors.push(door);
        const ended = Promise.withResolvers();
        endOf(child).then(() => ended.reject(new Ended('the server has ended')));
        ended.promise.catch(() => {});
        const call = (tool, args) => Promise.race([ended.promise, this.#ask(door.url, child, tool, args)]);
        return {
            buy: items => Promise.all(items.map(item => this.buy(item, call))),
            kill: () => killHard(child),
            stop: async () => {
                if (!isAlive(child)) return;
                const over = endOf(child);
                child.kill('SIGTERM');
                await over;
            },
            isAlive: () => isAlive(child),
            untilFunded: () => this.#untilFunded(base),
        };
    }

    async #ask(base, child, tool, args) {
        try {
            return await this.#client.call(base, this.credential, tool, args);
        } catch (error) {
            if (!isAlive(child)) throw new Ended('the server has ended');
            throw error;
        }
    }

    async #untilFunded(base) {
        for (const stop = Date.now() + patience; Date.now() < stop; await sleep(50)) {
            const warmUp = { service: 'shop', estimatedCost: this.world.price, taskId: 'warm-up' };
            const answer = await this.#client.call(base, this.credential, 'pay_preauthorize', warmUp);
            if (!answer.ok && answer.retry === 'after') continue;
            if (!answer.ok) throw new Error(`a purse with money refuses: ${JSON.stringify(answer)}`);
            const ended = await this.#client.call(base, this.credential, 'pay_settle', { txId: answer.txId, outcome: 'void' });
            if (!ended.ok) throw new Error(JSON.stringify(ended));
            return;
        }
        throw new Error(`the treasury is not funded after ${patience} ms`);
    }

    /** Answers, journal and chain, once every payout is final. */
    async facts(members) {
        const alive = members.length > 0 ? members : [await this.start()];
        const { bed } = this.world;
        let books;
        for (const stop = Date.now() + patience; ; await sleep(50)) {
            books = await this.purse.payouts();
            if (books.payees.every(one => micro(one.owed) === micro(one.final)) && books.payouts.every(one => one.state === 'final')) break;
            if (Date.now() > stop) throw new Error(`payouts are not final: ${JSON.stringify(books)}`);
        }
        await Promise.all(alive.map(one => one.stop()));
        const settlements = this.settlements((...words) => this.#command(...words));
        this.agree(settlements);
        const { list } = await bed.transfersFromTreasury(this.purse.treasury.address);
        const moved = sum(list.map(one => one.value));
        const booked = sum(settlements.map(one => one.amount));
        // On the chain payments to one payee may travel together: what counts is their sum.
        if (moved !== booked) throw new Error(`${dollars(moved)} moved on the chain, ${dollars(booked)} in the journal`);
        return this.factsOf(settlements);
    }

    #command(...words) {
        const places = ['--state', this.purse.state, '--policy', this.purse.policyFile];
        return execFileSync(binary, [...words, ...places], { env: this.purse.env(), stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 }).toString();
    }

    async end() {
        this.#client.close();
        await Promise.all(this.#children.map(killHard));
        await Promise.all(this.#doors.map(one => one.close()));
    }
}
