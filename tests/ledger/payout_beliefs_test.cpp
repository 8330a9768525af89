// SPDX-License-Identifier: Apache-2.0
// What payouts believe of what nodes say, and what they forget again.
#include "ledger/payouts.hpp"

#include <catch2/catch.hpp>

#include "ledger/journal_verifier.hpp"
#include "tests/support/audit.hpp"
#include "tests/support/payout_desk.hpp"

using namespace purse;
using namespace purse::test;

namespace {
bool take_back(PayoutDesk& desk, std::int64_t id)
{
    return desk.step([&](Payouts& payouts) { return payouts.take_back(id); });
}
void check_sound(PayoutDesk& desk)
{
    CHECK(audit(desk.folder.path()).text() == "");
    JournalVerifier verifier;
    const auto rows = desk.journal();
    CHECK(verifier.feed(rows, {}));
    CHECK_FALSE(verifier.fault().has_value());
}
}  // namespace

TEST_CASE("another amount: believed when it is final, and forgotten when it is taken back")
{
    PayoutDesk desk;
    desk.owe(100);
    const auto first = desk.reserve(100)->id;
    const auto amount = GENERATE(as<std::int64_t>{}, 30, 500);
    desk.include(first, 10, amount);
    desk.owe(1000);
    // The rest of what was asked may be on its way all the same.
    CHECK_FALSE(desk.reserve(1));
    check_sound(desk);
    SECTION("taken back: what is signed next is what was asked, not what a node said")
    {
        take_back(desk, first);
        CHECK(desk.row(first).value == 100);
        CHECK(desk.payee().covered == 100);
        CHECK(desk.payee().pending == first);
        CHECK(desk.treasury_row().owed == 1100);
    }
    SECTION("final: the next may come")
    {
        desk.step([&](Payouts& payouts) {
            payouts.note_chain(1, {.latest = 20, .balance = 5, .balance_block = 20});
            return payouts.finish(first);
        });
        CHECK(desk.payee().paid == amount);
        CHECK(desk.reserve(1));
    }
    check_sound(desk);
}

TEST_CASE("another amount: none that no treasury can have")
{
    PayoutDesk desk;
    desk.owe(100);
    const auto first = desk.reserve(100)->id;
    CHECK_FALSE(desk.step([&](Payouts& p) { return p.include(first, found(1), kPayoutMax + 1); }));
    CHECK(desk.step([&](Payouts& p) { return p.include(first, found(1), kPayoutMax); }));
    check_sound(desk);
}

TEST_CASE("transactions: the bytes of a lost number live again when they fill it")
{
    PayoutDesk desk;
    const auto fill = [&] {
        return desk.step([](Payouts& payouts) {
            return payouts.open_slot({.relayer = kRelayer, .nonce = 3, .kind = SlotKind::fill},
                                     PayoutDesk::attempt("fill"), {});
        });
    };
    const auto first = fill();
    REQUIRE(first);
    CHECK_FALSE(fill());  // it is on its way
    desk.step([&](Payouts& payouts) { return payouts.lose(first->id); });
    const auto again = fill();
    REQUIRE(again);
    CHECK(again->id == first->id);
    CHECK(again->state == SlotState::live);
}

TEST_CASE("transactions: a cancellation whose number is lost leaves its payout, to be sent again")
{
    PayoutDesk desk;
    const auto id = desk.payout(PayoutState::signed_).id;
    desk.step([&](Payouts& payouts) { return payouts.hold(id, "canceling", "a test"); });
    const std::vector ids{id};
    const auto slot = desk.step([&](Payouts& payouts) {
        return payouts.open_slot({.relayer = kRelayer, .nonce = 3, .kind = SlotKind::cancel},
                                 PayoutDesk::attempt("cancel"), ids);
    });
    REQUIRE(slot);
    CHECK(desk.row(id).slot == slot->id);
    CHECK(desk.step([&](Payouts& payouts) { return payouts.lose(slot->id); }));
    CHECK(desk.row(id).slot == 0);
    CHECK(desk.row(id).state == PayoutState::held);
    CHECK(desk.row(id).reason == "canceling");
    check_sound(desk);
}
