// SPDX-License-Identifier: Apache-2.0
// The configurations for hosts: their form, and each server in them started or asked, with the
// host's part (putting values in the place of placeholders) done here.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { binary, here, run, served, stockedPurse } from './support.mjs';

const limit = { timeout: 60_000 };
const read = file => JSON.parse(readFileSync(join(here, file), 'utf8'));
const initialize = {
  jsonrpc: '2.0', id: 1, method: 'initialize',
  params: {
    protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' },
  },
};
const hold = {
  jsonrpc: '2.0', id: 2, method: 'tools/call',
  params: { name: 'pay_preauthorize', arguments: { service: 'images', estimatedCost: '0.08' } },
};

// Which fields a host takes, and how it names what it puts in by itself.
const hosts = {
  'claude_desktop_config.json': { key: 'mcpServers', stdio: ['command', 'args', 'env'] },
  'claude-code.mcp.json': {
    key: 'mcpServers', stdio: ['type', 'command', 'args', 'env'], http: ['type', 'url', 'headers'],
    placeholder: /^(HOME|PURSE_CREDENTIAL)$/,
  },
  'cursor.mcp.json': {
    key: 'mcpServers', stdio: ['command', 'args', 'env'], http: ['url', 'headers'],
    placeholder: /^(userHome|env:PURSE_CREDENTIAL)$/,
  },
  'vscode.mcp.json': {
    key: 'servers', stdio: ['type', 'command', 'args', 'env'], http: ['type', 'url', 'headers'],
    placeholder: /^input:purse-credential$/,
  },
};

test('every configuration in this folder is tested', () => {
  const files = readdirSync(here).filter(name => /^(?!package).*\.json$/.test(name));
  assert.deepEqual(files.sort(), Object.keys(hosts).sort());
});

test('VS Code asks for the secret without showing it', () => {
  const [input, ...more] = read('vscode.mcp.json').inputs;
  assert.equal(more.length, 0);
  const { type, id, password } = input;
  assert.deepEqual([type, id, password], ['promptString', 'purse-credential', true]);
});

/** `value` with what the host knows in the place of its placeholders. */
function filled(value, host, purse) {
  const text = JSON.stringify(value).replaceAll(/\$\{([^}]*)\}/g, (_, name) => {
    assert.match(name, host.placeholder ?? /^$/, 'a placeholder that the host does not know');
    return /HOME|userHome/.test(name) ? purse.folder : purse.credential;
  });
  return JSON.parse(text.replaceAll(/[^"]*\/painter\.credential/g, purse.credentialFile));
}

// What the program reads from its environment, as its sources name it.
const settings = readFileSync(join(here, '../../server/settings.cpp'), 'utf8');
const known = new Set(settings.match(/(?<=")PURSE_[A-Z_]+(?=")/g));

for (const [file, host] of Object.entries(hosts)) {
  const whole = read(file);
  for (const [name, server] of Object.entries(whole[host.key])) {
    test(`${file}: ${name}`, limit, async t => {
      assert.deepEqual(Object.keys(whole).filter(key => key !== 'inputs'), [host.key]);
      const isHttp = 'url' in server;
      assert.deepEqual(Object.keys(server), isHttp ? host.http : host.stdio);
      if (server.type) assert.equal(server.type, isHttp ? 'http' : 'stdio');
      const purse = await stockedPurse(t);
      await (isHttp ? ask : start)(t, server, host, purse);
    });
  }
}

async function start(t, server, host, purse) {
  assert.equal(basename(server.command), 'purse');
  for (const name of Object.keys(server.env)) assert.ok(known.has(name), name);
  const env = { ...purse.env, ...filled(server.env, host, purse) };
  const child = spawn(binary, server.args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  t.after(() => (child.kill(), ended));
  child.stdin.end(`${JSON.stringify(initialize)}\n${JSON.stringify(hold)}\n`);
  const answers = [];
  for await (const line of createInterface({ input: child.stdout })) answers.push(JSON.parse(line));
  assert.equal(answers.find(({ id }) => id === 1).result.serverInfo.name, 'purse');
  // The policy knows no sandbox: this is painter's credential at work.
  assert.equal(answers.find(({ id }) => id === 2).result.structuredContent.ok, true);
  assert.deepEqual(await ended, [0, null]);
}

async function ask(t, server, host, purse) {
  const { url, headers } = filled(server, host, purse);
  assert.equal(url, 'http://127.0.0.1:8377/mcp', 'the address of the documents');
  const address = await served(t, purse.env);
  const common = {
    Accept: 'application/json, text/event-stream', 'Content-Type': 'application/json',
  };
  const post = more => fetch(address, {
    method: 'POST', headers: { ...common, ...more }, body: JSON.stringify(initialize),
  });
  const answer = await post(headers);
  assert.equal(answer.status, 200);
  assert.equal((await answer.json()).result.serverInfo.name, 'purse');
  // A host that leaves its placeholder standing is let in as nobody.
  assert.equal((await post(server.headers)).status, 401);
}

test('claude-code.sh says what the program understands', limit, async t => {
  const script = readFileSync(join(here, 'claude-code.sh'), 'utf8');
  const names = [...script.matchAll(/--env (PURSE_[A-Z_]+)=/g)].map(([, name]) => name);
  assert.ok(names.length > 0);
  for (const name of names) assert.ok(known.has(name), name);
  await run('bash', ['-n', join(here, 'claude-code.sh')]);
  // What it has Claude Code do, with a stand-in that says what it was asked for.
  const purse = await stockedPurse(t);
  const standIn = 'claude() { printf "%s\\n" "$@"; }; export -f claude; bash "$0"';
  const { stdout } = await run('bash', ['-c', standIn, join(here, 'claude-code.sh')], {
    env: { ...purse.env, CREDENTIAL_FILE: purse.credentialFile },
  });
  assert.match(stdout, /^mcp\nadd\n/m);
  assert.ok(stdout.includes(`PURSE_CREDENTIAL_FILE=${purse.credentialFile}`));
  assert.ok(stdout.includes(`Authorization: Bearer ${purse.credential}`));
});
