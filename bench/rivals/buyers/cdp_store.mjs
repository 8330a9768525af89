// SPDX-License-Identifier: Apache-2.0
// SpendStore of @coinbase/cdp-sdk on PostgreSQL: each method does what its comment in the package
// says, and an entry is durable before append() returns.
import pg from 'pg';

/** `store`: { connection, name }; a store of its own for each name. */
export async function sharedStore({ connection, name }) {
    const pool = new pg.Pool({ ...connection, max: 4 });
    const entryOf = ({ amount, asset, network, pay_to: payTo, at }) => ({ atomicAmount: BigInt(amount), asset, network, payTo, at: Number(at) });
    const valuesOf = entry => [name, String(entry.atomicAmount), entry.asset, entry.network, entry.payTo, entry.at];
    return {
        size: async () => Number((await pool.query('SELECT count(*) FROM spend WHERE store = $1', [name])).rows[0].count),
        load: async () => (await pool.query('SELECT * FROM spend WHERE store = $1 ORDER BY at', [name])).rows.map(entryOf),
        append: async entry => void (await pool.query(
            'INSERT INTO spend (store, amount, asset, network, pay_to, at) VALUES ($1, $2, $3, $4, $5, $6)', valuesOf(entry))),
        prune: async olderThanMs => void (await pool.query('DELETE FROM spend WHERE store = $1 AND at < $2', [name, olderThanMs])),
        removeEntry: async entry => void (await pool.query(
            `DELETE FROM spend WHERE id = (SELECT id FROM spend WHERE store = $1 AND amount = $2 AND asset = $3
             AND network = $4 AND pay_to = $5 AND at = $6 LIMIT 1)`, valuesOf(entry))),
    };
}
