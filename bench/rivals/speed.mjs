// SPDX-License-Identifier: Apache-2.0
// How many pairs (a hold, then its settlement, each durable before its answer) a second: Purse and the
// references through this repository's drivers, and a hand-written reserve and commit on PostgreSQL.
// All in turns within each round; ratios are taken within a round.
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { binary } from '../../tests/chain/support/purse.mjs';
import { floorOf, pairsOf, speedTable, spread } from './figures.mjs';
import { postgresFolder, startPostgres } from './postgres.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tools = process.env.PURSE_BENCH_BIN;
// Of the references: their SQLite was built for the node that npm ran on.
const node = process.env.PURSE_BENCH_NODE;
const policy = join(root, 'bench/policy.jsonc');
const callers = [1, 8, 64];
const hotCap = 0;
const manyCaps = 1000;
const limit = 9n * 10n ** 14n;

const reserve = {
    name: 'reserve',
    text: `WITH fits AS (UPDATE cap SET held = held + $3 WHERE id = $2 AND held + spent + $3 <= "limit" RETURNING id)
           INSERT INTO hold (id, cap, amount, state) SELECT $1, id, $3, 'held' FROM fits RETURNING id`,
};
const commit = {
    name: 'commit',
    text: `WITH ended AS (UPDATE hold SET state = 'settled', captured = $2 WHERE id = $1 AND state = 'held' AND amount >= $2 RETURNING cap, amount)
           UPDATE cap SET held = cap.held - ended.amount, spent = cap.spent + $2 FROM ended WHERE cap.id = ended.cap RETURNING cap.id`,
};

/** Standard output of a driver; what it says of its progress is left out unless it fails. */
function run(program, args) {
    return new Promise((resolve, reject) => {
        const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
        let out = '', err = '';
        child.stdout.on('data', part => (out += part));
        child.stderr.on('data', part => (err += part));
        child.on('error', reject).on('close', code => (code === 0 ? resolve(out) : reject(new Error(`${program}: ${err.slice(-2000)}`))));
    });
}

const common = ({ folder, milliseconds, depth }) => ['--folder', folder, '--policy', policy, '--rounds', '1', '--milliseconds', String(milliseconds), '--depths', String(depth)];
const issue = ['--prepare', binary, 'credential', 'issue', 'bench', '--state', '{state}', '--policy', policy];
const named = (rows, names) => rows.filter(row => names[row.name]).map(row => ({ ...row, name: names[row.name] }));

const parts = {
    async stdio(phase) {
        const report = await run(join(tools, 'purse_bench'), [
            ...common(phase), '--starts', '0', '--server', 'reference', node, join(root, 'bench/reference/server.mjs'), '--server', 'purse', binary, ...issue,
        ]);
        phase.floors.push(floorOf(report));
        return named(pairsOf(report), { reference: 'official SDK v1, stdio, better-sqlite3', purse: 'Purse, stdio' });
    },
    async http(phase) {
        const legacy = join(root, 'bench/http/reference/v1.mjs');
        const modern = join(root, 'bench/http/reference/v2.mjs');
        const report = await run(join(tools, 'purse_http_bench'), [
            ...common(phase), '--only', 'pairs', '--legacy', 'sdk-v1', node, legacy, '{port}', '--modern', 'sdk-v2', node, modern, '{port}',
            '--legacy', 'purse', binary, 'serve', '--http', '127.0.0.1:{port}', '--state', '{state}', '--policy', policy, ...issue,
        ]);
        return named(pairsOf(report), { 'sdk-v1': 'official SDK v1, HTTP, better-sqlite3', 'sdk-v2': 'official SDK v2, HTTP, better-sqlite3', purse: 'Purse, HTTP' });
    },
    async postgres({ postgres, milliseconds, depth }) {
        if (!postgres) return [];
        const rows = [];
        for (const [name, caps] of [['PostgreSQL by hand, one hot cap', 1], ['PostgreSQL by hand, 1,000 caps', manyCaps]])
            rows.push({ name, depth, ...(await postgresPairs(postgres, { depth, caps, milliseconds })) });
        return rows;
    },
};

async function makeTables(postgres) {
    const client = new pg.Client(postgres.connection);
    await client.connect();
    await client.query(`
        CREATE TABLE cap (id INT PRIMARY KEY, held BIGINT NOT NULL DEFAULT 0, spent BIGINT NOT NULL DEFAULT 0, "limit" BIGINT NOT NULL,
                          CHECK (held >= 0 AND spent >= 0 AND held + spent <= "limit"));
        CREATE TABLE hold (id TEXT PRIMARY KEY, cap INT NOT NULL, amount BIGINT NOT NULL, captured BIGINT, state TEXT NOT NULL);`);
    await client.query('INSERT INTO cap (id, "limit") SELECT n, $1 FROM generate_series(0, $2::int) n', [limit, manyCaps]);
    const { rows: [{ fsync }] } = await client.query('SHOW fsync');
    const { rows: [{ synchronous_commit: waits }] } = await client.query('SHOW synchronous_commit');
    if (fsync !== 'on' || waits !== 'on') throw new Error(`PostgreSQL does not wait for the disk: fsync ${fsync}, synchronous_commit ${waits}`);
    await client.end();
}

async function spentIn(client) {
    const { rows: [{ held, spent }] } = await client.query('SELECT sum(held)::bigint AS held, sum(spent)::bigint AS spent FROM cap');
    return { held: BigInt(held), spent: BigInt(spent) };
}

/** `depth` callers, each on its own connection with prepared statements; the books are compared afterwards. */
async function postgresPairs(postgres, { depth, caps, milliseconds }) {
    const clients = Array.from({ length: depth }, () => new pg.Client(postgres.connection));
    await Promise.all(clients.map(one => one.connect()));
    try {
        const before = await spentIn(clients[0]);
        const times = [];
        let pairs = 0n;
        const warm = performance.now() + 300;
        const stop = warm + milliseconds;
        await Promise.all(clients.map(async client => {
            for (;;) {
                const began = performance.now();
                if (began >= stop) return;
                const cap = caps === 1 ? hotCap : 1 + Math.floor(Math.random() * caps);
                const id = randomUUID();
                const held = await client.query({ ...reserve, values: [id, cap, 80_000] });
                const settled = held.rowCount === 1 && (await client.query({ ...commit, values: [id, 70_000] }));
                if (settled?.rowCount !== 1) throw new Error('PostgreSQL refused under a cap that has room');
                pairs += 1n;
                const now = performance.now();
                if (began >= warm && now <= stop) times.push(now - began);
            }
        }));
        const after = await spentIn(clients[0]);
        if (after.held !== 0n || after.spent - before.spent !== pairs * 70_000n) throw new Error('the books of PostgreSQL do not add up');
        times.sort((a, b) => a - b);
        const at = share => times[Math.min(times.length - 1, Math.floor(share * times.length))];
        return { rate: (1000 * times.length) / milliseconds, p50: at(0.5), p99: at(0.99) };
    } finally {
        await Promise.all(clients.map(one => one.end()));
    }
}

/** `ends`: gets what ends each part, to be called from its end. */
export async function speed({ folder, quick, ends }) {
    const milliseconds = quick ? 1000 : 2000;
    const count = quick ? 1 : 3;
    const place = mkdtempSync(join(folder, 'purse-speed-'));
    ends.push(() => rmSync(place, { recursive: true, force: true }));
    const disk = execFileSync('stat', ['-f', '-c', '%T', place]).toString().trim();
    let postgres = null;
    if (postgresFolder()) {
        postgres = await startPostgres(folder, ends);
        await makeTables(postgres);
    }
    const rounds = [];
    const floors = [];
    for (let round = 1; round <= count; ++round) {
        const order = round % 2 ? Object.entries(parts) : Object.entries(parts).toReversed();
        const rows = [];
        for (const depth of callers)
            for (const [name, part] of order) {
                console.error(`speed, round ${round} of ${count}, ${depth} caller(s): ${name}`);
                rows.push(...(await part({ folder: join(place, name), milliseconds, postgres, depth, floors })));
            }
        rounds.push(rows);
    }
    return [
        '## Speed', '',
        'A pair is a hold and its settlement, both durable before they are answered.',
        `Medians of ${count} round(s) of ${milliseconds / 1000} s a phase, all in turns; in brackets least..most; ratios within a round.`,
        `Disk: ${disk}; one durable commit of SQLite alone took ${spread(floors, value => value.toFixed(2))} ms.`, '',
        speedTable(rounds, callers), '',
        postgres
            ? `${postgres.version}, default settings (fsync and synchronous_commit on), unix socket, prepared statements, a connection a caller.`
            : 'PostgreSQL: not run: there is none here (Debian: postgresql).',
        'Purse checks five caps, a policy and a credential a call and writes a hash-chained journal; the SDK servers check the same',
        'five caps (bench/README.md); PostgreSQL by hand checks one cap and writes one row, without MCP.', '',
    ].join('\n');
}
