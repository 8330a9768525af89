// SPDX-License-Identifier: Apache-2.0
// The embedded Store: one SQLite file, opened at the first transaction, shared by any
// number of processes on one machine. See docs/decisions/0002-one-lock-one-turn.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "ledger/sqlite/connection.hpp"
#include "ledger/sqlite/lock.hpp"
#include "ledger/store.hpp"

namespace purse::sqlite {

struct Statements;
class SqliteApprovalRows;
class SqlitePayoutRows;
class SqliteWebhookRows;

class SqliteStore final : public Store {
public:
    struct Settings {
        /// Made (mode 0700) when it is not there. Empty: a ledger for trying things out, of this
        /// process alone, kept in a temporary file without a name and gone with the store.
        std::string folder;
        Span lock_patience = Span::seconds(10);  ///< how long begin() waits for other processes
        int checkpoint_frames = 8192;      ///< 4 KiB each: a busy ledger's log grows to 32 MiB
        int idle_checkpoint_frames = 256;  ///< a resting ledger's log stays below 1 MiB
    };

    /// Touches nothing yet.
    explicit SqliteStore(Settings settings);
    ~SqliteStore() override;

    std::unique_ptr<StoreTx> begin() override;
    void idle() noexcept override;

private:
    friend class SqliteTx;
    class Locked;

    void open();
    void lock();
    void unlock() noexcept;

    const Settings settings_;
    std::optional<FileLock> lock_;
    std::unique_ptr<Connection> connection_;
    std::unique_ptr<Statements> statements_;
    std::unique_ptr<SqliteApprovalRows> approval_rows_;  // once they were asked for
    std::unique_ptr<SqlitePayoutRows> payout_rows_;      // the same
    std::unique_ptr<SqliteWebhookRows> webhook_rows_;    // the same
    // Counters never change their id, so what one transaction has found the next need not search.
    std::unordered_map<std::string, std::int64_t> counter_ids_;
};

/// The file's name in the state folder.
inline constexpr const char* kLedgerFile = "ledger.db";
inline constexpr const char* kLockFile = "ledger.lock";

}  // namespace purse::sqlite
