// SPDX-License-Identifier: Apache-2.0
// The entry for the MCP registry: as committed, and with the bundle's hash.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { bundleFile, json, madeEntry, manifest, packaged, root, serverEntry } from './support.mjs';

const Ajv = packaged('ajv').default;
const validator = new Ajv({ strict: true, allErrors: true });
packaged('ajv-formats').default(validator);
const validate = validator.compile(json(join(root, 'tests/packaging/server.schema.json')));
const errorsOf = entry =>
    validate(entry) ? [] : validate.errors.map(({ instancePath }) => instancePath);
const changed = change => {
    const entry = structuredClone(serverEntry);
    change(entry, entry.packages[0]);
    return entry;
};

test('server.json keeps to the registry\'s form', () => {
    assert.deepEqual(errorsOf(serverEntry), []);
    for (const [path, change] of [
        ['/name', entry => (entry.name = 'purse')],
        ['/description', entry => (entry.description = 'x'.repeat(101))],
        ['/version', entry => (entry.version = '^0.1.0')],
        ['/packages/0/version', (_, one) => (one.version = 'latest')],
        ['/packages/0/identifier', (_, one) => (one.identifier = 'https://example.org/purse.mcpb')],
        ['/packages/0/fileSha256', (_, one) => (one.fileSha256 = 'ABC')],
        ['/packages/0', (_, one) => delete one.transport],
        ['/packages/0/environmentVariables/0/name', (_, one) => {
            one.environmentVariables[0].name = 'a b';
        }],
        ['', entry => (entry.colour = 'green')],
    ])
        assert.ok(errorsOf(changed(change)).includes(path), path);
});

test('server.json and manifest.json say the same', () => {
    const [one] = serverEntry.packages;
    assert.equal(serverEntry.version, manifest.version);
    assert.equal(one.version, manifest.version);
    assert.equal(serverEntry.repository.url, manifest.repository.url);
    const releases = `${serverEntry.repository.url}/releases/download`;
    assert.ok(one.identifier.startsWith(`${releases}/v${manifest.version}/`));
    const names = one.environmentVariables.map(({ name }) => name);
    assert.deepEqual(names, Object.keys(manifest.server.mcp_config.env));
    for (const { name, isSecret } of one.environmentVariables) {
        const key = manifest.server.mcp_config.env[name].match(/^\$\{user_config\.(\w+)\}$/)[1];
        assert.equal(isSecret ?? false, manifest.user_config[key].sensitive ?? false, name);
    }
    assert.ok(!('fileSha256' in one), 'the hash belongs to a bundle, not into the repository');
});

test('the entry that ./dev bundle writes has the bundle\'s hash', () => {
    const entry = json(madeEntry);
    assert.deepEqual(errorsOf(entry), []);
    const { fileSha256, ...rest } = entry.packages[0];
    assert.equal(fileSha256, createHash('sha256').update(readFileSync(bundleFile)).digest('hex'));
    assert.deepEqual({ ...entry, packages: [rest] }, serverEntry);
    assert.equal(basename(rest.identifier), basename(bundleFile));
});
