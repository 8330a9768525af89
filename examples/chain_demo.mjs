#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The demo on a chain: Anvil with the real USDC bytecode, a wallet made by `purse wallet new`, the
// story of `./dev demo` with its settlements paid on that chain, and at the end what the chain
// says beside what the ledger says. It is a test as well: it ends with 1 when they differ.
// chain_demo.mjs PURSE DEMO
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startBed } from '../tests/chain/support/bed.mjs';
import { micro, usdc } from '../tests/chain/support/purse.mjs';

const [purse, demo] = process.argv.slice(2);
if (!demo) {
    console.error('usage: chain_demo.mjs PURSE-PROGRAM DEMO-PROGRAM');
    process.exit(2);
}
const began = Date.now();
const folder = mkdtempSync(join(tmpdir(), 'purse-chain-demo-'));
chmodSync(folder, 0o700);
const state = join(folder, 'state');
const environment = { HOME: folder, PATH: process.env.PATH };
// Never waiting with the event loop stopped: it empties the pipe into which Anvil writes.
const run = async (...words) => (await promisify(execFile)(purse, [...words, '--state', state], { env: environment, timeout: 120_000 })).stdout;
const heading = text => console.log(`\n${text}\n${'-'.repeat(text.length)}`);
let bed;

async function play() {
    heading('A chain of our own');
    bed = await startBed({ blockTime: 0.2, slots: 1 });
    console.log(`Anvil plays Base Sepolia at ${bed.url}: the real USDC bytecode at ${bed.token.address}, a block every 200 ms.`);

    heading('A wallet');
    const password = join(folder, 'password');
    writeFileSync(password, 'only for the demo\n', { mode: 0o600 });
    console.log('$ purse wallet new --chain base-sepolia --rpc URL --password-file FILE --light');
    await run('wallet', 'new', '--chain', 'base-sepolia', '--rpc', bed.url, '--password-file', password, '--light');
    const wallet = join(state, 'wallet', 'wallet.json');
    quicken(wallet);
    const list = JSON.parse(await run('wallet', 'address', '--json'));
    const accounts = { treasury: list[0].address, relayers: list.slice(1).map(one => one.address) };
    await bed.fund(accounts.treasury, 100_000_000n);
    for (const relayer of accounts.relayers) await bed.giveEther(relayer, 10n ** 17n);
    console.log(`Funded: 100 USDC for the treasury ${accounts.treasury}, which signs and never sends;\n0.1 ether for the relayer ${accounts.relayers[0]}, which sends and holds no USDC.\n`);

    const told = spawn(demo, ['--purse', purse, '--wallet', wallet, '--folder', folder], { stdio: ['ignore', 'inherit', 'inherit'] });
    const [status] = await once(told, 'exit');
    const isTold = status === 0;

    heading('What the chain says');
    console.log('$ purse payout run --once');
    await run('payout', 'run', '--once');
    const isSame = await compare(accounts.treasury);
    console.log(await run('reconcile'));
    return isTold && isSame;
}

/** Times fit for a story; a real chain needs the longer ones that stand in the document. */
function quicken(wallet) {
    const text = readFileSync(wallet, 'utf8');
    const quick = text.replace(/"poll": "[^"]*"/, '"poll": "100ms"').replace(/"rebroadcast": "[^"]*"/, '"rebroadcast": "1s"');
    writeFileSync(wallet, quick, { mode: 0o600 });
}

async function compare(treasury) {
    const { payouts, payees } = JSON.parse(await run('payout', 'list', '--json'));
    console.log(`${payouts.length} payouts:`);
    for (const one of payouts.toReversed()) console.log(`  ${one.value.padStart(8)} USDC to ${one.payee}  ${one.state}  block ${one.block}  ${one.tx.slice(0, 18)}...`);
    console.log(`\n${'Payee'.padEnd(44)}${'owed'.padStart(10)}${'ledger: paid'.padStart(14)}${'on the chain'.padStart(14)}`);
    let isSame = true;
    let sum = 0n;
    for (const { payee, owed, final } of payees) {
        const held = await bed.balanceOf(payee);
        isSame &&= held === micro(final) && held === micro(owed);
        sum += held;
        console.log(`${payee.padEnd(44)}${owed.padStart(10)}${final.padStart(14)}${usdc(held).padStart(14)}`);
    }
    const left = await bed.balanceOf(treasury);
    isSame &&= left === 100_000_000n - sum;
    console.log(`\nThe treasury had 100 USDC, paid ${usdc(sum)} and has ${usdc(left)}. ${isSame ? 'Every payee has what it is owed, to the micro-USDC.' : 'THE BOOKS AND THE CHAIN DIFFER.'}`);
    return isSame;
}

let code = 1;
try {
    code = (await play()) ? 0 : 1;
} catch (error) {
    console.error(`chain demo: ${error.stderr || error.stack}`);
} finally {
    await bed?.stop();
    if (code === 0) rmSync(folder, { recursive: true, force: true });
    else console.log(`The state is in ${folder}.`);
}
console.log(code === 0 ? `\nDone in ${((Date.now() - began) / 1000).toFixed(0)} s.` : '\nNOT all went as told.');
process.exit(code);
