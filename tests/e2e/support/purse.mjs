// SPDX-License-Identifier: Apache-2.0
// The program under test with a state folder and a policy file of its own.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { endOf } from './audit.mjs';

const run = promisify(execFile);
const policyText = readFileSync(new URL('../policy.jsonc', import.meta.url), 'utf8');

export const binary = process.env.PURSE_BINARY;
assert.ok(binary, 'PURSE_BINARY names the program under test; use tests/e2e/run');

/** A fresh purse. At the end of the test `t` its books are audited; then everything of it is gone. */
export function freshPurse(t) {
    const purse = new Purse(mkdtempSync(join(tmpdir(), 'purse-e2e-')));
    t.after(() => endOf(purse));
    return purse;
}

export class Purse {
    constructor(folder) {
        this.folder = folder;
        this.state = join(folder, 'state');
        this.policyFile = join(folder, 'policy.jsonc');
        this.writePolicy(text => text.replace('"from": "03:00", "to": "03:01"', openLater()));
    }

    /** Writes the policy anew: `change` gets the text of policy.jsonc beside these tests. */
    writePolicy(change) {
        writeFileSync(this.policyFile, change(policyText));
    }

    hasState() {
        return existsSync(this.state);
    }

    /** Environment of a server. Nothing of the user's own settings reaches it. */
    env(credential, policy = this.policyFile) {
        return {
            HOME: this.folder, XDG_STATE_HOME: join(this.folder, 'xdg-state'), XDG_CONFIG_HOME: join(this.folder, 'xdg-config'),
            PATH: process.env.PATH, PURSE_STATE: this.state,
            ...(policy && { PURSE_POLICY: policy }), ...(credential && { PURSE_CREDENTIAL: credential }),
        };
    }

    /** Runs an operator's command; { stdout, stderr }. Rejects when it fails. */
    command(...words) {
        const places = ['--state', this.state, '--policy', this.policyFile];
        return run(binary, [...words, ...places], { env: this.env(), timeout: 20_000, maxBuffer: 64 * 1024 * 1024 });
    }

    /** A new credential: the secret, alone on standard output. */
    async issue(agent, ...options) {
        const { stdout } = await this.command('credential', 'issue', agent, ...options);
        assert.match(stdout, new RegExp(`^purse_${agent}_[0-9a-z]{52}\n$`));
        return stdout.trim();
    }

    /** The public ids of all credentials, as `credential list` shows them. */
    async credentialIds() {
        const { stdout } = await this.command('credential', 'list');
        return [...new Set(stdout.match(/cred_[0-9a-z]{10}\b/g) ?? [])];
    }
}

/** One minute that is over two hours away. */
function openLater() {
    const clock = minutes => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
    return `"from": "${clock(120)}", "to": "${clock(121)}"`;
}
