// SPDX-License-Identifier: Apache-2.0
// The bundle as `./dev bundle` left it, taken apart, and a peer that speaks to what is in it.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const run = promisify(execFile);
export const root = fileURLToPath(new URL('../../', import.meta.url));
export const json = file => JSON.parse(readFileSync(file, 'utf8'));
export const manifest = json(join(root, 'manifest.json'));
export const serverEntry = json(join(root, 'server.json'));
/** Packages of packaging/: the official tool, and the JSON Schema validator. */
export const packaged = createRequire(join(root, 'packaging/package.json'));

const patience = 15_000;
const made = join(root, 'build/bundle');
export const bundleFiles = readdirSync(made).filter(name => name.endsWith('.mcpb'));
export const bundleFile = join(made, bundleFiles[0]);
export const madeEntry = join(made, 'server.json');

/** A folder that is gone after `t`. */
export function scratch(t) {
    const folder = mkdtempSync(join(tmpdir(), 'purse-packaging-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
}

/** The bundle's files, as a host lays them down. */
export async function unpacked(t) {
    const folder = scratch(t);
    await run('unzip', ['-q', bundleFile, '-d', folder]);
    return folder;
}

/** The official tool: its exit code and what it said. */
export async function mcpb(...words) {
    const cli = join(root, 'packaging/node_modules/@anthropic-ai/mcpb/dist/cli/cli.js');
    try {
        const { stdout } = await run(process.execPath, [cli, ...words], { timeout: 60_000 });
        return { code: 0, said: stdout };
    } catch (error) {
        return { code: error.code, said: error.stdout + error.stderr };
    }
}

/**
 * What a host starts for these values of the user's: by the official package's own substitution.
 * A key that is missing in `values` was left empty.
 */
export async function commandOf(folder, values) {
    const { getMcpConfigForManifest } = await import(packaged.resolve('@anthropic-ai/mcpb'));
    return getMcpConfigForManifest({
        manifest: json(join(folder, 'manifest.json')), extensionPath: folder, systemDirs: {},
        userConfig: values, pathSeparator: '/',
    });
}

const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'purse-packaging', version: '1.0.0' },
};

/** Starts a command and asks it, one question at a time. Its environment is `env` and no more. */
export class Peer {
    #nextId = 1;

    constructor(t, { command, args, env, cwd }) {
        this.process = spawn(command, args, { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
        this.process.stdin.on('error', () => {});
        this.complaints = '';
        this.process.stderr.on('data', text => (this.complaints += text));
        this.ended = once(this.process, 'exit');
        this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
        t.after(() => this.close());
    }

    async ask(method, params) {
        const id = this.#nextId++;
        this.process.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
        let timer;
        const late = new Promise((_, reject) => {
            timer = setTimeout(() => reject(new Error(`no answer to ${method}`)), patience);
        });
        const { value, done } = await Promise.race([this.lines.next(), late]);
        clearTimeout(timer);
        assert.ok(!done, `ended before its answer to ${method}: ${this.complaints}`);
        const answer = JSON.parse(value);
        assert.equal(answer.id, id);
        assert.ok(answer.result, value);
        return answer.result;
    }

    askModern(method, params = {}) {
        return this.ask(method, { ...params, _meta: meta });
    }

    initialize() {
        const clientInfo = { name: 'purse-packaging', version: '1.0.0' };
        const protocolVersion = '2025-11-25';
        return this.ask('initialize', { protocolVersion, capabilities: {}, clientInfo });
    }

    /** Ends its input; the exit code. */
    async close() {
        this.process.stdin.end();
        const timer = setTimeout(() => this.process.kill('SIGKILL'), patience);
        const [code] = await this.ended;
        clearTimeout(timer);
        return code;
    }
}
