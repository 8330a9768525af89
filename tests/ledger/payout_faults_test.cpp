// SPDX-License-Identifier: Apache-2.0
// Every call of the store fails in turn while a debt is booked and paid; nothing half-done stays,
// and the same steps come to the same end.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/support/audit.hpp"
#include "tests/support/fault_store.hpp"
#include "tests/support/payout_desk.hpp"

using namespace purse;
using namespace purse::test;

namespace {
/// A payment from the settlement to the closed books, each step a transaction of its own; a step
/// that has happened before is content.
class Payment {
public:
    Payment(Store& store, const FakeClock& clock, Entropy& entropy)
        : ledger_{store, clock, entropy, nullptr}
    {
        rules_.money("lifetime", Window::lifetime, kNoLimit);
    }

    static constexpr int kSteps = 13;
    /// False: the store failed.
    bool step(int number)
    {
        bool is_good = false;
        Work work{.run = [&](Books& books) { go(books, number); },
                  .done = [&](const std::optional<LedgerFault>& fault) { is_good = !fault; }};
        ledger_.transact(std::span{&work, 1});
        return is_good;
    }

private:
    void go(Books& books, int number)
    {
        Payouts payouts{books};
        const auto treasury = payouts.open_treasury(PayoutDesk::kChain, kToken, kTreasury).id;
        const auto open = [&](const char* name, SlotKind kind, std::int64_t nonce,
                              std::int64_t payout) {
            const std::vector ids{payout};
            payouts.open_slot({.relayer = kRelayer, .nonce = nonce, .kind = kind},
                              PayoutDesk::attempt(name), ids);
        };
        switch (number) {
            case 0: settle(books, treasury, "first", 100); break;
            case 1: settle(books, treasury, "second", 50); break;
            case 2: payouts.reserve(1, 100, digest("k0")); break;
            case 3: payouts.authorize(1, 1'800'000'000, std::string(65, 's')); break;
            case 4: open("pay", SlotKind::pay, 0, 1); break;
            case 5: payouts.mine(1, found(10), {.used = 85'752, .cost = "3"}); break;
            case 6: payouts.include(1, found(10), 120); break;
            case 7:
                payouts.note_chain(
                    treasury,
                    {.latest = 12, .safe = 11, .finalized = 10, .balance = 5, .balance_block = 11});
                break;
            case 8:
                payouts.finish(1);
                payouts.close(1);
                break;
            // Only now: what moved is not what was asked.
            case 9: payouts.reserve(1, 30, digest("k1")); break;
            case 10: payouts.hold(2, "operator", "a test"); break;
            case 11: open("cancel", SlotKind::cancel, 1, 2); break;
            case 12: payouts.die(2, PayoutState::canceled); break;
        }
    }
    void settle(Books& books, std::int64_t treasury, const char* key, std::int64_t amount)
    {
        const auto hold = books.hold(ask(rules_, micro(amount), key));
        books.settle({.who = {.agent = kAgent},
                      .id = hold.id,
                      .actual = micro(amount),
                      .limit_of = rules_.limits(),
                      .treasury = treasury});
    }

    Rules rules_;
    Ledger ledger_;
};

/// All that is stored of payouts, but for times.
std::string end_of(const std::string& folder)
{
    CHECK(audit(folder).text() == "");
    FakeClock clock;
    SeededEntropy entropy;
    sqlite::SqliteStore store{{.folder = folder}};
    Ledger ledger{store, clock, entropy, nullptr};
    std::string text;
    ledger.transact([&](Books& books) {
        auto& rows = books.rows().payouts();
        const auto payee = rows.payee(1).value();
        for (const auto number : {payee.owed, payee.covered, payee.included, payee.paid,
                                  payee.next_k, payee.pending, rows.treasury(1)->paid_seen})
            text += std::to_string(number) + " ";
        for (const auto& row : rows.latest_payouts(100, 100))
            text += std::string{wire_name(row.state)} + " " + std::to_string(row.value) + " ";
        for (std::int64_t id = 1; rows.slot(id); ++id)
            text += "slot " + std::to_string(static_cast<int>(rows.slot(id)->state)) + " ";
        text += std::to_string(books.meta().seq);
    });
    return text;
}

void fault_at_every_call(StoreError::Kind kind)
{
    // 2 holds, 2 settles; queued, sent, included, final; queued, held, cancel sent, canceled.
    const std::string expected = "150 120 120 120 2 0 120 canceled 30 final 120 slot 2 slot 0 12";
    int nth = 1;
    for (;; ++nth) {
        CAPTURE(nth);
        TempFolder folder{TempFolder::On::memory};
        FakeClock clock;
        SeededEntropy entropy;
        std::optional<sqlite::SqliteStore> real;
        std::optional<FaultStore> store;
        std::optional<Payment> payment;
        const auto open = [&] {
            payment.reset();
            store.reset();
            real.reset();
            real.emplace(sqlite::SqliteStore::Settings{.folder = folder.path()});
            store.emplace(*real);
            payment.emplace(*store, clock, entropy);
        };
        open();
        store->fail_at(nth, kind);
        bool was_hit = false;
        for (int step = 0; step < Payment::kSteps; ++step) {
            const bool is_good = payment->step(step);
            REQUIRE(is_good == (was_hit || !store->hit()));
            if (is_good) continue;
            was_hit = true;
            open();
            if (std::filesystem::exists(folder / "ledger.db"))
                REQUIRE(audit(folder.path()).text() == "");
            REQUIRE(payment->step(step));
        }
        REQUIRE(end_of(folder.path()) == expected);
        if (!was_hit) break;
    }
    CHECK(nth > 150);  // the rows of payouts are counted too
}
}  // namespace

TEST_CASE("payout faults: every store call fails in turn, nothing of the step stored")
{
    fault_at_every_call(StoreError::Kind::failed);
}

TEST_CASE("payout faults: every store call leaves in doubt in turn, commits having succeeded")
{
    fault_at_every_call(StoreError::Kind::in_doubt);
}
