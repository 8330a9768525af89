// SPDX-License-Identifier: Apache-2.0
// The ordinary conversation over HTTP, with each official client and transport.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { approved, refused } from '../support/answers.mjs';
import { conversations } from '../support/conversations.mjs';
import { HttpServer } from '../support/http.mjs';
import { freshPurse } from '../support/purse.mjs';
import { httpSetups, open } from '../support/setups.mjs';

const limit = { timeout: 60_000 };
const image = { service: 'images', estimatedCost: '0.08' };

async function start(t, { agent, sandbox }) {
    const purse = freshPurse(t);
    const credential = agent && await purse.issue(agent);
    const server = await HttpServer.start(t, purse, sandbox ? { policy: null } : {});
    return { purse, server, target: { base: server.base, credential } };
}

for (const setup of httpSetups) {
    describe(setup.name, { concurrency: 4 }, () => {
        for (const one of conversations) {
            test(one.name, limit, async t => {
                const { target } = await start(t, one);
                await one.run({ session: await open(t, setup, target), setup });
            });
        }

        test('two agents of one server, each with its own money', limit, async t => {
            const { purse, target } = await start(t, { agent: 'buyer' });
            const one = await open(t, setup, target);
            const other = await open(t, setup, { ...target, credential: await purse.issue('poor') });
            const { txId } = approved(await one.call('pay_preauthorize', image));
            assert.equal(approved(await other.call('pay_budget_status', {})).held, '0.00');
            refused(await other.call('pay_settle', { txId, actualCost: '0.07' }), 'hold_unknown');
            await assert.rejects(other.readJson(`purse://journal/${txId}`));
            approved(await one.call('pay_settle', { txId, actualCost: '0.07' }));
            assert.equal(approved(await other.call('pay_budget_status', {})).caps[0].spent, '0.00');
        });

        test('an unknown tool is a protocol error', limit, async t => {
            const { target } = await start(t, { agent: 'buyer' });
            const session = await open(t, setup, target);
            await assert.rejects(session.call('pay_everything', {}), error => error.code === -32602);
        });
    });
}

for (const setup of httpSetups.filter(one => one.sessions)) {
    test(`${setup.name}: a session that its client has ended is gone`, limit, async t => {
        const { server, target } = await start(t, { agent: 'buyer' });
        const session = await open(t, setup, target);
        const id = session.transport.sessionId;
        assert.ok(id);
        await session.transport.terminateSession();
        const answer = await server.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { credential: target.credential, session: id });
        assert.equal(answer.status, 404);
        assert.match(answer.json.error.message, /initialize/);
    });
}
