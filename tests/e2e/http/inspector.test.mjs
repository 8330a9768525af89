// SPDX-License-Identifier: Apache-2.0
// The command line of the MCP Inspector, over Streamable HTTP and HTTP+SSE.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { approved, refused } from '../support/answers.mjs';
import { HttpServer } from '../support/http.mjs';
import { freshPurse } from '../support/purse.mjs';

const limit = { timeout: 60_000 };
const program = fileURLToPath(new URL('../node_modules/.bin/mcp-inspector', import.meta.url));

/** Runs it; { code, json, errors }. Its own files go into the folder of the purse. */
function inspect({ purse, credential }, url, ...words) {
    const words1 = ['--cli', url, ...words, ...(credential ? ['--header', `Authorization: Bearer ${credential}`] : [])];
    const env = { PATH: process.env.PATH, HOME: purse.folder };
    return new Promise(resolve => {
        execFile(process.execPath, [program, ...words1], { env, timeout: 30_000 }, (error, stdout, stderr) => {
            resolve({ code: error?.code ?? 0, json: stdout.trim() ? JSON.parse(stdout) : undefined, errors: stderr });
        });
    });
}

const ways = [['/mcp', 'http'], ['/sse', 'sse']];

describe('the Inspector', { concurrency: 2 }, () => {
    for (const [path, transport] of ways) {
        test(`lists, holds and settles over ${transport}`, limit, async t => {
            const purse = freshPurse(t);
            const credential = await purse.issue('buyer');
            const server = await HttpServer.start(t, purse, {});
            const run = (...words) => inspect({ purse, credential }, server.base + path, '--transport', transport, ...words);
            const tool = (name, ...args) => run('--method', 'tools/call', '--tool-name', name, '--tool-arg', ...args);

            const list = await run('--method', 'tools/list', '--strict');
            assert.equal(list.code, 0, list.errors);
            assert.deepEqual(list.json.tools.map(one => one.name), ['pay_preauthorize', 'pay_settle', 'pay_budget_status']);
            const hold = await tool('pay_preauthorize', 'service=images', 'estimatedCost=0.08');
            assert.equal(hold.code, 0, hold.errors);
            const { txId } = approved(hold.json);
            assert.equal(approved((await tool('pay_settle', `txId=${txId}`, 'actualCost=0.07')).json).captured, '0.07');
            const no = await tool('pay_preauthorize', 'service=images', 'estimatedCost=9');
            assert.notEqual(no.code, 0, 'a refusal is an error for scripts');
            refused(no.json, 'transaction_limit_exceeded');
        });
    }

    test('reads resources and prompts', limit, async t => {
        const purse = freshPurse(t);
        const credential = await purse.issue('buyer');
        const server = await HttpServer.start(t, purse, {});
        const run = (...words) => inspect({ purse, credential }, `${server.base}/mcp`, ...words);
        const [resources, budget, prompt] = await Promise.all([
            run('--method', 'resources/list'),
            run('--method', 'resources/read', '--uri', 'purse://budget'),
            run('--method', 'prompts/get', '--prompt-name', 'spending_report', '--prompt-args', 'audience=me'),
        ]);
        assert.deepEqual(resources.json.resources.map(one => one.uri), ['purse://budget'], resources.errors);
        assert.equal(JSON.parse(budget.json.contents[0].text).agent, 'buyer', budget.errors);
        assert.match(prompt.json.messages[0].content.text, /for me/, prompt.errors);
    });

    test('is not let in without a credential', limit, async t => {
        const purse = freshPurse(t);
        await purse.issue('buyer');
        const server = await HttpServer.start(t, purse, {});
        for (const [path, transport] of ways) {
            const answer = await inspect({ purse }, server.base + path, '--transport', transport, '--method', 'tools/list');
            assert.notEqual(answer.code, 0);
            assert.equal(answer.json, undefined);
            assert.match(answer.errors, /auth_required|401|[Uu]nauthorized/);
        }
    });
});
