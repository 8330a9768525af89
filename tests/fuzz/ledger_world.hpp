// SPDX-License-Identifier: Apache-2.0
// A real ledger for fuzz targets: made once, and taken back to its beginning after each input by
// leaving everything that happened in a transaction that is never committed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "ledger/ledger.hpp"
#include "ledger/sqlite/store.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "tools/till.hpp"

namespace purse::fuzz {

/// Each piece of work is at once done, as if its commit had been durable.
class RolledBackTill final : public tools::Till {
public:
    /// `prepare` runs in the one transaction that stays.
    explicit RolledBackTill(const std::function<void(Books&)>& prepare)
    {
        Ledger ledger{store_, clock, entropy, nullptr};
        ledger.transact(prepare);
        begin_ = clock.wall();
    }

    bool submit(Work& work) override
    {
        run(work.run);
        work.done(std::nullopt);
        return true;
    }
    /// As the ledger does it: what is due first, then the work.
    template <typename Inside>
    void run(Inside&& inside)
    {
        if (!tx_) tx_ = store_.begin();
        Books books{*tx_, std::max(clock.wall(), tx_->meta().last_time), entropy};
        while (books.expire_due(kExpire) == kExpire) {}
        inside(books);
        books.close();
    }
    /// Nothing of it has happened.
    void take_back()
    {
        tx_.reset();
        clock.set_wall(begin_);
        entropy = test::SeededEntropy{2};
    }

    test::FakeClock clock;
    test::SeededEntropy entropy;

private:
    static constexpr std::size_t kExpire = 512;

    sqlite::SqliteStore store_{{.folder = {}}};
    std::unique_ptr<StoreTx> tx_;
    Instant begin_;
};

}  // namespace purse::fuzz
