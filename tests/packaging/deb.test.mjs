// SPDX-License-Identifier: Apache-2.0
// The Debian package: taken apart, and its program and its unit tried. Installing it changes the
// machine, so that is not a test; docs/packaging.md says how it was tried.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { manifest, Peer, root, run, scratch } from './support.mjs';

const limit = { timeout: 60_000 };
const made = join(root, 'build/deb');
const files = readdirSync(made).filter(name => name.endsWith('.deb'));
const file = join(made, files[0]);

async function extracted(t) {
    const folder = scratch(t);
    await run('dpkg-deb', ['-R', file, folder]);
    return folder;
}

test('what the package says of itself', limit, async () => {
    assert.equal(files.length, 1);
    const field = async name => (await run('dpkg-deb', ['-f', file, name])).stdout.trim();
    assert.equal(await field('Package'), 'purse');
    assert.equal(await field('Version'), manifest.version);
    const depends = await field('Depends');
    for (const name of ['adduser', 'libc6', 'libstdc++6', 'libdate-tz3'])
        assert.match(depends, new RegExp(`(^|, )${name.replaceAll('+', '\\+')}( |,|$)`));
});

test('what is in the package, and that its program works', limit, async t => {
    const folder = await extracted(t);
    const program = join(folder, 'usr/bin/purse');
    assert.equal(statSync(program).mode & 0o777, 0o755);
    assert.equal((await run(program, ['--version'])).stdout, `purse ${manifest.version}\n`);
    const home = scratch(t);
    const peer = new Peer(t, { command: program, args: [], env: { HOME: home }, cwd: home });
    await peer.initialize();
    const hold = { service: 'images', estimatedCost: '0.08' };
    const call = { name: 'pay_preauthorize', arguments: hold };
    assert.equal((await peer.ask('tools/call', call)).structuredContent.ok, true);

    const documents = join(folder, 'usr/share/doc/purse');
    for (const name of ['copyright', 'packaging.md', 'licences/README.txt'])
        assert.ok(existsSync(join(documents, name)), name);
    const page = gunzipSync(readFileSync(join(folder, 'usr/share/man/man1/purse.1.gz'))).toString();
    assert.match(page, /^\.TH PURSE 1 /m);
    await run(program, ['policy', 'check', join(documents, 'examples/policy.jsonc')]);
});

test('its scripts parse, and settings are kept', limit, async t => {
    const control = join(await extracted(t), 'DEBIAN');
    assert.equal(readFileSync(join(control, 'conffiles'), 'utf8'), '/etc/default/purse\n');
    for (const name of ['postinst', 'prerm', 'postrm']) {
        await run('sh', ['-n', join(control, name)]);
        const script = readFileSync(join(control, name), 'utf8');
        assert.doesNotMatch(script, /^\s*rm\b.*\/var\/lib/m, 'no script takes a ledger away');
    }
});

test('the man page and the unit name what the program knows', limit, async t => {
    const sources = readFileSync(join(root, 'server/settings.cpp'), 'utf8');
    const known = new Set(sources.match(/(?<=")PURSE_[A-Z_]+(?=")/g));
    const folder = await extracted(t);
    const page = gunzipSync(readFileSync(join(folder, 'usr/share/man/man1/purse.1.gz'))).toString();
    assert.deepEqual(new Set(page.match(/PURSE_[A-Z_]+/g)), known);
    known.add('PURSE_WALLET_PASSWORD_FILE');
    const unit = readFileSync(join(folder, 'usr/lib/systemd/system/purse.service'), 'utf8');
    const settings = readFileSync(join(folder, 'etc/default/purse'), 'utf8');
    for (const name of (unit + settings).match(/PURSE_[A-Z_]+/g)) assert.ok(known.has(name), name);
    const [, words] = unit.match(/^ExecStart=\/usr\/bin\/purse (.*)$/m);
    assert.deepEqual(words.split(' '), ['serve', '--http', '127.0.0.1:8377']);
});

const analyze = await run('systemd-analyze', ['--version']).then(() => true, () => false);
test('the unit is shut in', { ...limit, skip: !analyze && 'no systemd-analyze here' }, async t => {
    const folder = await extracted(t);
    // A root in which the names of the unit can be looked up.
    mkdirSync(join(folder, 'etc'), { recursive: true });
    writeFileSync(join(folder, 'etc/passwd'), 'purse:x:101:102::/:/bin/false\n');
    const words = ['security', '--offline=true', '--threshold=15', `--root=${folder}`];
    const { stdout } = await run('systemd-analyze', [...words, 'purse.service']);
    const [, exposure] = stdout.match(/exposure level for purse\.service: (\d+\.\d+)/);
    assert.ok(Number(exposure) <= 1.5, exposure);
});
