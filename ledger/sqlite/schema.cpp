// SPDX-License-Identifier: Apache-2.0
#include "ledger/sqlite/schema.hpp"

#include <array>

#include "ledger/store.hpp"

namespace purse::sqlite {

namespace {
// Portable subset: BIGINT, TEXT, BYTEA; times are microseconds since 1970; ids are made by the
// ledger; no sequences, triggers or foreign keys. CHECKs are the second guard behind the rules.
const Migration kVersion1{
    // Where the ledger stands. One row.
    "CREATE TABLE meta (id BIGINT PRIMARY KEY, schema_version BIGINT NOT NULL, "
    "epoch BIGINT NOT NULL, policy_version BIGINT NOT NULL, seq BIGINT NOT NULL, "
    "head BYTEA NOT NULL, last_time BIGINT NOT NULL, counters BIGINT NOT NULL, "
    "accounts BIGINT NOT NULL, signed_seq BIGINT NOT NULL)",

    // What is held and spent under one cap, one scope (task, workflow, ...), one window.
    "CREATE TABLE counter (id BIGINT PRIMARY KEY, budget TEXT NOT NULL, kind TEXT NOT NULL, "
    "scope TEXT NOT NULL, window_start BIGINT NOT NULL, held BIGINT NOT NULL CHECK (held >= 0), "
    "spent BIGINT NOT NULL CHECK (spent >= 0))",
    "CREATE UNIQUE INDEX counter_key ON counter (budget, kind, scope, window_start)",

    // What each hold still counts in a rolling counter, and until when.
    "CREATE TABLE window_entry (counter BIGINT NOT NULL, leaves_at BIGINT NOT NULL, "
    "hold BIGINT NOT NULL, held BIGINT NOT NULL CHECK (held >= 0), "
    "spent BIGINT NOT NULL CHECK (spent >= 0), PRIMARY KEY (counter, leaves_at, hold))",

    // Holds, by the journal entry that took them. state: see HoldState.
    "CREATE TABLE hold (seq BIGINT PRIMARY KEY, token BIGINT NOT NULL, state BIGINT NOT NULL, "
    "agent TEXT NOT NULL, credential TEXT NOT NULL, service TEXT NOT NULL, payee TEXT NOT NULL, "
    "amount BIGINT NOT NULL CHECK (amount >= 0), purpose TEXT NOT NULL, task TEXT NOT NULL, "
    "workflow TEXT NOT NULL, taken_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, "
    "ended_at BIGINT NOT NULL, max_capture BIGINT NOT NULL, "
    "captured BIGINT NOT NULL CHECK (captured >= 0 AND captured <= max_capture), "
    "late BIGINT NOT NULL, legs TEXT NOT NULL)",
    // Those that are open or awaiting approval, in the order in which they expire.
    "CREATE TABLE open_hold (expires_at BIGINT NOT NULL, seq BIGINT NOT NULL, "
    "PRIMARY KEY (expires_at, seq))",

    // Idempotency keys, for ever: the arguments they belong to and the entry with the answer.
    "CREATE TABLE request (agent TEXT NOT NULL, request_key TEXT NOT NULL, "
    "fingerprint BYTEA NOT NULL, seq BIGINT NOT NULL, PRIMARY KEY (agent, request_key))",

    "CREATE TABLE journal (seq BIGINT PRIMARY KEY, at BIGINT NOT NULL, body TEXT NOT NULL, "
    "hash BYTEA NOT NULL)",
    "CREATE TABLE head (seq BIGINT PRIMARY KEY, hash BYTEA NOT NULL, signed_at BIGINT NOT NULL, "
    "public_key BYTEA NOT NULL, signature BYTEA NOT NULL)",

    // Double entry: a transfer debits one account and credits another by the same amount.
    "CREATE TABLE account (id BIGINT PRIMARY KEY, name TEXT NOT NULL, "
    "debits BIGINT NOT NULL CHECK (debits >= 0), credits BIGINT NOT NULL CHECK (credits >= 0))",
    "CREATE UNIQUE INDEX account_name ON account (name)",
    "CREATE TABLE transfer (seq BIGINT PRIMARY KEY, hold BIGINT NOT NULL, debit BIGINT NOT NULL, "
    "credit BIGINT NOT NULL, amount BIGINT NOT NULL CHECK (amount > 0))",

    "CREATE TABLE policy (version BIGINT PRIMARY KEY, sha256 TEXT NOT NULL, body TEXT NOT NULL, "
    "source TEXT NOT NULL, applied_at BIGINT NOT NULL)",
    "CREATE TABLE credential (id TEXT NOT NULL, agent TEXT NOT NULL, hash BYTEA NOT NULL, "
    "issued_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, revoked_at BIGINT NOT NULL, "
    "note TEXT NOT NULL, PRIMARY KEY (id))",
    "CREATE UNIQUE INDEX credential_hash ON credential (hash)",
    "CREATE TABLE freeze (target TEXT NOT NULL, since BIGINT NOT NULL, note TEXT NOT NULL, "
    "PRIMARY KEY (target))",
    // What payees took beyond what may be captured: one row a hold, for the operator's eyes.
    "CREATE TABLE excess (hold BIGINT PRIMARY KEY, seq BIGINT NOT NULL, agent TEXT NOT NULL, "
    "reported BIGINT NOT NULL, allowed BIGINT NOT NULL, at BIGINT NOT NULL)",

    "INSERT INTO meta (id, schema_version, epoch, policy_version, seq, head, last_time, counters, "
    "accounts, signed_seq) VALUES (1, 1, 0, 0, 0, "
    "x'0000000000000000000000000000000000000000000000000000000000000000', 0, 0, 0, 0)",
};

// Debts on their way to payees over a chain.
const Migration kVersion2{
    "CREATE TABLE treasury (id BIGINT PRIMARY KEY, chain BIGINT NOT NULL, token TEXT NOT NULL, "
    "address TEXT NOT NULL, balance BIGINT NOT NULL CHECK (balance >= 0), "
    "balance_block BIGINT NOT NULL, paid_seen BIGINT NOT NULL, owed BIGINT NOT NULL, "
    "first_block BIGINT NOT NULL, latest BIGINT NOT NULL, "
    "safe BIGINT NOT NULL, finalized BIGINT NOT NULL, seen_at BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX treasury_key ON treasury (chain, token, address)",

    // waiting: debts are not covered and no payout is pending.
    "CREATE TABLE payee (id BIGINT PRIMARY KEY, treasury BIGINT NOT NULL, address TEXT NOT NULL, "
    "owed BIGINT NOT NULL CHECK (owed >= 0), covered BIGINT NOT NULL CHECK (covered >= 0), "
    "included BIGINT NOT NULL CHECK (included >= 0), paid BIGINT NOT NULL CHECK (paid >= 0), "
    "next_k BIGINT NOT NULL, pending BIGINT NOT NULL, waiting_since BIGINT NOT NULL, "
    "waiting BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX payee_key ON payee (treasury, address)",
    "CREATE INDEX payee_waiting ON payee (treasury, waiting, id)",

    "CREATE TABLE debt (hold BIGINT PRIMARY KEY, seq BIGINT NOT NULL, payee BIGINT NOT NULL, "
    "agent TEXT NOT NULL, amount BIGINT NOT NULL CHECK (amount > 0), upto BIGINT NOT NULL)",
    "CREATE INDEX debt_agent ON debt (agent, seq)",

    // state: see PayoutState.
    "CREATE TABLE payout (id BIGINT PRIMARY KEY, payee BIGINT NOT NULL, k BIGINT NOT NULL, "
    "value BIGINT NOT NULL CHECK (value > 0), asked BIGINT NOT NULL, start BIGINT NOT NULL, "
    "nonce BYTEA NOT NULL, valid_before BIGINT NOT NULL, signature BYTEA NOT NULL, state BIGINT "
    "NOT NULL, "
    "reason TEXT NOT NULL, slot BIGINT NOT NULL, tx BYTEA NOT NULL, block BIGINT NOT NULL, "
    "block_hash BYTEA NOT NULL, seen BIGINT NOT NULL, "
    "created_at BIGINT NOT NULL, changed_at BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX payout_nonce ON payout (nonce)",
    "CREATE UNIQUE INDEX payout_key ON payout (payee, k)",
    "CREATE INDEX payout_state ON payout (state, id)",
    "CREATE INDEX payout_slot ON payout (slot, id)",

    // One number of one relayer's account. state: see SlotState.
    "CREATE TABLE slot (id BIGINT PRIMARY KEY, relayer TEXT NOT NULL, nonce BIGINT NOT NULL, "
    "kind BIGINT NOT NULL, state BIGINT NOT NULL, tx BYTEA NOT NULL, block BIGINT NOT NULL, "
    "block_hash BYTEA NOT NULL, gas_used BIGINT NOT NULL, cost TEXT NOT NULL, "
    "accepted BIGINT NOT NULL, created_at BIGINT NOT NULL)",
    "CREATE INDEX slot_key ON slot (relayer, nonce)",
    "CREATE INDEX slot_state ON slot (state, id)",

    // Every version that was ever signed for a slot.
    "CREATE TABLE attempt (slot BIGINT NOT NULL, version BIGINT NOT NULL, hash BYTEA NOT NULL, "
    "raw BYTEA NOT NULL, max_fee TEXT NOT NULL, tip TEXT NOT NULL, gas BIGINT NOT NULL, "
    "signed_at BIGINT NOT NULL, PRIMARY KEY (slot, version))",
    "CREATE UNIQUE INDEX attempt_hash ON attempt (hash)",
};

// What people are asked before a hold may be used. state: see ApprovalState.
const Migration kVersion3{
    "CREATE TABLE approval (hold BIGINT PRIMARY KEY, token BIGINT NOT NULL, "
    "state BIGINT NOT NULL, agent TEXT NOT NULL, wishes TEXT NOT NULL, client TEXT NOT NULL, "
    "asked_at BIGINT NOT NULL, until BIGINT NOT NULL, lasts BIGINT NOT NULL, "
    "in_chat BIGINT NOT NULL, decided_at BIGINT NOT NULL, decided_by TEXT NOT NULL, "
    "channel BIGINT NOT NULL, note TEXT NOT NULL)",
    "CREATE INDEX approval_waiting ON approval (state, until, hold)",
    "CREATE INDEX approval_agent ON approval (state, agent)",
};

// Secrets that prove the operator to the page. kind: see OperatorKeyKind.
const Migration kVersion4{
    "CREATE TABLE operator_key (hash BYTEA NOT NULL, kind BIGINT NOT NULL, id TEXT NOT NULL, "
    "issued_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, seen_at BIGINT NOT NULL, "
    "ended_at BIGINT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (hash))",
    "CREATE INDEX operator_key_kind ON operator_key (kind, issued_at)",
};

// The Merkle tree over the journal: how many entries it covers, and its frontier. A ledger with
// entries begins at none, and catches up in slices.
const Migration kVersion5{
    "ALTER TABLE meta ADD COLUMN tree_size BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE meta ADD COLUMN tree BYTEA NOT NULL DEFAULT ''",
    "ALTER TABLE head ADD COLUMN root BYTEA NOT NULL DEFAULT ''",
};

// Who is told of what, what could not be delivered, and which thresholds of caps were told of.
const Migration kVersion6{
    "CREATE TABLE webhook (id TEXT NOT NULL, url TEXT NOT NULL, events TEXT NOT NULL, "
    "agent TEXT NOT NULL, secret BYTEA NOT NULL, old_secret BYTEA NOT NULL, "
    "old_until BIGINT NOT NULL, note TEXT NOT NULL, created_at BIGINT NOT NULL, "
    "state BIGINT NOT NULL, position BIGINT NOT NULL, delivered BIGINT NOT NULL, "
    "delivered_at BIGINT NOT NULL, failures BIGINT NOT NULL, paused_until BIGINT NOT NULL, "
    "trouble TEXT NOT NULL, PRIMARY KEY (id))",
    "CREATE TABLE webhook_letter (webhook TEXT NOT NULL, seq BIGINT NOT NULL, part TEXT NOT NULL, "
    "dead BIGINT NOT NULL, attempts BIGINT NOT NULL, first_at BIGINT NOT NULL, "
    "next_at BIGINT NOT NULL, trouble TEXT NOT NULL, PRIMARY KEY (webhook, seq, part))",
    "CREATE INDEX webhook_letter_due ON webhook_letter (webhook, dead, next_at)",
    "CREATE TABLE webhook_mark (webhook TEXT NOT NULL, cap TEXT NOT NULL, "
    "percent BIGINT NOT NULL, told_at BIGINT NOT NULL, PRIMARY KEY (webhook, cap, percent))",
};

// A head that was signed for a receipt keeps what proves its entry. A policy that is tried beside
// the one in force: at most one row.
const Migration kVersion7{
    "ALTER TABLE head ADD COLUMN path BYTEA NOT NULL DEFAULT ''",
    "CREATE TABLE shadow (id BIGINT PRIMARY KEY, since BIGINT NOT NULL, "
    "started_at BIGINT NOT NULL, position BIGINT NOT NULL, told BIGINT NOT NULL, "
    "sha256 TEXT NOT NULL, body TEXT NOT NULL, source TEXT NOT NULL)",
};

const std::array kMigrations{kVersion1, kVersion2, kVersion3, kVersion4,
                             kVersion5, kVersion6, kVersion7};

std::int64_t version_of(Connection& connection)
{
    Statement tables{connection,
                     "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'"};
    auto found = tables.use();
    if (!found.step() || found.integer(0) == 0) return 0;
    Statement version{connection, "SELECT schema_version FROM meta WHERE id = 1"};
    auto row = version.use();
    return row.step() ? row.integer(0) : 0;
}
}  // namespace

std::span<const Migration> migrations()
{
    return kMigrations;
}

std::string to_sqlite(std::string_view portable)
{
    std::string sql{portable};
    // Only the exact words "INTEGER PRIMARY KEY" make a column the row id.
    static constexpr std::string_view kKey = "BIGINT PRIMARY KEY";
    if (const auto at = sql.find(kKey); at != std::string::npos)
        sql.replace(at, kKey.size(), "INTEGER PRIMARY KEY");
    else if (sql.starts_with("CREATE TABLE"))
        sql += " WITHOUT ROWID";
    return sql;
}

void migrate(Connection& connection, std::span<const Migration> steps)
{
    const auto newest = static_cast<std::int64_t>(steps.size());
    const auto version = version_of(connection);
    if (version == newest) return;
    if (version > newest)
        throw StoreError{StoreError::Kind::failed,
                         "the ledger has schema version " + std::to_string(version) +
                             ", this program knows " + std::to_string(newest) +
                             "; use the newer program"};
    connection.execute("BEGIN IMMEDIATE");
    try {
        for (auto next = version; next < newest; ++next)
            for (const auto statement : steps[static_cast<std::size_t>(next)])
                connection.execute(to_sqlite(statement).c_str());
        const auto stamp =
            "UPDATE meta SET schema_version = " + std::to_string(newest) + " WHERE id = 1";
        connection.execute(stamp.c_str());
        connection.execute("COMMIT");
    } catch (const StoreError&) {
        try {
            connection.execute("ROLLBACK");
        } catch (const StoreError&) {
            // SQLite has rolled back already; the first error is the one to tell.
        }
        throw;
    }
}

}  // namespace purse::sqlite
