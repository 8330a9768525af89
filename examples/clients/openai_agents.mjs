// SPDX-License-Identifier: Apache-2.0
// An agent of the OpenAI Agents SDK that pays from a purse.
//
//   node openai_agents.mjs            without OPENAI_API_KEY: lists the tools and pays by itself
//   OPENAI_API_KEY=... node openai_agents.mjs
//
// PURSE_URL: the address of `purse serve --http` (default: a process of its own, `purse serve`).
// PURSE_CREDENTIAL: the agent's secret (default: none, so the sandbox).
// PURSE_COMMAND: the program (default: purse). PURSE_STATE, PURSE_POLICY: handed on to it.
import { pathToFileURL } from 'node:url';
import { Agent, MCPServerStdio, MCPServerStreamableHttp, run } from '@openai/agents';

/** The purse as the SDK knows it: over HTTP when there is an address, else a process. */
export function purse(environment = process.env) {
  const { PURSE_URL, PURSE_CREDENTIAL, PURSE_STATE, PURSE_POLICY } = environment;
  const headers = PURSE_CREDENTIAL ? { Authorization: `Bearer ${PURSE_CREDENTIAL}` } : {};
  if (PURSE_URL)
    return new MCPServerStreamableHttp({
      name: 'purse',
      url: PURSE_URL,
      requestInit: { headers },
    });
  const env = { PURSE_CREDENTIAL, PURSE_STATE, PURSE_POLICY };
  return new MCPServerStdio({
    name: 'purse',
    command: environment.PURSE_COMMAND ?? 'purse',
    args: ['serve'],
    // Only what is set: the SDK would pass the word "undefined" on.
    env: Object.fromEntries(Object.entries(env).filter(([, value]) => value)),
  });
}

/** `model`: as the SDK takes it; default: the SDK's own choice. */
export function payingAgent(server, model) {
  return new Agent({
    name: 'buyer',
    instructions: 'You buy images. pay_preauthorize before each paid call, pay_settle after it.',
    mcpServers: [server],
    ...(model && { model }),
  });
}

/** What an agent does, without one: the tools by hand. */
async function byHand(server) {
  for (const { name, description } of await server.listTools())
    console.log(`${name}: ${description.split('. ')[0]}`);
  const call = async (name, args) => {
    const { structuredContent } = await server.callToolResult(name, args);
    console.log(structuredContent.message);
    return structuredContent;
  };
  const hold = await call('pay_preauthorize', { service: 'images', estimatedCost: '0.08' });
  if (hold.ok) await call('pay_settle', { txId: hold.txId, actualCost: '0.05' });
}

async function main() {
  const server = purse();
  await server.connect();
  try {
    if (!process.env.OPENAI_API_KEY) return await byHand(server);
    const prompt = 'Buy one image for at most 0.08 USDC; pretend that it cost 0.05.';
    console.log((await run(payingAgent(server), prompt)).finalOutput);
  } finally {
    await server.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
