// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL server of this run's own, with its default settings (fsync and synchronous_commit on),
// as an ordinary user on a unix socket.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endOf, isAlive, killHard } from '../../tests/chain/support/child.mjs';

const home = '/usr/lib/postgresql';
const patience = 10_000;
const linesMax = 20;

/** The folder of initdb and postgres, the newest there is; null without. */
export function postgresFolder() {
    const versions = existsSync(home) ? readdirSync(home).filter(name => /^\d+$/.test(name)) : [];
    const folders = versions.toSorted((a, b) => b - a).map(version => join(home, version, 'bin'));
    return folders.find(folder => existsSync(join(folder, 'initdb'))) ?? null;
}

/** PostgreSQL refuses to run as root: then as nobody. */
function ordinaryUser() {
    if (process.getuid() !== 0) return null;
    const id = flag => Number(execFileSync('id', [flag, 'nobody']));
    return { uid: id('-u'), gid: id('-g') };
}

/**
 * `folder`: where its data may lie, on a real disk, in folders that everyone may pass; `ends`: gets what
 * ends it, to be called from its end.
 */
export async function startPostgres(folder, ends) {
    const programs = postgresFolder();
    const user = ordinaryUser();
    const place = mkdtempSync(join(folder, 'purse-pg-'));
    // A socket's path may have 107 bytes.
    const sockets = mkdtempSync(join(tmpdir(), 'purse-pg-'));
    ends.push(() => [place, sockets].forEach(one => rmSync(one, { recursive: true, force: true })));
    if (user) for (const one of [place, sockets]) chownSync(one, user.uid, user.gid);
    chmodSync(sockets, 0o755);
    const data = join(place, 'data');
    const options = { cwd: '/', env: { PATH: process.env.PATH, LC_ALL: 'C' } };
    const words = ['-D', data, '-U', 'purse', '-A', 'trust', '-E', 'UTF8', '--no-instructions'];
    execFileSync(join(programs, 'initdb'), words, { ...options, ...user, stdio: ['ignore', 'ignore', 'inherit'] });
    // The kernel ends it with this process; a change of user undoes that wish, so it is one step.
    const identity = user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : [];
    const child = spawn('setpriv', [
        ...identity, '--pdeathsig', 'KILL', '--', join(programs, 'postgres'), '-D', data, '-c', 'listen_addresses=',
        '-c', `unix_socket_directories=${sockets}`, '-c', 'max_connections=120',
    ], { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
    ends.push(() => stop(child));
    await new Promise((resolve, reject) => {
        const said = [];
        createInterface({ input: child.stderr }).on('line', line => {
            said.push(line);
            if (said.length > linesMax) said.shift();
            if (line.includes('ready to accept connections')) resolve();
        });
        endOf(child).then(() => reject(new Error(`PostgreSQL ended: ${said.join('\n')}`)));
    });
    const version = execFileSync(join(programs, 'postgres'), ['--version']).toString().trim();
    return { connection: { host: sockets, user: 'purse', database: 'postgres' }, version };
}

/** SIGINT is its fast shutdown; what holds on is killed. */
async function stop(child) {
    if (!isAlive(child)) return;
    const ended = endOf(child);
    child.kill('SIGINT');
    const late = setTimeout(() => killHard(child), patience);
    await ended;
    clearTimeout(late);
}
