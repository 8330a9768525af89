// SPDX-License-Identifier: Apache-2.0
// Child processes that never outlive their parent, however it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** spawn(), but the kernel kills the child when this process dies. */
export function spawnBound(program, args, options) {
    return spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args], options);
}

/** { code, signal } at the end of a child. */
export function endOf(child) {
    return new Promise(resolve => child.once('exit', (code, signal) => resolve({ code, signal })));
}

export const isAlive = child => child.exitCode === null && child.signalCode === null && child.pid !== undefined;

/** SIGKILL, and waits. */
export async function killHard(child) {
    if (!isAlive(child)) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
}
