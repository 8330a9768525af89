// SPDX-License-Identifier: Apache-2.0
// A real ledger on a real file with a clock of the test's own.
#pragma once

#include <memory>

#include "ledger/ledger.hpp"
#include "ledger/sqlite/store.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/requests.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "tests/support/temp_folder.hpp"

namespace purse::test {

class TestLedger {
public:
    explicit TestLedger(const HeadSigner* signer = nullptr,
                        TempFolder::On on = TempFolder::On::disk)
        : folder{on},
          signer_{signer}
    {
        reopen();
    }

    TempFolder folder;
    FakeClock clock;
    SeededEntropy entropy;
    Rules rules;

    Ledger& ledger() noexcept { return *ledger_; }

    /// As when the process ends and another starts.
    void reopen()
    {
        ledger_.reset();
        store_.reset();
        store_ = std::make_unique<sqlite::SqliteStore>(
            sqlite::SqliteStore::Settings{.folder = folder.path()});
        ledger_ = std::make_unique<Ledger>(*store_, clock, entropy, signer_);
    }

    /// Runs `piece` in a transaction of its own and returns what it returns.
    template <typename Piece>
    auto run(Piece piece)
    {
        std::optional<std::invoke_result_t<Piece, Books&>> result;
        ledger_->transact([&](Books& books) { result.emplace(piece(books)); });
        return std::move(*result);
    }

    HoldAnswer hold(HoldRequest request)
    {
        return run([&](Books& books) {
            request.epoch = books.meta().epoch;
            return books.hold(request);
        });
    }
    HoldAnswer hold(Money amount, std::string key = {})
    {
        return hold(ask(rules, amount, std::move(key)));
    }
    HoldAnswer hold(std::string_view amount) { return hold(usdc(amount)); }

    SettleAnswer settle(TxId id, Money actual) { return end({.id = id, .actual = actual}); }
    SettleAnswer settle(TxId id, std::string_view actual) { return settle(id, usdc(actual)); }
    SettleAnswer give_back(TxId id) { return end({.id = id, .is_void = true}); }
    SettleAnswer end(SettleRequest request)
    {
        return run([&](Books& books) {
            request.epoch = books.meta().epoch;
            if (request.who.agent.empty()) request.who.agent = kAgent;
            if (!request.limit_of) request.limit_of = rules.limits();
            return books.settle(request);
        });
    }
    SettleAnswer late(TxId id, Money actual, std::vector<Refusal> refusals = {})
    {
        return run([&](Books& books) {
            return books.late_settle({.epoch = books.meta().epoch,
                                      .who = {.agent = kAgent},
                                      .id = id,
                                      .actual = actual,
                                      .legs = rules.legs(),
                                      .refusals = std::move(refusals)});
        });
    }

    /// The caps as they stand, one for each rule.
    std::vector<CapState> caps()
    {
        return run([&](Books& books) {
                   return books.status({.agent = kAgent, .legs = rules.legs()});
               })
            .caps;
    }
    CapState cap(std::size_t i) { return caps().at(i); }

    std::vector<JournalRow> journal()
    {
        return run([](Books& books) { return books.rows().journal(1, 100'000); });
    }
    /// The last entry's text.
    std::string last_entry()
    {
        const auto rows = journal();
        return rows.empty() ? std::string{} : rows.back().body;
    }
    std::int64_t entries()
    {
        return run([](Books& books) { return books.meta().seq; });
    }

private:
    const HeadSigner* signer_;
    std::unique_ptr<sqlite::SqliteStore> store_;
    std::unique_ptr<Ledger> ledger_;
};

}  // namespace purse::test
