// SPDX-License-Identifier: Apache-2.0
// For the tests of these examples: a purse with a policy, an agent's credential, and a server.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const run = promisify(execFile);
export const binary = process.env.PURSE_BINARY;
assert.ok(binary, 'PURSE_BINARY names the program; use examples/clients/run');
export const here = fileURLToPath(new URL('.', import.meta.url));

/** { folder, env, credential, credentialFile, status }: an agent `painter` with money to spend. */
export async function stockedPurse(t) {
  const folder = mkdtempSync(join(tmpdir(), 'purse-clients-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const env = {
    PATH: process.env.PATH, HOME: folder,
    PURSE_STATE: join(folder, 'state'), PURSE_POLICY: join(here, '../policy.jsonc'),
  };
  const command = async (...words) => (await run(binary, words, { env, timeout: 20_000 })).stdout;
  const credential = (await command('credential', 'issue', 'painter')).trim();
  const credentialFile = join(folder, 'painter.credential');
  writeFileSync(credentialFile, `${credential}\n`, { mode: 0o600 });
  const status = async () => JSON.parse(await command('agent', 'show', 'painter', '--json'));
  return { folder, env, credential, credentialFile, status };
}

/** `purse serve --http` on a free port; its address. Ends with the test. */
export async function served(t, env) {
  const words = ['serve', '--http', '127.0.0.1:0'];
  const child = spawn(binary, words, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  t.after(() => (child.kill(), ended));
  const lines = createInterface({ input: child.stderr });
  const [line] = await once(lines, 'line', { signal: AbortSignal.timeout(15_000) });
  const address = line.match(/http:\S+\/mcp/);
  assert.ok(address, line);
  return address[0];
}
