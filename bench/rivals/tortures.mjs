// SPDX-License-Identifier: Apache-2.0
// What is done to every subject: the same orders at the same price under the same cap. A torture gets
// a run (start() gives one process) and gives { wanted, members: what still runs, kills }.
import { setTimeout as sleep } from 'node:timers/promises';
import { Ended } from './member.mjs';

const count = 10;
const names = many => Array.from({ length: many }, (_, i) => `item-${i + 1}`);

async function oneByOne(member, items) {
    for (const item of items) await member.buy([item]);
}

/** Ten are bought, the process is ended as its host ends it, and a new one is asked for ten more. */
async function restart(run) {
    const wanted = names(20);
    const first = await run.start();
    await oneByOne(first, wanted.slice(0, 10));
    await first.stop();
    const second = await run.start();
    await oneByOne(second, wanted.slice(10));
    return { wanted, members: [second] };
}

/** Ten processes are up before the first of a hundred orders, and work at once, each one by one. */
async function replicas(run) {
    const wanted = names(10 * count);
    const members = await Promise.all(Array.from({ length: count }, () => run.start()));
    await Promise.all(members.map((member, i) => oneByOne(member, wanted.slice(10 * i, 10 * i + 10))));
    return { wanted, members };
}

/**
 * Ten processes that have been at work: nine have bought one item each. Then all ten want one more, and
 * one more fits. Where a price is asked for first, its answer reaches all of them at one moment.
 */
async function lastOne(run) {
    const wanted = names(19);
    const members = await Promise.all(Array.from({ length: count }, () => run.start()));
    for (const [i, item] of wanted.slice(0, 9).entries()) await members[i].buy([item]);
    run.together(count);
    await Promise.all(members.map((member, i) => member.buy([wanted[9 + i]])));
    return { wanted, members };
}

/** The first reply about each of ten items is lost after the work is done, and the agent tries again. */
async function lostReplies(run) {
    const wanted = names(10);
    const member = await run.start();
    await oneByOne(member, wanted);
    return { wanted, members: [member] };
}

/** One process gets twenty orders at once. */
async function burst(run) {
    const wanted = names(20);
    const member = await run.start();
    await member.buy(wanted);
    return { wanted, members: [member] };
}

/**
 * SIGKILL at a random moment of a purchase; a new process is asked for the same item again, until
 * there is an answer. How long a purchase takes is seen at the first two.
 */
async function kills(run, { kills: most }) {
    const wanted = names(20);
    let member = await run.start();
    let pace = 0;
    for (const item of wanted.slice(0, 2)) {
        const began = performance.now();
        await member.buy([item]);
        // The first one also opens what there is to open: the second tells more.
        pace = performance.now() - began;
    }
    let done = 0;
    const rest = wanted.slice(2);
    for (const [i, item] of rest.entries()) {
        let isAnswered = false;
        // Spread over all that is left, so that none is spared.
        for (const due = Math.ceil((most * (i + 1)) / rest.length); done < due && !isAnswered; done += 1) {
            const asked = member.buy([item]).then(() => true, error => {
                if (error instanceof Ended) return false;
                throw error;
            });
            await sleep(Math.random() * pace);
            await member.kill();
            // Who had the answer before the end does not ask again.
            isAnswered = await asked;
            member = await run.start();
        }
        if (!isAnswered) await member.buy([item]);
    }
    return { wanted, members: [member], kills: done };
}

export const tortures = [
    { name: 'restart', title: 'restart in the day', play: restart },
    { name: 'replicas', title: 'ten replicas', play: replicas },
    { name: 'last', title: 'ten for the last $15', play: lastOne },
    { name: 'burst', title: 'burst of 20', play: burst },
    { name: 'lost', title: 'lost replies', play: lostReplies, losesReplies: true },
    { name: 'kills', title: 'kill -9', play: kills },
];
