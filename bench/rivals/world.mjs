// SPDX-License-Identifier: Apache-2.0
// What all subjects share: a chain with the real USDC, a shop that sells over x402, and PostgreSQL
// where there is one. Everything is on loopback, and nothing outlives this process.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startBed } from '../../tests/chain/support/bed.mjs';
import { endOf, killHard, spawnBound } from '../../tests/chain/support/child.mjs';
import { newAccount } from '../../tests/chain/support/keys.mjs';
import { plenty } from '../../tests/chain/support/weather.mjs';
import { postgresFolder, startPostgres } from './postgres.mjs';

/**
 * `terms`: price, perPayment and cap, decimal dollars; `folder`: on a real disk; `ends`: gets what ends
 * each part, to be called from its end.
 */
export async function openWorld(terms, folder, ends) {
    const place = mkdtempSync(join(folder, 'purse-rivals-'));
    ends.push(() => rmSync(place, { recursive: true, force: true, maxRetries: 10 }));
    const bed = await startBed({ blockTime: 0.1 });
    ends.push(() => bed.stop());
    const shop = await openShop(bed, terms.price);
    ends.push(() => shop.stop());
    let postgres = null;
    if (postgresFolder()) {
        postgres = await startPostgres(folder, ends);
        const client = new pg.Client(postgres.connection);
        await client.connect();
        await client.query(`CREATE TABLE spend (id BIGINT GENERATED ALWAYS AS IDENTITY, store TEXT, amount BIGINT,
                            asset TEXT, network TEXT, pay_to TEXT, at BIGINT)`);
        await client.end();
    }
    return { ...terms, folder: place, bed, shop, postgres };
}

/** { url, sold: Map of a transaction to its item }. */
async function openShop(bed, price) {
    const facilitator = newAccount();
    await bed.giveEther(facilitator.address, plenty);
    const settings = { rpc: bed.url, payTo: newAccount().address, price, key: facilitator.key };
    const child = spawnBound(process.execPath, [fileURLToPath(new URL('shop.mjs', import.meta.url))], {
        env: { PATH: process.env.PATH, SHOP: JSON.stringify(settings) }, stdio: ['ignore', 'pipe', 'inherit'],
    });
    const sold = new Map();
    const up = Promise.withResolvers();
    createInterface({ input: child.stdout }).on('line', line => {
        const { url, tx, item } = JSON.parse(line);
        if (url) up.resolve(url);
        else if (tx) sold.set(tx, item);
    });
    endOf(child).then(({ code, signal }) => up.reject(new Error(`the shop ended: ${signal ?? code}`)));
    return { url: await up.promise, sold, stop: () => killHard(child) };
}
