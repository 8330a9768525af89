// SPDX-License-Identifier: Apache-2.0
// Runs work on the books, many pieces a commit. An answer may leave the process
// only from `done`, which is called after the commit is durable.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "ledger/books.hpp"
#include "ledger/clock.hpp"

namespace purse {

/// Why a piece of work has no result.
struct LedgerFault {
    StoreError::Kind kind = StoreError::Kind::failed;
    std::string what;
};

/// One piece of work: `run` inside the transaction, `done` after its commit or failure.
/// `run` may be called again after a failure that stored nothing.
struct Work {
    std::move_only_function<void(Books&)> run;
    std::move_only_function<void(const std::optional<LedgerFault>&)> done;
};

/// Not thread-safe: one caller at a time (the Writer, or a command).
class Ledger {
public:
    /// `signer` may be nullptr: heads are then left unsigned.
    Ledger(Store& store, const Clock& clock, Entropy& entropy, const HeadSigner* signer);

    /// Runs all pieces in one transaction, in order, and calls every `done`. Never throws.
    /// After a failed commit the ledger is closed for good: every later call fails (fail closed).
    void transact(std::span<Work> batch);

    /// Runs one piece; throws StoreError when it could not be stored. For commands.
    void transact(const std::function<void(Books&)>& run);

    /// Signs the head if entries are waiting, then lets the store clean up. When nothing else waits.
    void idle() noexcept;

    /// The ledger's time as far as this process knows it; rises even when the wall clock falls.
    Instant now() const noexcept;

private:
    std::optional<LedgerFault> attempt(std::span<Work> batch);
    void expire_due();
    void with_books(const std::function<void(Books&)>& use);

    Store& store_;
    const Clock& clock_;
    Entropy& entropy_;
    const HeadSigner* signer_;
    std::optional<LedgerFault> closed_;
    // The last time decided by, and the boot clock then: together they carry time forward
    // when the wall clock was set back.
    std::atomic<std::int64_t> last_us_{0};
    std::atomic<std::int64_t> last_boot_us_{0};
    std::int64_t unsigned_entries_ = 0;
};

}  // namespace purse
