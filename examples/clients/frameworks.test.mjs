// SPDX-License-Identifier: Apache-2.0
// The examples with agent frameworks, for real but for the model: its part is written down here.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { AIMessage } from '@langchain/core/messages';
import { FakeStreamingChatModel } from '@langchain/core/utils/testing';
import { run as runAgent, setTracingDisabled, Usage } from '@openai/agents';
import * as langgraph from './langgraph.mjs';
import * as openai from './openai_agents.mjs';
import { binary, here, run, served, stockedPurse } from './support.mjs';

setTracingDisabled(true);
const limit = { timeout: 60_000 };
const order = { service: 'images', estimatedCost: '0.08' };
const names = ['pay_preauthorize', 'pay_settle', 'pay_budget_status'];

/** Both ways in: the variables of an example. */
const ways = [
  ['standard input and output', async (t, { env, credential }) => ({
    ...env, PURSE_CREDENTIAL: credential, PURSE_COMMAND: binary,
  })],
  ['HTTP', async (t, { env, credential }) => ({
    PATH: env.PATH, PURSE_CREDENTIAL: credential, PURSE_URL: await served(t, env),
  })],
];

/** What the operator sees in the end: 0.05 spent in one call, and nothing held. */
async function assertPaid({ status }) {
  const { caps } = await status();
  const daily = caps.find(({ cap }) => cap === 'daily');
  const calls = caps.find(({ cap }) => cap === 'count 1m');
  assert.deepEqual([daily.spent, daily.held, calls.spent], ['0.05', '0.00', '1']);
}

for (const [way, variables] of ways) {
  for (const file of ['openai_agents.mjs', 'langgraph.mjs']) {
    test(`${file} as it stands, over ${way}`, limit, async t => {
      const purse = await stockedPurse(t);
      const env = await variables(t, purse);
      const { stdout } = await run(process.execPath, [join(here, file)], { env, timeout: 40_000 });
      for (const name of names) assert.match(stdout, new RegExp(`^${name}: `, 'm'));
      assert.match(stdout, /^Held 0\.08 USDC for images/m);
      assert.match(stdout, /^Paid 0\.05 USDC to images/m);
      await assertPaid(purse);
    });
  }

  test(`an OpenAI Agents run over ${way}`, limit, async t => {
    const purse = await stockedPurse(t);
    const server = openai.purse(await variables(t, purse));
    await server.connect();
    t.after(() => server.close());
    const script = new ScriptedModel();
    const { finalOutput } = await runAgent(openai.payingAgent(server, script), 'Buy an image.');
    assert.match(finalOutput, /^Paid 0\.05 USDC to images/);
    assert.deepEqual(script.offered, names);
    await assertPaid(purse);
  });

  test(`a LangGraph run over ${way}`, limit, async t => {
    const purse = await stockedPurse(t);
    const client = langgraph.purse(await variables(t, purse));
    t.after(() => client.close());
    const model = new ScriptedChatModel({});
    const graph = langgraph.payingGraph(await client.getTools(), model);
    const { messages } = await graph.invoke({ messages: [['user', 'Buy an image.']] });
    const speakers = messages.map(message => message.getType());
    assert.deepEqual(speakers, ['human', 'ai', 'tool', 'ai', 'tool', 'ai']);
    assert.match(messages.at(-1).content, /^Paid 0\.05 USDC to images/);
    await assertPaid(purse);
  });
}

/** The model's part: hold, settle what was held, repeat the answer's words. `answers`: of tools. */
function nextStep(answers) {
  if (answers.length === 0) return { call: 'pay_preauthorize', args: order };
  const { txId, message } = JSON.parse(answers.at(-1).match(/\{"ok".*\}/s)[0]);
  if (answers.length > 1) return { say: message };
  return { call: 'pay_settle', args: { txId, actualCost: '0.05' } };
}

class ScriptedModel {
  async getResponse({ input, tools }) {
    this.offered = tools.map(({ name }) => name);
    const results = input.filter(item => item.type === 'function_call_result');
    const step = nextStep(results.map(({ output }) => textOf(output)));
    const call = {
      type: 'function_call', callId: `call_${results.length}`, name: step.call,
      arguments: JSON.stringify(step.args), status: 'completed',
    };
    const words = {
      type: 'message', role: 'assistant', status: 'completed',
      content: [{ type: 'output_text', text: step.say }],
    };
    return { usage: new Usage(), output: [step.call ? call : words] };
  }
  async *getStreamedResponse() {
    throw new Error('not asked for');
  }
}

function textOf(output) {
  if (typeof output === 'string') return output;
  return [output].flat().map(part => part.text).join('\n');
}

class ScriptedChatModel extends FakeStreamingChatModel {
  bindTools(tools) {
    assert.deepEqual(tools.map(({ name }) => name), names);
    return this;
  }
  async _generate(messages) {
    const results = messages.filter(message => message.getType() === 'tool');
    const step = nextStep(results.map(({ content }) => textOf(content)));
    const call = { id: `call_${results.length}`, name: step.call, args: step.args };
    const message = new AIMessage(step.call ? { content: '', tool_calls: [call] } : step.say);
    return { generations: [{ message, text: '' }] };
  }
}
