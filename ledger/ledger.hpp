// SPDX-License-Identifier: Apache-2.0
// Runs work on the books, many pieces a commit. An answer may leave the process
// only from `done`, which is called after the commit is durable.
#pragma once

#include <atomic>
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

/// One piece of work: `run` inside the transaction, `done` after its commit or failure. `run`
/// may be called a second time after an attempt that stored nothing, so it must overwrite, not
/// add to, what it leaves for `done`.
struct Work {
    std::move_only_function<void(Books&)> run;
    std::move_only_function<void(const std::optional<LedgerFault>&)> done;
};

/// Called before the first and after the last answer of a commit, so that a door can send them
/// with one write.
struct AroundAnswers {
    std::function<void()> before = [] {};
    std::function<void()> after = [] {};
};

/// transact() and idle() have one caller at a time (the Writer, or a command); now() any.
class Ledger {
public:
    /// `signer` may be nullptr: heads are then left unsigned.
    Ledger(Store& store, const Clock& clock, Entropy& entropy, const HeadSigner* signer) noexcept;

    /// Runs all pieces in one transaction, in order, and calls every `done`. After a commit
    /// whose fate is unknown the ledger is closed for good: every later call fails (fail closed).
    void transact(std::span<Work> batch, const AroundAnswers& around = {});

    /// Runs one piece alone and signs the head with it; throws StoreError when it is not stored.
    /// For commands.
    void transact(const std::function<void(Books&)>& run);

    /// Lets the store clean up, then signs the head if entries are waiting. For when nothing waits.
    void idle() noexcept;

    /// True when idle() has a head to sign.
    bool has_unsigned_entries() const noexcept { return unsigned_entries_ && signer_ != nullptr; }

    /// The ledger's time as this process knows it. Goes on rising when the wall clock is set back.
    Instant now() const noexcept;

private:
    std::optional<LedgerFault> attempt(std::span<Work> batch);
    /// False: so many holds were due that ending them was all there was time for.
    bool run_once(std::span<Work> batch);
    Instant time_for(const Meta& meta) noexcept;

    Store& store_;
    const Clock& clock_;
    Entropy& entropy_;
    const HeadSigner* signer_;
    std::optional<LedgerFault> closed_;
    bool unsigned_entries_ = false;
    bool was_busy_ = false;  // another process holds the store: housekeeping would only wait
    // The ledger's time minus the boot clock when it last decided. Added to the boot clock it
    // carries time forward however far the wall clock is set back.
    std::atomic<std::int64_t> ahead_of_boot_us_;
};

}  // namespace purse
