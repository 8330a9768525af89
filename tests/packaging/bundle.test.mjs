// SPDX-License-Identifier: Apache-2.0
// The bundle: what the official tool says of it, and the program in it, started as a host does.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { test } from 'node:test';
import {
    bundleFile, bundleFiles, commandOf, json, manifest, mcpb, Peer, root, run, scratch, unpacked,
} from './support.mjs';

const limit = { timeout: 60_000 };
const hold = { name: 'pay_preauthorize', arguments: { service: 'images', estimatedCost: '0.08' } };

/** A home of its own, and the host's command with that and nothing else around it. */
async function hosted(t, values) {
    const folder = await unpacked(t);
    const home = scratch(t);
    const { command, args, env } = await commandOf(folder, values);
    const around = { env: { HOME: home, ...env }, cwd: home };
    return { folder, home, start: () => new Peer(t, { command, args, ...around }) };
}

test('the official tool takes the manifest and the bundle', limit, async t => {
    const folder = await unpacked(t);
    for (const file of [join(root, 'manifest.json'), join(folder, 'manifest.json')]) {
        const { code, said } = await mcpb('validate', file);
        assert.equal(code, 0, said);
        assert.match(said, /Manifest schema validation passes/);
    }
    const info = await mcpb('info', bundleFile);
    assert.equal(info.code, 0, info.said);
    assert.match(info.said, /Size: \d/);

    // It does look: one unknown field, and it says no.
    const wrong = join(scratch(t), 'manifest.json');
    writeFileSync(wrong, JSON.stringify({ ...manifest, colour: 'green' }));
    assert.notEqual((await mcpb('validate', wrong)).code, 0);
});

test('what is in the bundle', limit, async t => {
    const folder = await unpacked(t);
    assert.equal(bundleFiles.length, 1);
    const names = ['bin', 'lib', 'licences', 'manifest.json', 'packaging', 'policy.jsonc'];
    assert.deepEqual(readdirSync(folder).sort(), names);
    assert.deepEqual(json(join(folder, 'manifest.json')), manifest);
    const { entry_point: program, mcp_config: config } = manifest.server;
    assert.equal(statSync(join(folder, program)).mode & 0o777, 0o755);
    assert.equal(config.command, `\${__dirname}/${program}`);

    const icon = readFileSync(join(folder, manifest.icon));
    assert.equal(icon.toString('latin1', 1, 4), 'PNG');
    assert.deepEqual([icon.readUInt32BE(16), icon.readUInt32BE(20)], [512, 512]);

    const notices = readFileSync(join(folder, 'licences/README.txt'), 'utf8');
    const named = notices.split('\n').map(line => `${line.split(' ')[0]}.txt`);
    const files = readdirSync(join(folder, 'licences')).filter(name => name !== 'README.txt');
    assert.deepEqual(files.filter(name => name !== 'purse.txt' && !named.includes(name)), []);
    assert.ok(files.length > 5);
});

test('nothing but glibc is taken from the machine', limit, async t => {
    const folder = await unpacked(t);
    const program = join(folder, 'bin/purse');
    // A host with libraries of its own in its path changes nothing.
    const env = { LD_LIBRARY_PATH: '/usr/lib/x86_64-linux-gnu', PATH: process.env.PATH };
    const { stdout } = await run('ldd', [program], { env });
    const foreign = [...stdout.matchAll(/^\s*(\S+) => (\S+)/gm)]
        .filter(([, , place]) => !normalize(place).startsWith(join(folder, 'lib/')))
        .map(([, name]) => name);
    assert.deepEqual(foreign.sort(), ['libc.so.6', 'libm.so.6']);

    const versions = [];
    const libraries = readdirSync(join(folder, 'lib')).map(name => join(folder, 'lib', name));
    for (const file of [program, ...libraries]) {
        const symbols = await run('objdump', ['-T', file], { maxBuffer: 64 * 1024 * 1024 });
        for (const [, minor] of symbols.stdout.matchAll(/GLIBC_2\.(\d+)/g))
            versions.push(Number(minor));
    }
    assert.ok(versions.length > 0);
    // The manifest says so; Debian 12 has 2.36.
    assert.match(manifest.long_description, /glibc 2\.36 or newer/);
    assert.ok(Math.max(...versions) <= 36, `needs glibc 2.${Math.max(...versions)}`);
});

test('its version and its tools are those of the manifest', limit, async t => {
    const { folder, start } = await hosted(t, {});
    const { stdout } = await run(join(folder, 'bin/purse'), ['--version'], { env: {} });
    assert.equal(stdout, `purse ${manifest.version}\n`);
    const peer = start();
    const { serverInfo } = await peer.initialize();
    assert.deepEqual([serverInfo.name, serverInfo.version], [manifest.name, manifest.version]);
    const { tools } = await peer.ask('tools/list', {});
    const listed = tools.map(({ name, description }) => ({ name, description }));
    const mend = 'mend it with: node packaging/manifest_tools.mjs build/release/purse';
    assert.deepEqual(manifest.tools, listed, mend);
    assert.equal(await peer.close(), 0);
});

const nothing = Object.fromEntries(Object.keys(manifest.user_config).map(key => [key, '']));
for (const [what, values] of [['left out', {}], ['left empty', nothing]]) {
    test(`settings that were ${what}: the sandbox, in the usual place`, limit, async t => {
        const { home, start } = await hosted(t, values);
        const peer = start();
        assert.equal((await peer.initialize()).protocolVersion, '2025-11-25');
        const discovered = await peer.askModern('server/discover');
        assert.deepEqual(discovered.supportedVersions, ['2026-07-28']);
        const first = await peer.ask('tools/call', hold);
        assert.equal(first.structuredContent.ok, true, first.content[0].text);
        const second = await peer.askModern('tools/call', hold);
        assert.equal(second.structuredContent.ok, true, second.content[0].text);
        assert.equal(await peer.close(), 0, peer.complaints);
        assert.ok(existsSync(join(home, '.local/state/purse/ledger.db')));
        assert.deepEqual(readdirSync(home), ['.local'], 'and nothing else was made');
    });
}

test('settings that were filled in: that policy, that credential, that folder', limit, async t => {
    const state = join(scratch(t), 'state');
    const folder = await unpacked(t);
    const policy = join(folder, 'policy.jsonc');
    const words = ['credential', 'issue', 'painter', '--state', state, '--policy', policy];
    const { stdout } = await run(join(folder, 'bin/purse'), words, { env: {} });
    const values = { credential: stdout.trim(), policy, state_folder: state };
    const { home, start } = await hosted(t, values);
    const peer = start();
    await peer.initialize();
    const answer = await peer.ask('tools/call', hold);
    assert.equal(answer.structuredContent.ok, true, answer.content[0].text);
    const dear = { name: hold.name, arguments: { ...hold.arguments, estimatedCost: '0.11' } };
    const refusal = (await peer.askModern('tools/call', dear)).structuredContent;
    assert.deepEqual([refusal.ok, refusal.reason], [false, 'price_above_ceiling']);
    assert.equal(await peer.close(), 0);
    assert.deepEqual(readdirSync(home), []);
});

test('a policy without a credential pays nothing', limit, async t => {
    const state = join(scratch(t), 'state');
    const policy = join(root, 'examples/policy.jsonc');
    const { start } = await hosted(t, { policy, state_folder: state });
    const peer = start();
    await peer.initialize();
    const { structuredContent } = await peer.ask('tools/call', hold);
    assert.equal(structuredContent.ok, false);
    assert.match(structuredContent.reason, /^credential_/);
});
