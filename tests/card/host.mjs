// SPDX-License-Identifier: Apache-2.0
// A host that shows the card: the official AppBridge, which checks every message of the card, between
// the real program and a browser that shows the page as hosts must: in a sandbox, without network.
import { AppBridge, getToolUiResourceUri } from '@modelcontextprotocol/ext-apps/app-bridge';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const run = promisify(execFile);
const policy = fileURLToPath(new URL('policy.jsonc', import.meta.url));
const uri = 'ui://purse/budget';
const mimeType = 'text/html;profile=mcp-app';
const limit = { timeout: 15_000 };

// What the extension's specification makes hosts apply to a page that declares no origins.
const policyOfHosts = ["default-src 'none'", "script-src 'self' 'unsafe-inline'",
    "style-src 'self' 'unsafe-inline'", "img-src 'self' data:", "media-src 'self' data:",
    "connect-src 'none'", "frame-src 'none'", "object-src 'none'", "base-uri 'self'"].join('; ');

// Messages go through to the bridge; a size that is told is given.
const hostPage = `<!doctype html><meta charset="utf-8"><title>host</title><link rel="icon" href="data:,">
<meta name="color-scheme" content="light dark">
<style>@media (prefers-color-scheme: dark) { body { background: #101113; } }
body { margin: 0; padding: 12px; } iframe { border: 1px solid #8884; border-radius: 12px;
width: 100%; box-sizing: border-box; height: 60px; display: block; }</style>
<script>
  const frame = () => document.querySelector('iframe');
  addEventListener('message', event => {
    if (event.source === frame()?.contentWindow) fromCard(event.data);
  });
  function toCard(message) { frame().contentWindow.postMessage(message, '*'); }
  function open_() {
    const iframe = document.createElement('iframe');
    iframe.setAttribute('sandbox', 'allow-scripts');
    iframe.src = '/card';
    document.body.append(iframe);
  }
</script>`;

export const launch = () => chromium.launch({
    executablePath: process.env.PURSE_BROWSER,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/** A purse of its own for the test `t`, and a client that can show apps; `settings`: environment of its server. */
export async function freshPurse(t, agent, settings = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'purse-card-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const places = ['--state', join(folder, 'state'), '--policy', policy];
    const env = { HOME: folder, PATH: process.env.PATH };
    const command = (...words) =>
        run(process.env.PURSE_BINARY, [...words, ...places], { env, timeout: 20_000 });
    const { stdout } = await command('credential', 'issue', agent);
    const client = new Client({ name: 'card-host', version: '1.0.0' }, {
        capabilities: { extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: [mimeType] } } },
    });
    await client.connect(new StdioClientTransport({
        command: process.env.PURSE_BINARY, args: places, stderr: 'ignore',
        env: { ...env, ...settings, PURSE_CREDENTIAL: stdout.trim() },
    }));
    t.after(() => client.close());
    const call = (name, args) => client.callTool({ name, arguments: args }, limit);
    return { client, call, command };
}

/** The card of that purse in a page of `browser`; `see` is the document in the sandbox. */
export async function showCard(t, browser, purse, options = {}) {
    const { tools } = await purse.client.listTools({}, limit);
    for (const tool of tools) assert.equal(getToolUiResourceUri(tool), uri, tool.name);
    const { contents: [view] } = await purse.client.readResource({ uri }, limit);
    assert.equal(view.mimeType, mimeType);
    assert.deepEqual(view._meta, { ui: { prefersBorder: true } });

    const server = createServer((request, response) => {
        if (request.url !== '/' && request.url !== '/card') return response.writeHead(404).end();
        response.setHeader('Content-Type', 'text/html; charset=utf-8');
        if (request.url === '/') return response.end(hostPage);
        response.setHeader('Content-Security-Policy', policyOfHosts);
        response.end(view.text);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => { server.close(); server.closeAllConnections(); });
    const origin = `http://127.0.0.1:${server.address().port}`;

    const page = await browser.newPage({
        viewport: { width: options.width ?? 640, height: options.height ?? 900 },
        colorScheme: options.scheme ?? 'light', deviceScaleFactor: 2, reducedMotion: 'reduce',
    });
    t.after(() => page.close());
    const seen = { requests: [], complaints: [], sizes: [], links: [], calls: [] };
    page.on('request', request => seen.requests.push(request.url().slice(origin.length)));
    page.on('console', message => seen.complaints.push(message.text()));
    page.on('pageerror', error => seen.complaints.push(String(error)));

    const capabilities = options.capabilities ?? { openLinks: {}, serverTools: {} };
    const bridge = new AppBridge(purse.client, { name: 'card-host', version: '1.0.0' }, capabilities, {
        hostContext: { theme: 'light', locale: 'en-GB', timeZone: 'UTC', displayMode: 'inline',
            ...options.context },
    });
    const transport = {
        async start() {},
        async send(message) { await page.evaluate(one => toCard(one), message); },
        async close() {},
    };
    await page.exposeFunction('fromCard', message => {
        if (message.method === 'tools/call') seen.calls.push(message.params);
        transport.onmessage(message);
    });
    bridge.onsizechange = async size => {
        seen.sizes.push(size);
        // The page may be gone by then: the test is over.
        await page.evaluate(height => { frame().style.height = `${height + 2}px`; }, size.height).catch(() => {});
    };
    bridge.onopenlink = async ({ url }) => {
        seen.links.push(url);
        return options.refuseLinks ? { isError: true } : {};
    };
    bridge.onerror = error => seen.complaints.push(`bridge: ${error.message}`);
    const initialized = new Promise(resolve => { bridge.oninitialized = resolve; });
    await bridge.connect(transport);
    await page.goto(`${origin}/`);
    await page.evaluate(() => open_());
    await initialized;
    const see = page.locator('iframe').first().contentFrame();
    return { bridge, page, see, seen, origin, view,
        /** Calls a tool as the host would for the model, and shows the answer. */
        async play(name, args) {
            await bridge.sendToolInput({ arguments: args });
            const result = await purse.call(name, args);
            await bridge.sendToolResult(result);
            return result.structuredContent;
        },
        async give(args, structuredContent) {
            await bridge.sendToolInput({ arguments: args });
            await bridge.sendToolResult({ content: [], structuredContent });
        } };
}

/** Nothing was fetched but the two pages, and nobody complained. */
export function assertQuiet({ seen }) {
    assert.deepEqual(seen.requests, ['/', '/card']);
    assert.deepEqual(seen.complaints, []);
}

/** A picture of the host's page as it is now. */
export async function picture({ page }, name) {
    await page.waitForTimeout(150);  // the frame's new height
    const path = join(process.env.PURSE_SCREENSHOTS, `card-${name}.png`);
    await page.locator('body').screenshot({ path });
}

/** What assistive technology is told of every bar. */
export const bars = ({ see }) => see.getByRole('meter').evaluateAll(meters => meters.map(meter => ({
    name: meter.getAttribute('aria-label'), says: meter.getAttribute('aria-valuetext'),
    spent: meter.querySelector('.spent')?.style.width, held: meter.querySelector('.held')?.style.width,
})));
