// SPDX-License-Identifier: Apache-2.0
// Webhooks by the real program, to a receiver that checks signatures with the official library.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { approved, refused } from './support/answers.mjs';
import { HttpServer } from './support/http.mjs';
import { binary, freshPurse } from './support/purse.mjs';
import { open, pinned as stdio } from './support/setups.mjs';

const limit = { timeout: 120_000 };
const asking = (session, estimatedCost) => session.call('pay_preauthorize', { service: 'images', estimatedCost });

/** Keeps what it gets; `answer` decides what it says. */
class Receiver {
    constructor(t) {
        this.messages = [];
        this.answer = (_message, response) => response.writeHead(204).end();
        this.server = createServer((request, response) => {
            let body = '';
            request.setEncoding('utf8').on('data', part => { body += part; }).on('end', () => {
                const message = { headers: request.headers, body, id: request.headers['webhook-id'], ...JSON.parse(body) };
                this.messages.push(message);
                this.answer(message, response);
            });
        });
        t.after(() => { this.server.closeAllConnections(); this.server.close(); });
    }
    async listen() {
        this.server.listen(0, '127.0.0.1');
        await once(this.server, 'listening');
        this.url = `http://127.0.0.1:${this.server.address().port}/hook?key=secret-part`;
        return this;
    }
    types() {
        return this.messages.map(message => message.type);
    }
    /** Until `there` says so of the messages; the test's own time limit is the bound. */
    async until(there) {
        while (!there(this.messages)) await sleep(20);
    }
}

const receiver = t => new Receiver(t).listen();

/** Adds a webhook; its id and its secret. */
async function added(purse, url, ...options) {
    const { stdout, stderr } = await purse.command('webhook', 'add', url, ...options);
    assert.match(stdout, /^whsec_[A-Za-z0-9+/]{43}=\n$/, 'the secret is alone on standard output');
    return { id: stderr.match(/wh_[0-9a-z]{10}/)[0], secret: stdout.trim() };
}

const failing = async command => {
    try {
        await command;
    } catch (error) {
        return error;
    }
    assert.fail('it should have failed');
};

test('a payment is told of, signed, and the official library agrees', limit, async t => {
    const purse = freshPurse(t);
    const credential = await purse.issue('buyer');
    const to = await receiver(t);
    const { id, secret } = await added(purse, to.url, '--events', 'decision.*,payment.*,cap.threshold');
    const session = await open(t, stdio, purse.env(credential));
    const { txId } = approved(await asking(session, '1'));
    approved(await session.call('pay_settle', { txId, actualCost: '0.9' }));
    refused(await asking(session, '6'), 'transaction_limit_exceeded');
    await to.until(messages => messages.length >= 3);
    assert.deepEqual(to.types(), ['decision.approved', 'payment.settled', 'decision.refused']);
    const verifier = new Webhook(secret);
    for (const { body, headers, data } of to.messages) {
        assert.deepEqual(verifier.verify(body, headers).data, data);
        assert.throws(() => verifier.verify(body.replace('"', "'"), headers));
        assert.equal(headers['content-type'], 'application/json');
    }
    assert.equal(to.messages[0].data.txId, txId);

    // What was sent is the entry, byte for byte.
    const { stdout: entries } = await purse.command('journal', 'tail', '--json', '-n', '100');
    assert.ok(entries.split('\n').includes(to.messages[0].body.match(/^{"data":(.*),"timestamp":/)[1]));
    assert.ok(!entries.includes('secret-part') && !entries.includes(secret), 'the journal shows neither path nor secret');

    const { stdout: list } = await purse.command('webhook', 'list', '--json');
    assert.ok(!list.includes('secret-part') && !list.includes(secret));
    const [row] = JSON.parse(list);
    assert.deepEqual([row.id, row.state, row.delivered, row.waiting, row.dead], [id, 'on', 3, 0, 0]);
});

test('80 and 95 percent of a cap are told once each', limit, async t => {
    const purse = freshPurse(t);
    const credential = await purse.issue('poor');
    const to = await receiver(t);
    await added(purse, to.url, '--events', 'cap.threshold', '--agent', 'poor');
    const session = await open(t, stdio, purse.env(credential));
    approved(await asking(session, '0.8'));
    approved(await asking(session, '0.1'));
    approved(await asking(session, '0.1'));
    await to.until(messages => messages.length >= 2);
    await purse.command('webhook', 'deliver');
    const told = to.messages.filter(({ data }) => data.budget === 'agent/poor').map(({ data }) => [data.cap, data.percent]);
    assert.equal(new Set(told.map(String)).size, told.length, `none twice: ${told}`);
    assert.deepEqual(told.map(([, percent]) => percent).sort(), told.map(([, percent]) => percent).sort());
    assert.ok(told.some(([, percent]) => percent === 80) && told.some(([, percent]) => percent === 95), String(told));
});

test('receivers that fail in every way get it again, and hold up neither payments nor others', limit, async t => {
    const purse = freshPurse(t);
    const credential = await purse.issue('buyer');
    const good = await receiver(t);
    const failures = {
        'says 500': (_message, response) => response.writeHead(500).end(),
        'closes': (_message, response) => response.destroy(),
        'redirects': (_message, response) => response.writeHead(302, { location: good.url }).end(),
    };
    const bad = [];
    for (const [name, answer] of Object.entries(failures)) {
        const to = await receiver(t);
        to.name = name;
        to.answer = (message, response) => (to.messages.length === 1 ? answer(message, response) : response.end());
        bad.push({ to, ...await added(purse, to.url, '--events', 'decision.approved') });
    }
    // One that never answers, and one that answers what is no HTTP.
    const hanging = await receiver(t);
    hanging.answer = () => {};
    await added(purse, hanging.url, '--events', 'decision.approved');
    let garbled = 0;
    const garbage = createTcpServer(socket => socket.on('error', () => {}).once('data', () => { ++garbled; socket.end('220 mail.example ready\r\n'); }));
    garbage.listen(0, '127.0.0.1');
    await once(garbage, 'listening');
    t.after(() => garbage.close());
    await added(purse, `http://127.0.0.1:${garbage.address().port}/`, '--events', 'decision.approved');
    await added(purse, good.url, '--events', 'decision.approved');

    const session = await open(t, stdio, purse.env(credential));
    for (let i = 0; i < 3; ++i) approved(await asking(session, '0.01'));
    await good.until(messages => messages.length === 3);
    for (const { to } of bad) {
        await to.until(messages => messages.length === 4);
        const [first] = to.messages;
        assert.equal(to.messages[3].id, first.id, `${to.name}: the same id again`);
        assert.equal(to.messages[3].body, first.body);
        assert.equal(new Set(to.messages.map(message => message.id)).size, 3);
    }
    await hanging.until(messages => messages.length >= 1);
    while (garbled === 0) await sleep(20);
    assert.equal(good.messages.length, 3, 'no redirect was followed');
    approved(await asking(session, '0.01'));
});

test('killed between sending and storing: delivered twice under one id, never lost', limit, async t => {
    const purse = freshPurse(t);
    await purse.issue('buyer');
    const to = await receiver(t);
    await added(purse, to.url, '--events', 'freeze.*');
    for (const verb of ['freeze', 'unfreeze', 'freeze', 'unfreeze', 'freeze']) await purse.command(verb, 'all');
    const env = { ...purse.env(), PURSE_CRASH_AT: 'webhook_sent:3' };
    const child = spawn(binary, ['webhook', 'deliver', '--state', purse.state], { env, stdio: 'ignore' });
    const [, signal] = await once(child, 'exit');
    assert.equal(signal, 'SIGKILL');
    assert.equal(to.messages.length, 3);
    assert.match((await purse.command('webhook', 'deliver')).stdout, /^5 messages delivered, 0 wait /);
    const ids = to.messages.map(message => message.id);
    assert.equal(ids.length, 8);
    assert.equal(new Set(ids).size, 5);
    assert.deepEqual(ids.slice(3, 6), ids.slice(0, 3));
    assert.match((await purse.command('webhook', 'deliver')).stdout, /^0 messages delivered/);
});

test('of two servers one delivers, and the other when that one is killed', limit, async t => {
    const purse = freshPurse(t);
    const credential = await purse.issue('buyer');
    const to = await receiver(t);
    await added(purse, to.url, '--events', 'decision.approved');
    const first = await open(t, stdio, purse.env(credential));
    approved(await asking(first, '0.01'));
    await to.until(messages => messages.length === 1);
    const second = await open(t, stdio, purse.env(credential));
    for (let i = 0; i < 10; ++i) approved(await asking(i % 2 ? first : second, '0.01'));
    await to.until(messages => messages.length === 11);
    process.kill(first.transport.pid, 'SIGKILL');
    for (let i = 0; i < 3; ++i) approved(await asking(second, '0.01'));
    await to.until(messages => new Set(messages.map(message => message.id)).size === 14);
});

test('a server of HTTP alone delivers, also a webhook that was added while it ran, and ends while a receiver hangs', limit, async t => {
    const purse = freshPurse(t);
    const credential = await purse.issue('buyer');
    const server = await HttpServer.start(t, purse);
    const talk = await server.initialize(credential);
    const hanging = await receiver(t);
    hanging.answer = () => {};
    await added(purse, hanging.url, '--events', 'decision.*');
    const to = await receiver(t);
    await added(purse, to.url, '--events', 'decision.*');
    approved(await talk.call('pay_preauthorize', { service: 'images', estimatedCost: '0.01' }));
    await to.until(messages => messages.length === 1);
    await hanging.until(messages => messages.length === 1);
    assert.equal((await server.stop()).code, 0);
    assert.match((await purse.command('doctor')).stdout, /ok +webhook wh_/);
});

test('a receiver that answers 410 is left alone until the operator says otherwise', limit, async t => {
    const purse = freshPurse(t);
    await purse.issue('buyer');
    const to = await receiver(t);
    to.answer = (_message, response) => response.writeHead(410).end();
    const { id } = await added(purse, to.url, '--events', 'freeze.*');
    await purse.command('freeze', 'all');
    await purse.command('webhook', 'deliver');
    await purse.command('unfreeze', 'all');
    await purse.command('webhook', 'deliver');
    assert.deepEqual(to.types(), ['freeze.begun']);
    assert.equal(JSON.parse((await purse.command('webhook', 'list', '--json')).stdout)[0].state, 'off');
    to.answer = (_message, response) => response.end();
    await purse.command('webhook', 'retry', id);
    await purse.command('webhook', 'deliver');
    assert.deepEqual(to.types(), ['freeze.begun', 'freeze.begun', 'freeze.ended']);
});

test('a ping says what came back; a new secret signs beside the old one', limit, async t => {
    const purse = freshPurse(t);
    await purse.issue('buyer');
    const to = await receiver(t);
    const { id, secret } = await added(purse, to.url);
    to.answer = (_message, response) => response.writeHead(200).end('thank you');
    const { stdout } = await purse.command('webhook', 'test', id);
    assert.match(stdout, /^http:\/\/127\.0\.0\.1:\d+ answered 200 in \d+ ms: thank you\n$/);
    assert.equal(to.messages[0].type, 'webhook.ping');
    const { stdout: fresh } = await purse.command('webhook', 'rotate', id, '--grace', '1h');
    await purse.command('webhook', 'test', id);
    const { body, headers } = to.messages.at(-1);
    assert.equal(headers['webhook-signature'].split(' ').length, 2);
    for (const key of [secret, fresh.trim()]) assert.ok(new Webhook(key).verify(body, headers));
    to.answer = (_message, response) => response.writeHead(503).end();
    assert.match((await failing(purse.command('webhook', 'test', id))).stdout, /answered 503/);
    await purse.command('webhook', 'remove', id);
    assert.equal((await failing(purse.command('webhook', 'test', id))).code, 1);
});

test('URLs and events that will not do are refused with a sentence', limit, async t => {
    const purse = freshPurse(t);
    await purse.issue('buyer');
    for (const [words, said] of [
        [['ftp://example.org'], /^purse: the URL /],
        [['http://example.org/hook'], /plain http to example\.org.*--insecure-http/s],
        [['https://example.org', '--events', 'decision.refusd'], /did you mean "decision\.refused"\?/],
        [['https://example.org', '--events', 'nothing.*'], /"nothing\.\*" is no event/],
    ]) {
        const error = await failing(purse.command('webhook', 'add', ...words));
        assert.equal(error.code, 2, error.stderr);
        assert.match(error.stderr, said);
        assert.equal(error.stdout, '');
    }
    assert.match((await purse.command('webhook', 'list')).stdout, /There are no webhooks/);
});
