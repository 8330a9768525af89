// SPDX-License-Identifier: Apache-2.0
// A purse that has been at work for hours, where `faketime` is there to shift the clock of a
// process; without it the past is short.
import { execFileSync } from 'node:child_process';
import { RawPeer } from '../../e2e/support/raw.mjs';

/** Environment that shifts a process's clock by so many minutes; null: not on this machine. */
function shifted(minutes) {
    try {
        const text = execFileSync('faketime', ['-f', `${minutes}m`, 'env'], { encoding: 'utf8' });
        return Object.fromEntries(text.split('\n').map(line => /^(LD_PRELOAD|FAKETIME[A-Z_]*)=(.*)$/.exec(line))
            .filter(Boolean).map(([, name, value]) => [name, value]));
    } catch {
        return null;
    }
}

export const hasPast = shifted(-1) !== null;

/** Does `work` with a purse whose processes all run so many minutes ago. */
export async function ago(purse, minutes, work) {
    const plain = purse.env;
    const clock = shifted(-minutes);
    purse.env = (...parts) => ({ ...plain.apply(purse, parts), ...clock });
    try {
        return await work();
    } finally {
        purse.env = plain;
    }
}

/** An agent on standard input and output: `spend` holds and settles. */
export class PastAgent {
    constructor(t, purse, credential) {
        this.peer = new RawPeer(t, purse.env(credential));
    }
    async #call(name, args) {
        const { result } = await this.peer.modern('tools/call', { name, arguments: args });
        return result.structuredContent;
    }
    async spend(args) {
        const held = await this.#call('pay_preauthorize', args);
        if (held.ok) await this.#call('pay_settle', { txId: held.txId, actualCost: args.estimatedCost });
    }
    close() {
        return this.peer.close();
    }
}
