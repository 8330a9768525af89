// SPDX-License-Identifier: Apache-2.0
// A LangGraph agent that pays from a purse.
//
//   node langgraph.mjs                loads the tools and pays by itself, without a model
//
// In a program of yours: payingGraph(await purse().getTools(), model), with any chat model of
// LangChain's that can call tools.
//
// PURSE_URL: the address of `purse serve --http` (default: a process of its own, `purse serve`).
// PURSE_CREDENTIAL: the agent's secret (default: none, so the sandbox).
// PURSE_COMMAND: the program (default: purse). PURSE_STATE, PURSE_POLICY: handed on to it.
import { pathToFileURL } from 'node:url';
import { MessagesAnnotation, StateGraph } from '@langchain/langgraph';
import { ToolNode, toolsCondition } from '@langchain/langgraph/prebuilt';
import { MultiServerMCPClient } from '@langchain/mcp-adapters';

export function purse(environment = process.env) {
  const { PURSE_URL, PURSE_CREDENTIAL, PURSE_STATE, PURSE_POLICY } = environment;
  const headers = PURSE_CREDENTIAL ? { Authorization: `Bearer ${PURSE_CREDENTIAL}` } : {};
  if (PURSE_URL)
    return new MultiServerMCPClient({ purse: { transport: 'http', url: PURSE_URL, headers } });
  const env = { PURSE_CREDENTIAL, PURSE_STATE, PURSE_POLICY };
  return new MultiServerMCPClient({
    purse: {
      transport: 'stdio',
      command: environment.PURSE_COMMAND ?? 'purse',
      args: ['serve'],
      env: Object.fromEntries(Object.entries(env).filter(([, value]) => value)),
    },
  });
}

/** The model asks for tools, the tools answer, until it asks for none. */
export function payingGraph(tools, model) {
  const bound = model.bindTools(tools);
  return new StateGraph(MessagesAnnotation)
    .addNode('model', async ({ messages }) => ({ messages: [await bound.invoke(messages)] }))
    .addNode('tools', new ToolNode(tools))
    .addEdge('__start__', 'model')
    .addConditionalEdges('model', toolsCondition, ['tools', '__end__'])
    .addEdge('tools', 'model')
    .compile();
}

async function main() {
  const client = purse();
  try {
    const tools = await client.getTools();
    for (const { name, description } of tools)
      console.log(`${name}: ${description.split('. ')[0]}`);
    const call = async (name, args) => {
      // First the words for the user, then the same as JSON for programs.
      const [words, data] = await tools.find(tool => tool.name === name).invoke(args);
      console.log(words.text);
      return JSON.parse(data.text);
    };
    const hold = await call('pay_preauthorize', { service: 'images', estimatedCost: '0.08' });
    if (hold.ok) await call('pay_settle', { txId: hold.txId, actualCost: '0.05' });
  } finally {
    await client.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
