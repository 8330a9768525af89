// SPDX-License-Identifier: Apache-2.0
// The same torture for Purse and for shipped packages: see bench/rivals/README.md.
//   node rivals.mjs FOLDER REPORT [--quick] [--only SUBJECT,...] [--torture NAME,...] [--no-speed] [--rounds N]
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { binary } from '../../tests/chain/support/purse.mjs';
import { judge, micro } from './count.mjs';
import { notRun, subjects } from './subjects.mjs';
import { markdown, tortureTable } from './table.mjs';
import { tortures } from './tortures.mjs';
import { openWorld } from './world.mjs';

const { values, positionals: [folder, report] } = parseArgs({
    allowPositionals: true,
    options: {
        quick: { type: 'boolean' }, only: { type: 'string' }, torture: { type: 'string' }, 'no-speed': { type: 'boolean' },
        'no-tortures': { type: 'boolean' }, rounds: { type: 'string' },
    },
});
const ends = [];
const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
const terms = { price: '15', perPayment: '50', cap: '150' };
const options = { kills: values.quick ? 4 : 10 };
const chosen = (list, names) => {
    const wanted = names?.split(',');
    for (const name of wanted ?? []) if (!list.some(one => one.name === name)) throw new Error(`there is no ${name}: ${list.map(one => one.name).join(', ')}`);
    return list.filter(one => !wanted || wanted.includes(one.name));
};

/** One subject under one torture, once. */
async function play(world, subject, torture) {
    const run = await subject.begin(world, { losesReplies: Boolean(torture.losesReplies) });
    // A signal in between ends its processes before the folder that they write to.
    const end = () => run.end();
    ends.push(end);
    try {
        const { wanted, members, kills } = await torture.play(run, options);
        const facts = await run.facts(members.filter(one => one.isAlive()));
        if (torture.losesReplies && facts.lostReplies === 0) throw new Error('no reply was lost: nothing was tried');
        // Who sells nothing to anybody was set up wrongly, and shows nothing.
        if (facts.payments.length === 0) throw new Error('nothing was bought');
        const { paid, ...figures } = judge({ ...facts, wanted, cap: micro(terms.cap), price: micro(terms.price) });
        return { paid, kills, lostReplies: facts.lostReplies, payments: facts.payments.length, ...figures };
    } finally {
        if (ends.includes(end)) ends.splice(ends.indexOf(end), 1);
        await run.end();
    }
}

async function playAll(world, failures) {
    const players = chosen(subjects, values.only).map(one => ({ ...one, results: new Map() }));
    for (let round = 1; round <= rounds; ++round)
        for (const torture of chosen(tortures, values.torture))
            // In turns, and in an order that turns around.
            for (const subject of round % 2 ? players : players.toReversed()) {
                const why = subject.missing(world);
                const began = performance.now();
                let said;
                if (why) {
                    said = `not run: ${why}`;
                    subject.results.set(torture.name, said);
                } else {
                    try {
                        const figures = await play(world, subject, torture);
                        const known = subject.results.get(torture.name) ?? [];
                        // One round that failed is what the table says, whatever the others did.
                        if (Array.isArray(known)) subject.results.set(torture.name, [...known, figures]);
                        said = Object.entries(figures).filter(([, value]) => value !== undefined).map(([name, value]) => `${name} ${value}`).join(', ');
                    } catch (error) {
                        said = `FAILED: ${error.message}`;
                        subject.results.set(torture.name, 'FAILED');
                        failures.push(`${subject.title}, ${torture.title}: ${error.stack}`);
                    }
                }
                console.error(`round ${round}: ${torture.title}: ${subject.title}: ${said} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
            }
    return players;
}

const legend = `Each cell: dollars paid over the cap / payments doubled / payments lost / purchases missed. Bold: not all zero.
Cap $${terms.cap} a day, at most $${terms.perPayment} a payment, $${terms.price} an item: ten fit. "-": it keeps no books, so none can be lost from them.
Paid is what left the account on the chain (Purse over stdio: what its journal has booked), counted from outside.
Doubled: paid more than once for one item. Lost: paid, but not in the subject's own books at the end, or called paid and not.
Missed: not bought though the cap had room for it, had each item been paid once.`;

function theTable(players) {
    const shown = chosen(tortures, values.torture);
    return [
        tortureTable(shown, players), '', legend, '',
        `${rounds} round(s). Lost replies: the first reply for each item is lost after the work was done, and the agent asks again.`,
        `kill -9: ${options.kills} times a round, each at a random moment of a purchase.`, '',
        markdown([
            ['', 'versions (installed)', 'set-up', 'does well', 'says'],
            ...players.map(one => [one.title, one.versions.join(', ') || version, one.setUp, one.good, one.says]),
        ]), '',
        'Not run:', ...notRun.map(([name, why]) => `- ${name}: ${why}.`), '',
    ].join('\n');
}

const load = () => loadavg().map(one => one.toFixed(2)).join(' ');
const version = execFileSync(binary, ['--version']).toString().split('\n')[0];
const machine = `${cpus().length} cores (${cpus()[0].model.trim()}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
const idleMax = 0.7;
const failures = [];
const parts = [
    `# Purse and shipped rivals under the same torture, ${new Date().toISOString().slice(0, 10)}`, '',
    `${version}; node ${process.version}; ${machine}; load before: ${load()}`,
    // Who fails at what does not depend on it; speed does.
    ...(loadavg()[0] > idleMax ? ['NOT IDLE: others use this machine; run again for figures of speed to quote'] : []), '',
];
let ending = Promise.resolve();
const endAll = () => (ending = ending.then(async () => {
    while (ends.length > 0) await ends.pop()();
}));
let isStopped = false;
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]])
    process.on(signal, () => {
        isStopped = true;
        endAll().finally(() => process.exit(code));
    });

try {
    if (!values['no-tortures']) {
        parts.push(theTable(await playAll(await openWorld(terms, folder, ends), failures)));
        await endAll();
    }
    if (!values['no-speed']) {
        const { speed } = await import('./speed.mjs');
        parts.push(await speed({ folder, quick: Boolean(values.quick), ends }));
    }
} catch (error) {
    // What a signal has ended fails, and the signal's own exit is on its way.
    if (isStopped) await new Promise(() => {});
    throw error;
} finally {
    await endAll();
}
parts.push(`load after: ${load()}`, '');
if (failures.length > 0) parts.push('FAILED:', ...failures, '');
writeFileSync(`${report}.part`, parts.join('\n'));
renameSync(`${report}.part`, report);
process.stdout.write(readFileSync(report));
process.exitCode = failures.length > 0 ? 1 : 0;
