// SPDX-License-Identifier: Apache-2.0
// The processes of one state folder: started, killed from outside and at named points, their
// ledger copied and replaced by an older copy.
import { copyFileSync, createWriteStream, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { endOf, isAlive, killHard, spawnBound } from './child.mjs';
import { binary } from './purse.mjs';

/** Where the program can be made to kill itself, and up to which passage: some are rare. */
export const crashPoints = {
    reserved: 2, signed: 2, preflighted: 2, attempt_stored: 2, broadcast: 2, included_found: 2, included_stored: 2,
    final_found: 2, final_stored: 2, bumped: 1, funds_stored: 2,
};
const ledgerFiles = ['ledger.db', 'ledger.db-wal', 'ledger.db-shm'];
const patience = 20_000;
const failedStartsMax = 60;
const linesMax = 40;

export class Fleet {
    #members = [];
    #copies = 0;
    #isHeld = false;
    #failedStarts = 0;

    /** `options`: purse, count, dice, violation(text), note(text), env. */
    constructor(options) {
        Object.assign(this, options);
        this.kills = { outside: 0, ...Object.fromEntries(Object.keys(crashPoints).map(point => [point, 0])) };
        this.counts = { starts: 0, refusedStarts: 0, copies: 0, restores: 0 };
        this.isArmed = false;
        this.log = createWriteStream(join(this.purse.folder, 'servers.log'));
        for (let i = 0; i < this.count; ++i) this.#members.push({ i, base: null, child: null, lines: [] });
    }

    get killsInAll() {
        return Object.values(this.kills).reduce((sum, count) => sum + count);
    }
    /** At named points. */
    get killsOfItself() {
        return this.killsInAll - this.kills.outside;
    }

    startAll() {
        this.#isHeld = false;
        for (const member of this.#members) if (!member.child) this.#start(member);
    }

    /** Of a server that serves, or null. */
    someBase(dice) {
        const serving = this.#members.filter(member => member.base);
        return serving.length === 0 ? null : dice.pick(serving).base;
    }

    #start(member) {
        const point = this.isArmed && this.dice.chance(0.8) ? this.#somePoint() : null;
        // Early ones more often: a process does not live long.
        const passage = point && Math.min(this.dice.between(1, crashPoints[point]), this.dice.between(1, crashPoints[point]));
        const env = { ...this.purse.env(), PURSE_LOG: 'info', ...this.env, ...(point && { PURSE_CRASH_AT: `${point}:${passage}` }) };
        const child = spawnBound(binary, ['serve', '--http', '127.0.0.1:0'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
        this.counts.starts += 1;
        Object.assign(member, { child, point, base: null, isKilled: false, lines: [] });
        createInterface({ input: child.stderr }).on('line', line => {
            this.log.write(`${new Date().toISOString()} ${child.pid} ${line}\n`);
            member.lines.push(line);
            if (member.lines.length > linesMax) member.lines.shift();
            const named = /^purse serves MCP at (\S+)\/mcp$/.exec(line);
            if (!named || member.child !== child) return;
            member.base = named[1];
            this.#failedStarts = 0;
        });
        endOf(child).then(end => this.#ended(member, child, end));
    }

    /** The less often it was met, the likelier. */
    #somePoint() {
        return this.dice.weighted(Object.fromEntries(Object.keys(crashPoints).map(point => [point, 1 / (1 + this.kills[point])])));
    }

    async #ended(member, child, { code, signal }) {
        const { point, isKilled } = member;
        Object.assign(member, { child: null, base: null });
        if (signal === 'SIGKILL') this.kills[isKilled ? 'outside' : point ?? 'outside'] += 1;
        else if (signal) this.violation(`a server died of ${signal}:\n    ${member.lines.slice(-12).join('\n    ')}`);
        else if (!this.isEnding) this.#endedItself(member, code);
        this.note(`server ${child.pid} ended: ${signal ?? code}${signal === 'SIGKILL' && !isKilled ? ` at ${point}` : ''}`);
        await sleep(this.dice.between(5, 150));
        if (!this.#isHeld && !member.child && !this.isEnding) this.#start(member);
    }

    /** An endpoint that lies about its chain may keep it from starting; nothing else may end it. */
    #endedItself(member, code) {
        const words = member.lines.slice(-6).join('\n    ');
        if (code === 0 || !this.isArmed || !/chain/i.test(words)) this.violation(`a server ended by itself with ${code}:\n    ${words}`);
        this.counts.refusedStarts += 1;
        this.#failedStarts += 1;
        if (this.#failedStarts === failedStartsMax) this.giveUp(`no server starts any more:\n    ${words}`);
    }

    /** SIGKILL to any one, if there is one. */
    killOne() {
        const alive = this.#members.filter(member => member.child && isAlive(member.child));
        return alive.length > 0 ? this.#kill(this.dice.pick(alive)) : undefined;
    }

    #kill(member) {
        member.isKilled = true;
        member.base = null;
        return killHard(member.child);
    }

    /** SIGKILL to all at once, and none is started again before startAll. */
    async killAll() {
        this.#isHeld = true;
        await Promise.all(this.#members.filter(member => member.child).map(member => this.#kill(member)));
    }

    /** A copy of the ledger as it lies there, with no process running. */
    copy() {
        const folder = join(this.purse.folder, `copy-${++this.#copies}`);
        mkdirSync(folder);
        for (const name of ledgerFiles) if (existsSync(join(this.purse.state, name))) copyFileSync(join(this.purse.state, name), join(folder, name));
        this.counts.copies += 1;
        return folder;
    }

    /** Replaces the ledger by a copy, with no process running. */
    restore(folder) {
        for (const name of ledgerFiles) {
            rmSync(join(this.purse.state, name), { force: true });
            if (existsSync(join(folder, name))) copyFileSync(join(folder, name), join(this.purse.state, name));
        }
        this.counts.restores += 1;
    }

    /** As an operator ends them: SIGTERM, and each must end well. */
    async stop() {
        this.isEnding = true;
        for (const { child } of this.#members.filter(one => one.child && isAlive(one.child))) {
            const ended = endOf(child);
            child.kill('SIGTERM');
            const end = await Promise.race([ended, sleep(patience, null, { ref: false })]);
            if (!end) {
                this.violation('a server does not end when told to');
                await killHard(child);
            } else if (end.code !== 0) this.violation(`a server that was told to end ended with ${end.code ?? end.signal}`);
        }
        this.log.end();
    }
}
