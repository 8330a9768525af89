// SPDX-License-Identifier: Apache-2.0
// How long a decision takes to its line on the operator page, with many agents at work: each is an
// MCP client over HTTP that takes and settles holds without a pause; one stream watches.
//   node latency.mjs BINARY FOLDER [AGENTS] [SECONDS] [--paced MILLISECONDS]
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const [binary, folder, agentsWord = '100', secondsWord = '10'] = process.argv.slice(2).filter(word => !word.startsWith('--'));
const paced = Number(process.argv.includes('--paced') ? process.argv[process.argv.indexOf('--paced') + 1] : 0);
const count = Number(agentsWord);
const seconds = Number(secondsWord);

const policy = {
    version: 1, services: { images: { payee: '0x90F79bf6EB2c4f870365E785982E1f101E93b906' } },
    budgets: { team: { caps: { daily: '100000000' } } },
    agents: Object.fromEntries(Array.from({ length: count }, (_, i) => [`agent-${i}`, { budgets: ['team'], caps: { daily: '1000000' } }])),
};
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const policyFile = join(folder, 'policy.json');
writeFileSync(policyFile, JSON.stringify(policy));
const env = { PATH: process.env.PATH, HOME: folder, PURSE_STATE: join(folder, 'state'), PURSE_POLICY: policyFile };
const command = (...words) => execFileSync(binary, words, { env, stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim();
const secrets = Array.from({ length: count }, (_, i) => command('credential', 'issue', `agent-${i}`));

const server = spawn(binary, ['serve', '--http', '127.0.0.1:0'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
process.on('exit', () => server.kill('SIGKILL'));
const base = await new Promise(resolve =>
    createInterface({ input: server.stderr }).on('line', line => {
        const named = /^purse serves MCP at (\S+)\/mcp$/.exec(line);
        if (named) resolve(new URL(named[1]));
    }));

function ask(method, path, { headers = {}, body, agent } = {}) {
    return new Promise((resolve, reject) => {
        const sent = request({ host: base.hostname, port: base.port, method, path, headers, agent }, response => {
            let text = '';
            response.setEncoding('utf8').on('data', chunk => (text += chunk)).on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
        });
        sent.on('error', reject).end(body);
    });
}

const [, code] = command('operator', 'login').split('#login=');
const login = await ask('POST', '/operator/api/login', { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ code }) });
const cookie = login.headers['set-cookie'][0].split(';')[0];

// txId and kind to the moment at which the line was there, and at which the agent had its answer.
const shown = new Map();
const answered = new Map();
let gaps = 0;
let entries = 0;
request({ host: base.hostname, port: base.port, path: '/operator/api/events', headers: { Cookie: cookie } }, response => {
    let rest = '';
    response.setEncoding('utf8').on('data', chunk => {
        const now = performance.now();
        const blocks = (rest + chunk).split('\n\n');
        rest = blocks.pop();
        for (const block of blocks) {
            if (block.startsWith('event: gap')) gaps += 1;
            if (!block.startsWith('event: entry')) continue;
            entries += 1;
            const entry = JSON.parse(block.slice(block.indexOf('data: ') + 6));
            if (entry.txId) shown.set(`${entry.decision} ${entry.txId}`, now);
        }
    });
}).end();

const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {}, 'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' } };
async function call(secret, agent, name, args) {
    const answer = await ask('POST', '/mcp', {
        agent,
        headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', Authorization: `Bearer ${secret}`, 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call', 'Mcp-Name': name },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args, _meta: meta } }),
    });
    return JSON.parse(answer.text).result.structuredContent;
}

const stop = performance.now() + 1000 * seconds;
let payments = 0;
async function work(secret) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (performance.now() < stop) {
        const { txId } = await call(secret, agent, 'pay_preauthorize', { service: 'images', estimatedCost: '0.08' });
        answered.set(`hold ${txId}`, performance.now());
        await call(secret, agent, 'pay_settle', { txId, actualCost: '0.07' });
        answered.set(`settled ${txId}`, performance.now());
        payments += 1;
        if (paced > 0) await sleep(paced * (0.5 + Math.random()));
    }
    agent.destroy();
}
await Promise.all(secrets.map(work));
await sleep(1000);

const late = [...answered].filter(([key]) => shown.has(key)).map(([key, at]) => shown.get(key) - at).sort((a, b) => a - b);
const at = share => late[Math.min(late.length - 1, Math.floor(share * late.length))].toFixed(1);
console.log(`${count} agents${paced ? `, a payment about every ${paced} ms each` : ', without a pause'}, ${seconds} s: ${payments} payments (${Math.round(payments / seconds)} a second), ${entries} lines shown, ${gaps} gaps`);
console.log(`from the agent's answer to the line on the stream, ms: p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, max ${at(1)}; ${answered.size - late.length} of ${answered.size} decisions not shown (skipped in gaps)`);

// And with the history that this has made: how long the journal takes to look through.
const seq = JSON.parse((await ask('GET', '/operator/api/overview', { headers: { Cookie: cookie } })).text).seq;
async function timed(path) {
    const times = [];
    let answer;
    for (let i = 0; i < 7; ++i) {
        const began = performance.now();
        answer = await ask('GET', `/operator/api/${path}`, { headers: { Cookie: cookie } });
        times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    console.log(`${path}: ${answer.status}, ${(answer.text.length / 1024).toFixed(0)} KiB, median ${times[3].toFixed(1)} ms, first and worst ${times[6].toFixed(1)} ms`);
}
console.log(`with ${seq} journal entries:`);
for (const path of ['overview', 'journal?limit=100', 'journal?agent=agent-7&limit=100', 'journal?agent=nobody', 'journal?decision=operator', `journal?before=${Math.floor(seq / 2)}&limit=100`, 'spend?range=day', 'spend?range=month', 'payouts', 'credentials'])
    await timed(path);
const one = JSON.parse((await ask('GET', '/operator/api/journal?decision=hold&limit=1&before=2000', { headers: { Cookie: cookie } })).text).entries[0];
if (one) await timed(`holds/${one.txId}`);
server.kill('SIGTERM');
await new Promise(resolve => server.on('exit', resolve));
