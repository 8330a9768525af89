// SPDX-License-Identifier: Apache-2.0
// Relayers' transactions: what they carry, their numbers and their versions.
#include <catch2/catch.hpp>

#include "tests/support/audit.hpp"
#include "tests/support/payout_desk.hpp"

using namespace purse;
using namespace purse::test;

TEST_CASE("transactions: one carries several payouts, all or none")
{
    PayoutDesk desk;
    const auto first = desk.payout(PayoutState::signed_, 100).id;
    const auto second = desk.payout(PayoutState::signed_, 50, kOtherPayee).id;
    const auto queued = desk.payout(PayoutState::queued, 5, kRelayer).id;
    const auto before = desk.entries();
    CHECK_FALSE(desk.open_slot({first, second, queued}, SlotKind::batch));
    CHECK_FALSE(desk.open_slot({first, 999}, SlotKind::batch));
    CHECK(desk.row(first).state == PayoutState::signed_);
    CHECK(desk.entries() == before);
    const auto slot = desk.open_slot({first, second}, SlotKind::batch).value();
    CHECK(desk.row(first).slot == slot.id);
    CHECK(desk.row(second).slot == slot.id);
    CHECK(desk.step([&](Payouts& p) { return p.rows().payouts_of_slot(slot.id); }).size() == 2);
    desk.step([&](Payouts& payouts) { return payouts.lose(slot.id); });
    for (const auto id : {first, second}) {
        CHECK(desk.row(id).state == PayoutState::signed_);
        CHECK(desk.row(id).slot == 0);
    }
    CHECK(audit(desk.folder.path()).text() == "");
}

TEST_CASE("transactions: a number is used once, but for one that fills a gap")
{
    PayoutDesk desk;
    const auto open = [&](std::int64_t nonce, SlotKind kind, const char* name,
                          const char* relayer = kRelayer) {
        return desk
            .step([&](Payouts& payouts) {
                return payouts.open_slot({.relayer = relayer, .nonce = nonce, .kind = kind},
                                         PayoutDesk::attempt(name), {});
            })
            .has_value();
    };
    CHECK(open(5, SlotKind::pay, "a"));
    CHECK_FALSE(open(5, SlotKind::pay, "b"));
    CHECK_FALSE(open(4, SlotKind::cancel, "c"));
    CHECK(open(5, SlotKind::pay, "d", kOtherPayee));
    CHECK(open(6, SlotKind::batch, "e"));
    CHECK(open(5, SlotKind::fill, "f"));
    CHECK_FALSE(open(6, SlotKind::pay, "g"));
    CHECK(desk.step([](Payouts& p) { return p.rows().last_slot(kRelayer); })->nonce == 6);
}

TEST_CASE("transactions: versions are numbered, and the same bytes are no new version")
{
    PayoutDesk desk;
    const auto id = desk.payout(PayoutState::sent).id;
    const auto slot = desk.row(id).slot;
    desk.clock.pass(Span::seconds(1));
    const auto add = [&](const char* name) {
        return desk.step(
            [&](Payouts& payouts) { return payouts.add_version(slot, desk.attempt(name)); });
    };
    CHECK(add("b"));
    CHECK(add("c"));
    CHECK_FALSE(add("b"));
    const auto attempts = desk.step([&](Payouts& p) { return p.rows().attempts(slot); });
    REQUIRE(attempts.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(attempts[i].version == static_cast<std::int64_t>(i) + 1);
        CHECK(attempts[i].slot == slot);
    }
    CHECK(attempts[2].signed_at == desk.clock.wall());
    CHECK(attempts[1].hash == digest("b"));
}

TEST_CASE("transactions: mined, with its cost, and not mined any more")
{
    PayoutDesk desk;
    const auto id = desk.payout(PayoutState::sent).id;
    const auto slot = desk.row(id).slot;
    desk.step([&](Payouts& payouts) {
        return payouts.mine(slot, found(10), {.used = 85'752, .cost = "99"});
    });
    auto row = desk.slot(slot);
    CHECK(row.tx == found(10).tx);
    CHECK(row.block == 10);
    CHECK(row.block_hash == found(10).block_hash);
    CHECK(row.gas_used == 85'752);
    CHECK(row.cost == "99");
    // What it carries is not moved by it.
    CHECK(desk.row(id).state == PayoutState::sent);
    desk.step([&](Payouts& payouts) { return payouts.unmine(slot); });
    row = desk.slot(slot);
    CHECK(row.state == SlotState::live);
    CHECK(row.tx.empty());
    CHECK(row.block == 0);
    CHECK(row.block_hash.empty());
    CHECK(row.gas_used == 0);
    CHECK(row.cost == "0");
}
