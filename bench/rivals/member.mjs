// SPDX-License-Identifier: Apache-2.0
// A child process that answers lines with lines, each by its id: buyer.mjs, or Purse over stdio.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { endOf, isAlive, killHard, spawnBound } from '../../tests/chain/support/child.mjs';

const patience = 60_000;
const linesMax = 20;

/** The process ended before it answered: what was asked may have happened. */
export class Ended extends Error {}

function parsed(line) {
    try {
        return JSON.parse(line);
    } catch {
        return null;
    }
}

export class Member {
    #waiting = new Map();
    #nextId = 1;

    /** `ready`: whether a message is the one that says it is up; none: it is up at once. */
    static async start(program, args, env, ready) {
        const member = new Member();
        const child = spawnBound(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
        const said = [];
        Object.assign(member, { child, said });
        child.stdin.on('error', () => {});
        createInterface({ input: child.stderr }).on('line', line => {
            said.push(line);
            if (said.length > linesMax) said.shift();
        });
        const up = Promise.withResolvers();
        if (!ready) up.resolve();
        const answers = createInterface({ input: child.stdout }).on('line', line => {
            const message = parsed(line);
            // The last line of a process that was killed may be half a line.
            if (!message) return;
            if (ready?.(message)) up.resolve();
            member.#waiting.get(message.id)?.resolve(message);
        });
        // What it wrote before its end is still read.
        Promise.all([endOf(child), once(answers, 'close')]).then(([end]) => {
            const error = new Ended(`${program} ${args.join(' ')} ended: ${end.signal ?? end.code}: ${said.join('\n')}`);
            up.reject(error);
            for (const one of member.#waiting.values()) one.reject(error);
        });
        await up.promise;
        return member;
    }

    tell(message) {
        this.child.stdin.write(`${JSON.stringify(message)}\n`);
    }

    /** The answer to a message, which gets an id. */
    async ask(message) {
        if (!isAlive(this.child)) throw new Ended('it has ended');
        const id = this.#nextId++;
        const answer = Promise.withResolvers();
        this.#waiting.set(id, answer);
        const late = setTimeout(() => answer.reject(new Error(`no answer in ${patience} ms: ${JSON.stringify(message).slice(0, 200)}`)), patience);
        this.tell({ ...message, id });
        try {
            return await answer.promise;
        } finally {
            clearTimeout(late);
            this.#waiting.delete(id);
        }
    }

    kill() {
        return killHard(this.child);
    }

    /** As a host ends it: its input ends, and it does. */
    async stop() {
        if (!isAlive(this.child)) return;
        const ended = endOf(this.child);
        this.child.stdin.end();
        const late = setTimeout(() => this.kill(), patience);
        await ended;
        clearTimeout(late);
    }
}
