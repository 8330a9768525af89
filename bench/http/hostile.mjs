// SPDX-License-Identifier: Apache-2.0
// How fast /healthz answers, and how much the server grows, while one kind of hostile client is at work.
//   node bench/http/hostile.mjs PURSE FOLDER [SECONDS]
// Each kind runs in a process of its own (this file again), so that only the server is shared with
// the one that measures. Prints a line a kind: answers, p50, p99, worst, growth of VmRSS.
import { fork, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const open = (port, host = '127.0.0.1') => new Promise((resolve, reject) => {
    const socket = net.connect(port, host, () => resolve(socket));
    socket.on('error', reject);
    socket.on('error', () => {});
});
const post = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';

/** Opens `count` sockets again and again: each does `act` and is replaced when it is closed. */
async function crowd(port, count, act) {
    const one = async () => {
        for (;;) {
            try {
                const socket = await open(port);
                const closed = new Promise(resolve => socket.once('close', resolve));
                socket.resume();
                act(socket);
                await closed;
            } catch {
                await sleep(10);
            }
        }
    };
    await Promise.all(Array.from({ length: count }, one));
}
const drip = (socket, first, piece) => {
    socket.write(first);
    const timer = setInterval(() => socket.write(piece), 200);
    socket.once('close', () => clearInterval(timer));
};
const flood = (socket, first, piece) => {
    socket.write(first);
    const more = () => {
        while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', more);
    more();
};
const mib = 'x'.repeat(1 << 20);
const kinds = {
    'nobody': () => sleep(1e9),
    'slow header': port => crowd(port, 500, s => drip(s, 'GET /healthz HTTP/1.1\r\nX: ', 'x')),
    'slow body': port => crowd(port, 500, s => drip(s, `${post}Content-Length: 60000\r\n\r\n`, ' ')),
    'large slow bodies': port => crowd(port, 1000, s => drip(s, `${post}Content-Length: 65536\r\n\r\n${' '.repeat(60000)}`, ' ')),
    'half-open': port => crowd(port, 500, s => s.write('POST /mcp HTTP/1.1\r\n')),
    '100 MB header': port => crowd(port, 4, s => flood(s, 'GET /mcp HTTP/1.1\r\nX: ', mib)),
    'endless chunks': port => crowd(port, 4, s => flood(s, `${post}Transfer-Encoding: chunked\r\n\r\n`, `100000\r\n${mib}\r\n`)),
    '10 MB body': port => crowd(port, 4, s => flood(s, `${post}Content-Length: 10485760\r\n\r\n`, mib)),
    'bad UTF-8': port => crowd(port, 32, s => s.end(Buffer.concat([Buffer.from(`${post}Content-Length: 4\r\n\r\n`), Buffer.from([0x22, 0xff, 0xfe, 0x22])]))),
    'smuggling pairs': port => crowd(port, 32, s => s.write(`${post}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n`)),
    'depth bomb': port => crowd(port, 32, s => s.end(`${post}Content-Length: 60000\r\n\r\n${'['.repeat(60000)}`)),
    'bad credentials': port => crowd(port, 64, s => s.end(`${post}Authorization: Bearer purse_x_${Math.random()}\r\nContent-Length: 2\r\n\r\n{}`)),
    'an SSE reader that never reads': port => crowd(port, 64, s => { s.write('GET /sse HTTP/1.1\r\nHost: localhost\r\n\r\n'); s.pause(); }),
    '10,000 idle connections': port => crowd(port, 10_000, () => {}),
};

const memory = pid => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

async function measure(pid, port, seconds) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ask = () => new Promise((resolve, reject) => {
        http.get({ port, host: '127.0.0.1', path: '/healthz', agent }, answer => {
            answer.resume();
            answer.once('end', () => answer.statusCode === 200 ? resolve() : reject(new Error(`${answer.statusCode}`)));
        }).once('error', reject);
    });
    const times = [];
    let most = 0;
    for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
        const began = process.hrtime.bigint();
        await ask();
        times.push(Number(process.hrtime.bigint() - began) / 1e6);
        if (times.length % 50 === 0) most = Math.max(most, memory(pid));
        await sleep(1);
    }
    agent.destroy();
    times.sort((a, b) => a - b);
    return { times, most: Math.max(most, memory(pid)) };
}

async function main([purse, folder, seconds = '5', only]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    console.log('hostile client                    answers   p50 ms   p99 ms  worst ms  growth MiB');
    for (const kind of only ? [only] : Object.keys(kinds)) {
        const server = spawn(purse, ['serve', '--http', '127.0.0.1:0', '--state', `${folder}/${kind.replaceAll(' ', '-')}`, '--log', 'off'], { stdio: ['ignore', 'ignore', 'pipe'] });
        let said = '';
        const port = await new Promise(resolve => server.stderr.on('data', text => {
            said += text;
            const found = /:(\d+)\/mcp/.exec(said);
            if (found) resolve(Number(found[1]));
        }));
        await measure(server.pid, port, 0.5);
        const before = memory(server.pid);
        const hostile = fork(fileURLToPath(import.meta.url), ['--hostile', kind, `${port}`]);
        await sleep(kind.startsWith('10,000') ? 3000 : 500);
        const { times, most } = await measure(server.pid, port, Number(seconds));
        const at = share => times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(2);
        console.log(`${kind.padEnd(32)} ${`${times.length}`.padStart(8)} ${at(0.5).padStart(8)} ${at(0.99).padStart(8)} ${at(1).padStart(9)} ${((most - before) / 1024).toFixed(1).padStart(11)}`);
        hostile.kill('SIGKILL');
        server.kill();
        await new Promise(resolve => server.once('exit', resolve));
    }
}

if (process.argv[2] === '--hostile') await kinds[process.argv[3]](Number(process.argv[4]));
else await main(process.argv.slice(2));
