// SPDX-License-Identifier: Apache-2.0
// Every statement of the SQLite adapter, prepared once a connection.
#pragma once

#include "ledger/sqlite/connection.hpp"

namespace purse::sqlite {

struct Statements {
    explicit Statements(Connection& connection) : db{connection} {}

    Connection& db;

    Statement begin{db, "BEGIN IMMEDIATE"};
    Statement commit{db, "COMMIT"};
    Statement rollback{db, "ROLLBACK"};

    Statement meta{db,
                   "SELECT schema_version, epoch, policy_version, seq, head, last_time, counters, "
                   "accounts, signed_seq, tree_size, tree FROM meta WHERE id = 1"};
    Statement put_meta{db,
                       "UPDATE meta SET epoch = ?, policy_version = ?, seq = ?, head = ?, "
                       "last_time = ?, counters = ?, accounts = ?, signed_seq = ?, "
                       "tree_size = ?, tree = ? WHERE id = 1"};

    Statement find_counter{db,
                           "SELECT id, held, spent FROM counter WHERE budget = ? AND kind = ? "
                           "AND scope = ? AND window_start = ?"};
    Statement counter{db, "SELECT id, held, spent FROM counter WHERE id = ?"};
    Statement counter_key{db, "SELECT budget, kind, scope, window_start FROM counter WHERE id = ?"};
    Statement insert_counter{db,
                             "INSERT INTO counter (id, budget, kind, scope, window_start, held, "
                             "spent) VALUES (?, ?, ?, ?, ?, ?, ?)"};
    // The cap's one guard that no concurrency can pass: check and change are one statement.
    Statement add_to_counter{db,
                             "UPDATE counter SET held = held + ?1, spent = spent + ?2 "
                             "WHERE id = ?3 AND held + ?1 >= 0 AND spent + ?2 >= 0 "
                             "AND (?1 + ?2 <= 0 OR held + spent + ?1 + ?2 <= ?4)"};
    Statement counters_of{db,
                          "SELECT budget, kind, scope, window_start, id, held, spent FROM counter "
                          "WHERE budget = ? ORDER BY kind, scope, window_start DESC LIMIT ?"};

    Statement insert_window_entry{db,
                                  "INSERT INTO window_entry (counter, leaves_at, hold, held, "
                                  "spent) VALUES (?, ?, ?, ?, ?)"};
    Statement window_entry{db,
                           "SELECT held, spent FROM window_entry WHERE counter = ? AND "
                           "leaves_at = ? AND hold = ?"};
    Statement update_window_entry{db,
                                  "UPDATE window_entry SET held = ?, spent = ? WHERE counter = ? "
                                  "AND leaves_at = ? AND hold = ?"};
    Statement erase_window_entry{db,
                                 "DELETE FROM window_entry WHERE counter = ? AND leaves_at = ? "
                                 "AND hold = ?"};
    Statement window_entries{db,
                             "SELECT leaves_at, hold, held, spent FROM window_entry WHERE "
                             "counter = ? ORDER BY leaves_at, hold LIMIT ?"};
    Statement sum_left{db,
                       "SELECT COUNT(*), SUM(held), SUM(spent) FROM window_entry WHERE "
                       "counter = ? AND leaves_at <= ?"};
    Statement erase_left{db, "DELETE FROM window_entry WHERE counter = ? AND leaves_at <= ?"};

    Statement insert_hold{db,
                          "INSERT INTO hold (seq, token, state, agent, credential, service, "
                          "payee, amount, purpose, task, workflow, taken_at, expires_at, "
                          "ended_at, max_capture, captured, late, legs) VALUES "
                          "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0, 0, ?)"};
    Statement hold{db,
                   "SELECT seq, token, state, agent, credential, service, payee, amount, purpose, "
                   "task, workflow, taken_at, expires_at, ended_at, max_capture, captured, late, "
                   "legs FROM hold WHERE seq = ?"};
    Statement open_awaiting{db,
                            "UPDATE hold SET state = 0, expires_at = ? WHERE seq = ? AND "
                            "state = 4"};
    Statement end_hold{db,
                       "UPDATE hold SET state = ?, captured = ?, ended_at = ?, late = ? "
                       "WHERE seq = ? AND state = ?"};
    Statement insert_open{db, "INSERT INTO open_hold (expires_at, seq) VALUES (?, ?)"};
    Statement erase_open{db, "DELETE FROM open_hold WHERE expires_at = ? AND seq = ?"};
    Statement due_holds{db,
                        "SELECT seq FROM open_hold WHERE expires_at <= ? ORDER BY expires_at, seq "
                        "LIMIT ?"};
    Statement next_open{db, "SELECT seq FROM open_hold ORDER BY expires_at, seq LIMIT ?"};

    Statement request{db,
                      "SELECT fingerprint, seq FROM request WHERE agent = ? AND request_key = ?"};
    Statement insert_request{db,
                             "INSERT INTO request (agent, request_key, fingerprint, seq) VALUES "
                             "(?, ?, ?, ?)"};

    Statement append_journal{db, "INSERT INTO journal (seq, at, body, hash) VALUES (?, ?, ?, ?)"};
    Statement journal{
        db, "SELECT seq, at, body, hash FROM journal WHERE seq >= ? ORDER BY seq LIMIT ?"};
    Statement insert_head{
        db,
        "INSERT INTO head (seq, hash, signed_at, public_key, signature, root, path) VALUES "
        "(?, ?, ?, ?, ?, ?, ?) ON CONFLICT (seq) DO UPDATE SET "
        "hash = excluded.hash, signed_at = excluded.signed_at, "
        "public_key = excluded.public_key, signature = excluded.signature, "
        "root = excluded.root, path = excluded.path"};
    Statement heads{
        db,
        "SELECT seq, hash, signed_at, public_key, signature, root, path FROM head WHERE seq >= ? "
        "ORDER BY seq LIMIT ?"};

    Statement account{db, "SELECT id, debits, credits FROM account WHERE name = ?"};
    Statement insert_account{db,
                             "INSERT INTO account (id, name, debits, credits) VALUES (?, ?, 0, 0)"};
    Statement add_to_account{db,
                             "UPDATE account SET debits = debits + ?, credits = credits + ? "
                             "WHERE id = ?"};
    Statement accounts{db,
                       "SELECT name, debits, credits FROM account WHERE name >= ? AND name < ? "
                       "ORDER BY name LIMIT ?"};
    Statement insert_transfer{db,
                              "INSERT INTO transfer (seq, hold, debit, credit, amount) VALUES "
                              "(?, ?, ?, ?, ?)"};

    Statement shadow{db,
                     "SELECT since, started_at, position, told, sha256, body, source FROM shadow"};
    Statement put_shadow{
        db,
        "INSERT INTO shadow (id, since, started_at, position, told, sha256, body, source) VALUES "
        "(1, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET since = excluded.since, "
        "started_at = excluded.started_at, position = excluded.position, told = excluded.told, "
        "sha256 = excluded.sha256, body = excluded.body, source = excluded.source"};
    Statement erase_shadow{db, "DELETE FROM shadow"};

    Statement insert_policy{db,
                            "INSERT INTO policy (version, sha256, body, source, applied_at) VALUES "
                            "(?, ?, ?, ?, ?)"};
    Statement policy{db,
                     "SELECT version, sha256, body, source, applied_at FROM policy WHERE "
                     "version = ?"};
    Statement insert_credential{db,
                                "INSERT INTO credential (id, agent, hash, issued_at, expires_at, "
                                "revoked_at, note) VALUES (?, ?, ?, ?, ?, ?, ?)"};
    Statement update_credential{
        db, "UPDATE credential SET expires_at = ?, revoked_at = ? WHERE id = ?"};
    Statement credential_by_hash{db,
                                 "SELECT id, agent, hash, issued_at, expires_at, revoked_at, note "
                                 "FROM credential WHERE hash = ?"};
    Statement credentials{db,
                          "SELECT id, agent, hash, issued_at, expires_at, revoked_at, note FROM "
                          "credential ORDER BY issued_at, id"};
    Statement erase_freeze{db, "DELETE FROM freeze WHERE target = ?"};
    Statement insert_freeze{db, "INSERT INTO freeze (target, since, note) VALUES (?, ?, ?)"};
    Statement freezes{db, "SELECT target, since, note FROM freeze ORDER BY target"};
    Statement erase_excess{db, "DELETE FROM excess WHERE hold = ?"};
    Statement insert_excess{db,
                            "INSERT INTO excess (hold, seq, agent, reported, allowed, at) VALUES "
                            "(?, ?, ?, ?, ?, ?)"};
    Statement excesses{db,
                       "SELECT hold, seq, agent, reported, allowed, at FROM excess ORDER BY "
                       "seq DESC LIMIT ?"};

    Statement insert_operator_key{db,
                                  "INSERT INTO operator_key (hash, kind, id, issued_at, "
                                  "expires_at, seen_at, ended_at, note) VALUES "
                                  "(?, ?, ?, ?, ?, ?, ?, ?)"};
    Statement update_operator_key{
        db, "UPDATE operator_key SET seen_at = ?, ended_at = ? WHERE hash = ?"};
    Statement operator_key{db,
                           "SELECT hash, kind, id, issued_at, expires_at, seen_at, ended_at, note "
                           "FROM operator_key WHERE hash = ?"};
    Statement operator_keys{db,
                            "SELECT hash, kind, id, issued_at, expires_at, seen_at, ended_at, note "
                            "FROM operator_key WHERE kind = ? ORDER BY issued_at DESC, hash LIMIT "
                            "?"};
};

}  // namespace purse::sqlite
