// SPDX-License-Identifier: Apache-2.0
// The reference's tables: SQLite at full durability, as Purse's own ledger.
import Database from 'better-sqlite3';

const tables = `
CREATE TABLE IF NOT EXISTS agent (name TEXT PRIMARY KEY, frozen INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cap (
  id INTEGER PRIMARY KEY, held INTEGER NOT NULL DEFAULT 0, spent INTEGER NOT NULL DEFAULT 0,
  win INTEGER NOT NULL DEFAULT 0, CHECK (held >= 0 AND spent >= 0));
CREATE TABLE IF NOT EXISTS charge (
  cap INTEGER NOT NULL, until INTEGER NOT NULL, hold INTEGER NOT NULL, held INTEGER NOT NULL,
  spent INTEGER NOT NULL, PRIMARY KEY (cap, until, hold)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hold (
  id INTEGER PRIMARY KEY, tx TEXT NOT NULL UNIQUE, state TEXT NOT NULL, agent TEXT NOT NULL,
  service TEXT, payee TEXT NOT NULL, amount INTEGER NOT NULL, max_capture INTEGER NOT NULL,
  captured INTEGER, taken INTEGER NOT NULL, expires INTEGER NOT NULL,
  task TEXT, workflow TEXT, purpose TEXT);
CREATE INDEX IF NOT EXISTS hold_open ON hold (expires) WHERE state = 'held';
CREATE TABLE IF NOT EXISTS idempotency (
  agent TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, answer TEXT NOT NULL,
  PRIMARY KEY (agent, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journal (
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL, hash BLOB NOT NULL);
`;

const statements = {
    frozen: 'SELECT frozen FROM agent WHERE name = ?',
    capRow: 'SELECT held, spent, win FROM cap WHERE id = ?',
    // One conditional UPDATE a cap: no row changed means that the cap refuses.
    take: `UPDATE cap SET held = CASE WHEN win < @win THEN 0 ELSE held END + @x,
             spent = CASE WHEN win < @win THEN 0 ELSE spent END, win = max(win, @win)
           WHERE id = @id AND CASE WHEN win < @win THEN 0 ELSE held + spent END + @x <= @limit`,
    // Settling in the window of the hold only: a window that has passed is not touched.
    give: 'UPDATE cap SET held = held - @held, spent = spent + @spent WHERE id = @id AND win = @win',
    capture: `UPDATE cap SET held = held - @held, spent = spent + @spent
              WHERE id = @id AND win = @win AND held - @held + spent + @spent <= @limit`,
    due: 'SELECT cap, until, hold, held, spent FROM charge WHERE cap = ? AND until <= ? LIMIT 256',
    unCharge: 'DELETE FROM charge WHERE cap = ? AND until = ? AND hold = ?',
    charge: 'INSERT INTO charge (cap, until, hold, held, spent) VALUES (?, ?, ?, ?, ?)',
    moveCharge: 'UPDATE charge SET held = 0, spent = ? WHERE cap = ? AND until = ? AND hold = ?',
    newHold: `INSERT INTO hold (tx, state, agent, service, payee, amount, max_capture, taken, expires,
                task, workflow, purpose) VALUES (?, 'held', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    holdByTx: 'SELECT * FROM hold WHERE tx = ? AND agent = ?',
    endHold: 'UPDATE hold SET state = ?, captured = ? WHERE id = ?',
    expired: "SELECT * FROM hold WHERE state = 'held' AND expires <= ? ORDER BY expires LIMIT 64",
    openHolds: "SELECT * FROM hold WHERE state = 'held' AND agent = ? ORDER BY expires LIMIT 20",
    keyed: 'SELECT fingerprint, answer FROM idempotency WHERE agent = ? AND key = ?',
    keep: 'INSERT INTO idempotency (agent, key, fingerprint, answer) VALUES (?, ?, ?, ?)',
    head: 'SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1',
    journal: 'INSERT INTO journal (seq, at, body, hash) VALUES (?, ?, ?, ?)',
};

/** Opens the ledger file and prepares every statement. */
export function open(file, agent, capCount) {
    const db = new Database(file, { timeout: 5000 });
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.transaction(() => {
        db.exec(tables);
        db.prepare('INSERT OR IGNORE INTO agent (name) VALUES (?)').run(agent);
        const addCap = db.prepare('INSERT OR IGNORE INTO cap (id) VALUES (?)');
        for (let id = 1; id <= capCount; ++id) addCap.run(id);
    }).immediate();
    const sql = {};
    for (const [name, text] of Object.entries(statements)) sql[name] = db.prepare(text);
    return { db, sql };
}
