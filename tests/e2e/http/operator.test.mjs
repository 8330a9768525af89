// SPDX-License-Identifier: Apache-2.0
// The operator's addresses against the real program: who signs in, what is shown, what changes,
// and that an agent's credential gets nowhere.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { approved, pending, refused } from '../support/answers.mjs';
import { bearer, HttpServer, steadyAddress } from '../support/http.mjs';
import { Operator, operatorCode, postCode } from '../support/operator.mjs';
import { binary, freshPurse } from '../support/purse.mjs';

const limit = { timeout: 60_000 };
const image = { service: 'images', estimatedCost: '0.08' };
const json = { 'Content-Type': 'application/json' };
const reads = ['session', 'overview', 'journal', 'spend?range=day', 'spend?range=month', 'approvals?state=waiting', 'credentials', 'payouts', 'events'];
const changes = ['logout', 'freeze', 'unfreeze', 'credentials', 'credentials/cred_x/revoke', 'approvals/tx_x/approve', 'approvals/tx_x/deny'];

async function start(t, options = {}) {
    const purse = freshPurse(t);
    const credential = await purse.issue('buyer');
    const server = await HttpServer.start(t, purse, options);
    return { purse, credential, server };
}

/** One hold and one settle, the whole traffic of the smallest ledger. */
async function pay(talk, more = {}) {
    const { txId } = approved(await talk.call('pay_preauthorize', { ...image, ...more }));
    approved(await talk.call('pay_settle', { txId, actualCost: '0.07' }));
    return txId;
}

test('a link signs in once; used, old and made-up ones do not', limit, async t => {
    const { purse, server } = await start(t);
    const { base, code } = await operatorCode(purse);
    assert.equal(base, server.base);
    const first = await postCode(server, code);
    assert.equal(first.status, 200);
    assert.match(first.headers['set-cookie'][0], /^purse_operator=[0-9a-z]{52}; Path=\/operator; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    assert.equal(first.json.rail, 'book');
    assert.match(first.json.id, /^op_/);
    for (const wrong of [code, '0'.repeat(52), 'guess']) {
        const answer = await postCode(server, wrong);
        assert.equal(answer.status, 401);
        assert.equal(answer.headers['set-cookie'], undefined);
    }
    assert.equal((await postCode(server, '')).status, 400);
    assert.equal((await server.ask('POST', '/operator/api/login', { body: JSON.stringify({ code }) })).status, 400, 'without Content-Type');
});

test('a session outlives the server, and ends by the command', limit, async t => {
    const { purse, server } = await start(t, { address: await steadyAddress() });
    const operator = await Operator.signIn(server);
    await server.stop();
    assert.ok(!existsSync(`${purse.state}/operator.url`), 'a clean stop takes the address away');
    await assert.rejects(purse.command('operator', 'login'), /no server with an operator page runs/);
    await server.restart();
    await server.stop('SIGKILL');
    assert.ok(existsSync(`${purse.state}/operator.url`), 'a killed one leaves it');
    await assert.rejects(purse.command('operator', 'login'), /no server with an operator page runs/);
    await server.restart();
    assert.equal(statSync(`${purse.state}/operator.url`).mode & 0o777, 0o600);
    assert.equal(readFileSync(`${purse.state}/operator.url`, 'utf8'), `${server.base}\n`);
    assert.equal((await operator.read('session')).csrf, operator.csrf);
    const sessions = JSON.parse((await purse.command('operator', 'sessions', '--json')).stdout);
    assert.deepEqual(sessions.map(one => one.id), [operator.id]);
    await purse.command('operator', 'logout', operator.id);
    assert.equal((await operator.get('session')).status, 401);
    assert.match((await purse.command('operator', 'login', '--url', 'https://purse.example.org/x')).stdout, /^https:\/\/purse\.example\.org\/operator\/#login=/);
});

test('an agent credential gets nowhere on operator addresses, and the cookie nowhere on /mcp', limit, async t => {
    const { server, credential } = await start(t);
    const operator = await Operator.signIn(server);
    const before = (await operator.read('overview')).seq;
    for (const headers of [bearer(credential), { Cookie: `purse_operator=${credential}` }, { ...bearer(credential), Cookie: `purse_operator=${credential.slice(-52)}` }]) {
        for (const path of reads) {
            const answer = await server.ask('GET', `/operator/api/${path}`, { headers });
            assert.equal(answer.status, 401, path);
            assert.equal(answer.json.error.code, 'not_signed_in');
            assert.deepEqual(Object.keys(answer.json), ['error']);
        }
        for (const path of changes) {
            const answer = await server.ask('POST', `/operator/api/${path}`, { headers: { ...json, ...headers, 'X-Purse-CSRF': operator.csrf }, body: '{"target":"all"}' });
            // With a cookie of the right form it is the missing secret that is told.
            assert.ok(answer.status === 401 || (answer.status === 403 && answer.json.error.code === 'csrf'), path);
            assert.deepEqual(Object.keys(answer.json), ['error']);
        }
    }
    assert.equal((await operator.read('overview')).seq, before, 'nothing was done');
    const secret = operator.cookie.split('=')[1];
    const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
    for (const headers of [{ Cookie: operator.cookie }, { Authorization: `Bearer ${secret}` }])
        assert.equal((await server.ask('POST', '/mcp', { headers: { ...json, ...headers }, body: ping })).status, 401);
});

test('changes need the secret of the session; other names and origins are refused', limit, async t => {
    const { server } = await start(t, { args: ['--allow-origin', 'https://app.example.org'] });
    const operator = await Operator.signIn(server);
    for (const path of changes)
        for (const token of ['', operator.csrf.slice(1)]) {
            const answer = await operator.post(path, { target: 'all' }, { 'X-Purse-CSRF': token });
            assert.deepEqual([answer.status, answer.json.error.code], [403, 'csrf'], path);
        }
    for (const headers of [{ Host: 'evil.example' }, { Origin: 'https://evil.example' }, { Origin: 'https://app.example.org' }, { Origin: 'null' }, { 'Sec-Fetch-Site': 'cross-site' }]) {
        const answer = await operator.get('overview', headers);
        assert.equal(answer.status, 403, JSON.stringify(headers));
        assert.equal(answer.headers['access-control-allow-origin'], undefined);
        assert.equal((await operator.post('freeze', { target: 'all' }, headers)).status, 403);
    }
    const preflight = await server.ask('OPTIONS', '/operator/api/freeze', { headers: { Origin: 'https://app.example.org' } });
    assert.notEqual(preflight.status, 204);
    assert.equal(preflight.headers['access-control-allow-methods'], undefined);
    assert.deepEqual((await operator.read('overview')).frozen.filter(one => !one.byPolicy), []);
    assert.equal((await operator.post('freeze', { target: 'agent/buyer' }, { Origin: server.base, 'Sec-Fetch-Site': 'same-origin' })).status, 200);
});

test('what is not there, methods and bodies', limit, async t => {
    const { server } = await start(t);
    const operator = await Operator.signIn(server);
    assert.equal((await operator.get('nothing')).status, 404);
    const method = await operator.get('freeze');
    assert.deepEqual([method.status, method.headers.allow], [405, 'POST']);
    assert.equal((await operator.post('overview')).status, 405);
    assert.equal((await operator.post('freeze', { target: 'all', note: 'x'.repeat(20_000) })).status, 413);
    for (const [path, body] of [['freeze', '{'], ['freeze', '[]'], ['freeze', { target: 1 }], ['freeze', { target: 'all', more: 'x' }], ['freeze', { target: 'agent/none' }], ['freeze', {}], ['credentials', { agent: 'none' }], ['credentials', { agent: 'buyer', expiresIn: 'soon' }]]) {
        const answer = await operator.post(path, body);
        assert.deepEqual([answer.status, answer.json.error.code], [400, 'invalid_argument'], JSON.stringify(body));
        assert.ok(answer.json.error.message.length > 0);
    }
    assert.equal((await operator.get('journal?limit=999')).json.error.field, 'limit');
    const moved = await server.ask('GET', '/operator');
    assert.deepEqual([moved.status, moved.headers.location], [308, '/operator/']);
    assert.match(moved.headers['content-security-policy'], /^default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.equal((await server.ask('GET', '/operator/no-such-file.js')).status, 404);
});

test('without the page there are no operator addresses', limit, async t => {
    const { purse, server } = await start(t, { args: ['--operator-page', 'off'] });
    for (const path of ['/operator', '/operator/', '/operator/api/login', '/operator/api/overview'])
        assert.equal((await server.ask('GET', path)).status, 404, path);
    assert.ok(!existsSync(`${purse.state}/operator.url`));
    assert.equal((await server.ask('GET', '/operatorx')).status, 404);
});

test('what is read has its shape, on a ledger with traffic', limit, async t => {
    const { server, credential } = await start(t);
    const operator = await Operator.signIn(server);
    const talk = await server.initialize(credential);
    const txId = await pay(talk, { taskId: 'poster', workflowId: 'flow', purpose: 'one image' });
    const { txId: open } = approved(await talk.call('pay_preauthorize', image));
    refused(await talk.call('pay_preauthorize', { ...image, estimatedCost: '6' }), 'transaction_limit_exceeded');

    const overview = await operator.read('overview');
    assert.deepEqual([overview.rail, overview.currency, overview.holdsOpen, overview.approvalsWaiting, overview.truncated], ['book', 'USDC', 1, 0, false]);
    assert.deepEqual(overview.totals, { heldNow: '0.08', spentToday: '0.07' });
    const buyer = overview.budgets.find(one => one.name === 'agent/buyer');
    assert.deepEqual([buyer.kind, buyer.holdsOpen, buyer.frozen, buyer.budgets], ['agent', 1, false, []]);
    const daily = buyer.caps.find(one => one.cap === 'daily');
    assert.deepEqual([daily.limit, daily.spent, daily.held, daily.available, daily.usedPercent, daily.unit], ['50.00', '0.07', '0.08', '49.85', 0, 'USDC']);
    assert.deepEqual(buyer.usage.map(one => one.cap).sort(), ['daily', 'lifetime', 'monthly', 'weekly']);
    const team = overview.budgets.find(one => one.name === 'budget/team');
    assert.ok(team.agents.includes('member-0'));
    assert.deepEqual(overview.frozen.map(one => [one.target, one.byPolicy]), [['agent/iced', true]]);
    assert.equal(overview.policy.version, 1);

    const all = await operator.read('journal');
    assert.deepEqual(all.entries.map(one => one.seq), Array.from({ length: overview.seq }, (_, i) => overview.seq - i));
    assert.equal(all.next, null);
    const only = async query => (await operator.read(`journal?${query}`)).entries.map(one => one.kind);
    assert.deepEqual(await only('decision=settled'), ['settled']);
    assert.deepEqual(await only('decision=refused'), ['refused']);
    assert.deepEqual(await only('task=poster'), ['settled', 'hold']);
    assert.deepEqual(await only('agent=buyer&decision=hold'), ['hold', 'hold']);
    assert.deepEqual(await only('agent=nobody'), []);
    assert.deepEqual(await only('service=images&decision=refused'), ['refused']);
    const page = await operator.read('journal?limit=2');
    assert.equal(page.next, page.entries[1].seq);
    assert.equal((await operator.read(`journal?limit=2&before=${page.next}`)).entries[0].seq, page.next - 1);

    const story = await operator.read(`holds/${txId}`);
    assert.deepEqual([story.hold.state, story.hold.amount, story.hold.captured, story.hold.taskId, story.hold.purpose, story.approval], ['settled', '0.08', '0.07', 'poster', 'one image', null]);
    assert.deepEqual(story.entries.map(one => one.kind), ['hold', 'settled']);
    assert.equal(story.settlement.stage, 'booked');
    assert.equal((await operator.read(`holds/${open}`)).hold.state, 'open');
    assert.equal((await operator.get('holds/tx_nothing')).status, 404);

    for (const [range, points, step] of [['day', 96, 900], ['month', 30, 86_400]]) {
        const spend = await operator.read(`spend?range=${range}`);
        assert.deepEqual([spend.points.length, spend.stepSeconds, spend.complete], [points, step, true]);
        assert.deepEqual(spend.byAgent, [{ agent: 'buyer', spent: '0.07' }]);
        assert.equal(spend.points.reduce((sum, one) => sum + Number(one.spent), 0), 0.07);
        assert.equal(spend.points.reduce((sum, one) => sum + one.settled, 0), 1);
        assert.equal(spend.points.reduce((sum, one) => sum + one.refused, 0), 1);
    }
    const { agents, credentials } = await operator.read('credentials');
    assert.ok(agents.includes('buyer'));
    assert.deepEqual(credentials.map(one => [one.agent, one.state]), [['buyer', 'live']]);
    assert.deepEqual(await operator.read('payouts'), { rail: 'book', treasury: null, payouts: [] });
    assert.deepEqual((await operator.read('approvals?state=waiting')).approvals, []);
});

test('a freeze on the page refuses the next hold of a session that is open', limit, async t => {
    const { server, credential } = await start(t);
    const operator = await Operator.signIn(server);
    const talk = await server.initialize(credential);
    approved(await talk.call('pay_preauthorize', image));
    const frozen = await operator.post('freeze', { target: 'all', note: 'something is odd' });
    assert.equal(frozen.status, 200, frozen.text);
    assert.ok(frozen.json.frozen.some(one => one.target === 'all' && one.note === 'something is odd'));
    refused(await talk.call('pay_preauthorize', image), 'frozen');
    const [entry] = (await operator.read('journal?decision=operator&limit=1')).entries;
    assert.deepEqual([entry.kind, entry.body.by], ['frozen', `operator/${operator.id}`]);
    assert.equal((await operator.post('unfreeze', { target: 'all' })).status, 200);
    approved(await talk.call('pay_preauthorize', image));
});

test('a credential issued on the page works until it is revoked there', limit, async t => {
    const { server } = await start(t);
    const operator = await Operator.signIn(server);
    const issued = await operator.post('credentials', { agent: 'buyer', note: 'by the page', expiresIn: '30d' });
    assert.equal(issued.status, 200, issued.text);
    const { id, secret } = issued.json;
    assert.match(secret, /^purse_buyer_[0-9a-z]{52}$/);
    const talk = await server.initialize(secret);
    approved(await talk.call('pay_preauthorize', image));
    assert.ok(!server.errors.includes(secret));
    assert.ok(!JSON.stringify(await operator.read('journal')).includes(secret));
    assert.ok(!JSON.stringify(await operator.read('credentials')).includes(secret));
    const revoked = await operator.post(`credentials/${id}/revoke`);
    assert.deepEqual([revoked.status, revoked.json.credential.state], [200, 'revoked']);
    const after = await talk.request('tools/call', { name: 'pay_preauthorize', arguments: image });
    if (after.status === 200) refused(after.json.result, 'credential_revoked');
    else assert.equal(after.status, 401);
});

/** A purse on standard input and output, which takes one hold and ends. */
function holdOverStdio(purse, credential) {
    const child = spawn(binary, ['serve'], { env: purse.env(credential), stdio: ['pipe', 'ignore', 'ignore'] });
    const say = message => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    say({ id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'other', version: '1' } } });
    say({ method: 'notifications/initialized' });
    say({ id: 2, method: 'tools/call', params: { name: 'pay_preauthorize', arguments: image } });
    child.stdin.end();
    return child;
}

test('entries arrive as they happen, also those of another process on the ledger', limit, async t => {
    const { purse, server, credential } = await start(t);
    const operator = await Operator.signIn(server);
    const events = await operator.events();
    t.after(() => events.close());
    assert.equal(events.status, 200);
    assert.match(events.headers['content-type'], /^text\/event-stream/);
    const hello = await events.next();
    assert.equal(hello.event, 'hello');
    const { seq } = JSON.parse(hello.data);

    const child = holdOverStdio(purse, credential);
    t.after(() => child.kill('SIGKILL'));
    const theirs = await events.next();
    assert.deepEqual([theirs.event, Number(theirs.id)], ['entry', seq + 1]);
    assert.equal(JSON.parse(theirs.data).kind, 'hold');

    const talk = await server.initialize(credential);
    await pay(talk);
    const ours = [await events.next(), await events.next()];
    assert.deepEqual(ours.map(one => JSON.parse(one.data).kind), ['hold', 'settled']);
    assert.deepEqual(ours.map(one => Number(one.id)), [seq + 2, seq + 3]);

    const again = await operator.events('?from=1', { 'Last-Event-ID': String(seq + 1) });
    t.after(() => again.close());
    assert.equal((await again.next()).event, 'hello');
    assert.deepEqual([Number((await again.next()).id), Number((await again.next()).id)], [seq + 2, seq + 3]);
    await sleep(300);
    assert.equal(events.unread + again.unread, 0, 'nothing comes twice');
});

test('signing out ends the stream; so does a sign-out by the command', limit, async t => {
    const { purse, server } = await start(t);
    for (const end of [one => one.post('logout'), one => purse.command('operator', 'logout', one.id)]) {
        const operator = await Operator.signIn(server);
        const events = await operator.events();
        assert.equal((await events.next()).event, 'hello');
        await end(operator);
        for (let event = await events.next(); event.event !== 'bye'; event = await events.next()) assert.equal(event.event, 'entry');
        assert.equal(await events.ended, 'whole');
        assert.equal((await operator.get('session')).status, 401);
    }
});

test('wrong sign-ins are slowed down, and a good one passes', limit, async t => {
    const { purse, server } = await start(t);
    const operator = await Operator.signIn(server);
    const wrong = await Promise.all(Array.from({ length: 60 }, () => postCode(server, '0'.repeat(52))));
    assert.ok(wrong.every(one => one.status === 401 || one.status === 429));
    assert.equal((await operator.get('session')).status, 200);
    assert.equal((await postCode(server, (await operatorCode(purse)).code)).status, 200);
});

test('payments that wait for a person are approved and denied on the page, once', limit, async t => {
    const purse = freshPurse(t);
    const server = await HttpServer.start(t, purse);
    const talk = await server.initialize(await purse.issue('asker'));
    const operator = await Operator.signIn(server);
    const dear = { service: 'images', estimatedCost: '12.50', idempotencyKey: 'a', taskId: 'poster' };
    const { txId } = pending(await talk.call('pay_preauthorize', dear));
    const { txId: other } = pending(await talk.call('pay_preauthorize', { ...dear, idempotencyKey: 'b' }));

    const overview = await operator.read('overview');
    assert.deepEqual([overview.approvalsWaiting, overview.totals.heldNow], [2, '25.00']);
    const { approvals } = await operator.read('approvals?state=waiting');
    assert.deepEqual(approvals.map(one => one.txId), [txId, other]);
    const [asked] = approvals;
    assert.deepEqual([asked.state, asked.agent, asked.amount, asked.taskId, asked.decidedAt], ['waiting', 'asker', '12.50', 'poster', undefined]);
    assert.ok(asked.causes.length > 0 && asked.causes.every(one => one.cause && one.rule && one.detail.length > 0));
    assert.equal((await operator.read(`holds/${txId}`)).hold.state, 'awaiting_approval');

    assert.equal((await operator.post('freeze', { target: 'agent/asker' })).status, 200);
    const frozen = await operator.post(`approvals/${txId}/approve`);
    assert.deepEqual([frozen.status, frozen.json.error.code, frozen.json.approval.state], [409, 'refused_now', 'waiting']);
    assert.equal((await operator.post('unfreeze', { target: 'agent/asker' })).status, 200);

    const yes = await operator.post(`approvals/${txId}/approve`, { note: 'go on' });
    assert.equal(yes.status, 200, yes.text);
    const { state, by, channel, note } = yes.json.approval;
    assert.deepEqual([state, by, channel, note], ['granted', `operator/${operator.id}`, 'page', 'go on']);
    for (const verb of ['approve', 'deny']) {
        const late = await operator.post(`approvals/${txId}/${verb}`);
        assert.deepEqual([late.status, late.json.error.code, late.json.approval.state], [409, 'already_decided', 'granted']);
    }
    assert.equal(approved(await talk.call('pay_preauthorize', dear)).txId, txId);
    approved(await talk.call('pay_settle', { txId, actualCost: '12' }));

    const no = await operator.post(`approvals/${other}/deny`, { note: 'too dear' });
    assert.deepEqual([no.status, no.json.approval.state], [200, 'denied']);
    refused(await talk.call('pay_preauthorize', { ...dear, idempotencyKey: 'b' }), 'approval_denied');
    assert.deepEqual((await operator.read('approvals?state=waiting')).approvals, []);
    assert.deepEqual((await operator.read('approvals?state=decided')).approvals.map(one => [one.txId, one.state]), [[other, 'denied'], [txId, 'granted']]);

    const story = await operator.read(`holds/${txId}`);
    assert.deepEqual(story.entries.map(one => one.kind), ['awaiting_approval', 'approval_granted', 'settled']);
    assert.equal(story.approval.state, 'granted');
    assert.deepEqual((await operator.read(`holds/${other}`)).entries.map(one => one.kind), ['awaiting_approval', 'approval_denied']);
    assert.deepEqual((await operator.read('journal?decision=approval')).entries.map(one => one.kind), ['approval_denied', 'approval_granted', 'awaiting_approval', 'awaiting_approval']);
    assert.equal((await operator.post('approvals/tx_none/approve')).status, 404);
});
