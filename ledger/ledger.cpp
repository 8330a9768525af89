// SPDX-License-Identifier: Apache-2.0
#include "ledger/ledger.hpp"

#include <algorithm>
#include <limits>

namespace purse {

namespace {
// Holds that expire in one transaction: bounds how long a batch waits behind them.
constexpr std::size_t kExpirePerCommit = 512;
// Entries under no signed head, at most; beyond, the head is signed within the next commit.
constexpr std::int64_t kUnsignedEntriesMax = 1024;
// Entries that a ledger from before the tree takes into it at once: some milliseconds in which
// nobody else decides.
constexpr std::size_t kTreeSlice = 2'000;
}  // namespace

Ledger::Ledger(Store& store, const Clock& clock, Entropy& entropy,
               const HeadSigner* signer) noexcept
    : store_{store},
      clock_{clock},
      entropy_{entropy},
      signer_{signer},
      ahead_of_boot_us_{std::numeric_limits<std::int64_t>::min()}
{
}

Instant Ledger::now() const noexcept
{
    const auto wall = clock_.wall();
    const auto ahead = ahead_of_boot_us_.load(std::memory_order_relaxed);
    if (ahead == std::numeric_limits<std::int64_t>::min()) return wall;
    return std::max(wall, Instant{clock_.boot().us + ahead});
}

Instant Ledger::time_for(const Meta& meta) noexcept
{
    const auto time = std::max(now(), meta.last_time);
    ahead_of_boot_us_.store(time.us - clock_.boot().us, std::memory_order_relaxed);
    return time;
}

bool Ledger::run_once(std::span<Work> batch)
{
    const auto tx = store_.begin();
    Books books{*tx, time_for(tx->meta()), entropy_};
    // Holds whose time has come count no more: first they go, then the batch is decided. A long
    // queue of them takes transactions of its own, so that no single one grows with it.
    const bool had_time = books.expire_due(kExpirePerCommit) < kExpirePerCommit;
    if (had_time)
        for (auto& work : batch) work.run(books);
    if (signer_ != nullptr && books.meta().seq - books.meta().signed_seq >= kUnsignedEntriesMax)
        books.sign_head(*signer_);
    books.close();
    unsigned_entries_ = books.meta().seq != books.meta().signed_seq || !books.has_whole_tree();
    tx->commit();
    return had_time;
}

std::optional<LedgerFault> Ledger::attempt(std::span<Work> batch)
{
    if (closed_) return closed_;
    try {
        while (!run_once(batch)) {}
        was_busy_ = false;
        return std::nullopt;
    } catch (const StoreError& error) {
        was_busy_ = error.kind() == StoreError::Kind::busy;
        LedgerFault fault{.kind = error.kind(), .what = error.what()};
        if (error.kind() == StoreError::Kind::in_doubt) closed_ = fault;
        return fault;
    } catch (const std::exception& error) {
        // The transaction was rolled back when it was left.
        return LedgerFault{.kind = StoreError::Kind::failed, .what = error.what()};
    }
}

void Ledger::transact(std::span<Work> batch, const AroundAnswers& around)
{
    auto fault = attempt(batch);
    if (fault && fault->kind == StoreError::Kind::failed && batch.size() > 1) {
        // One piece must not spoil its neighbours: each gets its own commit.
        for (auto& work : batch) transact(std::span{&work, 1}, around);
        return;
    }
    around.before();
    for (auto& work : batch) work.done(fault);
    around.after();
}

void Ledger::transact(const std::function<void(Books&)>& run)
{
    std::optional<LedgerFault> result;
    Work work{.run =
                  [&](Books& books) {
                      run(books);
                      if (signer_ != nullptr) books.sign_head(*signer_);
                  },
              .done = [&](const std::optional<LedgerFault>& fault) { result = fault; }};
    transact(std::span{&work, 1});
    if (result) throw StoreError{result->kind, result->what};
}

void Ledger::idle() noexcept
{
    if (closed_) return;
    if (was_busy_) {
        unsigned_entries_ = false;  // the next entries bring it back
        return;
    }
    // In this order: the head is the first thing written after the store has tidied its log, and
    // lets the log begin anew. The next process to open finds next to nothing to recover.
    store_.idle();
    if (!unsigned_entries_ || signer_ == nullptr) return;
    bool is_stored = false;
    Work work{.run =
                  [&](Books& books) {
                      books.grow_tree(kTreeSlice);
                      books.sign_head(*signer_);
                  },
              .done = [&](const std::optional<LedgerFault>& fault) { is_stored = !fault; }};
    transact(std::span{&work, 1});
    // When it failed, the next entries bring it back. Else it is set where the tree is not whole.
    if (!is_stored) unsigned_entries_ = false;
}

}  // namespace purse
