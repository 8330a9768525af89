// SPDX-License-Identifier: Apache-2.0
// The program under test with a wallet on the test bed: state folder, keys, policy, commands.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newAccount, writeKeystore } from './keys.mjs';

export const binary = process.env.PURSE_BINARY;
const password = 'a password of tests';
const slugs = { 8453: 'base', 84532: 'base-sepolia' };

/** "0.08" as 80000n, exactly. */
export function micro(text) {
    const [, whole, part = ''] = /^(\d+)(?:\.(\d{1,6}))?$/.exec(text) ?? assert.fail(`no amount of USDC: ${text}`);
    return BigInt(whole) * 1_000_000n + BigInt(part.padEnd(6, '0'));
}

/** 80000n as "0.08". */
export function usdc(amount) {
    const text = String(amount).padStart(7, '0');
    const part = text.slice(-6).replace(/0+$/, '');
    return part ? `${text.slice(0, -6)}.${part}` : text.slice(0, -6);
}

export class WalletPurse {
    /**
     * `options`: chainId, endpoints (urls), payees (addresses: service s0, s1, ... each), agents
     * (names), relayers (how many), wallet (members of wallet.json that replace the usual ones).
     */
    constructor(folder, { chainId = 84532, endpoints, payees, agents = ['buyer'], relayers = 2, wallet = {} }) {
        assert.ok(binary, 'PURSE_BINARY names the program under test; use tests/chain/run');
        this.folder = folder;
        this.state = join(folder, 'state');
        this.policyFile = join(folder, 'policy.jsonc');
        this.payees = payees;
        this.ledger = randomBytes(32).toString('hex');
        this.treasury = newAccount();
        this.relayers = Array.from({ length: relayers }, newAccount);
        this.#writePolicy(agents);
        const home = join(this.state, 'wallet');
        mkdirSync(home, { recursive: true, mode: 0o700 });
        const files = { 'treasury.json': this.treasury, ...Object.fromEntries(this.relayers.map((one, i) => [`relayer-${i + 1}.json`, one])) };
        for (const [name, account] of Object.entries(files)) writeKeystore(join(home, name), account, password);
        writeFileSync(join(home, 'password'), `${password}\n`, { mode: 0o600 });
        this.walletFile = join(home, 'wallet.json');
        this.#wallet = {
            version: 1, ledger: this.ledger, chain: slugs[chainId], endpoints, treasury: { keystore: 'treasury.json' },
            relayers: this.relayers.map((_, i) => ({ keystore: `relayer-${i + 1}.json` })), passwordFile: 'password',
            pay: { when: 'immediate', owedMax: '1000' }, fees: { maxFeePerGas: '200' }, validFor: '24h',
            timing: { poll: '200ms', rebroadcast: '500ms', bump: '1500ms', timeout: '700ms' },
        };
        this.changeWallet(wallet);
    }

    #wallet;

    /** Replaces members of wallet.json; a running server does not read it again. */
    changeWallet(members) {
        Object.assign(this.#wallet, members);
        writeFileSync(this.walletFile, JSON.stringify(this.#wallet, null, 2), { mode: 0o600 });
    }

    #writePolicy(agents) {
        const services = Object.fromEntries(this.payees.map((payee, i) => [`s${i}`, { payee }]));
        const rules = { allow: { services: Object.keys(services) }, hold: { ttl: '15m' } };
        writeFileSync(this.policyFile, JSON.stringify({ version: 1, services, agents: Object.fromEntries(agents.map(name => [name, rules])) }));
    }

    /** Environment of a server. Nothing of the user's own settings reaches it. */
    env(credential, policy = this.policyFile) {
        return {
            HOME: this.folder, PATH: process.env.PATH, PURSE_STATE: this.state,
            ...(policy && { PURSE_POLICY: policy }), ...(credential && { PURSE_CREDENTIAL: credential }),
        };
    }

    /** Runs an operator's command: { code, stdout, stderr }, whatever it thinks of it. */
    command(...words) {
        return this.#run([...words, '--state', this.state, '--policy', this.policyFile]);
    }
    /** A command that knows no policy. */
    stateCommand(...words) {
        return this.#run([...words, '--state', this.state]);
    }
    #run(words) {
        return new Promise((resolve, reject) => {
            execFile(binary, words, { env: this.env(), timeout: 60_000, maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) => {
                if (error && typeof error.code !== 'number') reject(new Error(`purse ${words.join(' ')}: ${error.message}`));
                else resolve({ code: error?.code ?? 0, stdout, stderr });
            });
        });
    }

    async issue(agent) {
        const { code, stdout, stderr } = await this.command('credential', 'issue', agent);
        assert.equal(code, 0, stderr);
        return stdout.trim();
    }

    /** { payouts, payees } of `payout list --json`. */
    async payouts() {
        const { code, stdout, stderr } = await this.stateCommand('payout', 'list', '--json');
        assert.equal(code, 0, `purse payout list: ${stderr}`);
        return JSON.parse(stdout);
    }
    reconcile() {
        return this.stateCommand('reconcile', '--json');
    }
    verifyJournal() {
        return this.stateCommand('journal', 'verify');
    }
}

