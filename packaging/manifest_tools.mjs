// SPDX-License-Identifier: Apache-2.0
// manifest_tools.mjs PROGRAM: writes the tools that the program lists into manifest.json, names and
// descriptions. For whoever changes a tool; tests/packaging compares.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const manifest = new URL('../manifest.json', import.meta.url);
const clientInfo = { name: 'manifest', version: '1' };
const questions = [
  ['initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }],
  ['tools/list', {}],
].map(([method, params], id) => JSON.stringify({ jsonrpc: '2.0', id, method, params }));

const home = mkdtempSync(join(tmpdir(), 'purse-manifest-'));
try {
  const input = `${questions.join('\n')}\n`;
  const env = { HOME: home };
  const said = execFileSync(process.argv[2], ['serve'], { input, env, timeout: 15_000 });
  const { result } = said.toString().trim().split('\n').map(JSON.parse).find(({ id }) => id === 1);
  const lines = result.tools.map(({ name, description }) =>
    `    { "name": ${JSON.stringify(name)},\n      "description": ${JSON.stringify(description)} }`);
  const text = readFileSync(manifest, 'utf8');
  const list = `  "tools": [\n${lines.join(',\n')}\n  ],\n`;
  writeFileSync(manifest, text.replace(/^ {2}"tools": \[\n.*?^ {2}\],\n/ms, () => list));
} finally {
  rmSync(home, { recursive: true, force: true });
}
