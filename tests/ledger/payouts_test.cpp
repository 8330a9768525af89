// SPDX-License-Identifier: Apache-2.0
// Sums, numbers and stages of debts on their way to payees.
#include "ledger/payouts.hpp"

#include <catch2/catch.hpp>

#include "ledger/journal_verifier.hpp"
#include "tests/support/audit.hpp"
#include "tests/support/payout_desk.hpp"

using namespace purse;
using namespace purse::test;

namespace {
void check_sums(PayoutDesk& desk, std::int64_t owed, std::int64_t covered, std::int64_t included,
                std::int64_t paid)
{
    const auto payee = desk.payee();
    CHECK(payee.owed == owed);
    CHECK(payee.covered == covered);
    CHECK(payee.included == included);
    CHECK(payee.paid == paid);
}

std::int64_t credit(PayoutDesk& desk, const std::string& account)
{
    std::int64_t sum = 0;
    desk.run([&](Books& books) {
        for (const auto& total : books.rows().accounts(account, 10))
            sum += total.credits - total.debits;
        return 0;
    });
    return sum;
}

bool die(PayoutDesk& desk, std::int64_t id)
{
    return desk.step([&](Payouts& payouts) { return payouts.die(id, PayoutState::expired); });
}
bool take_back(PayoutDesk& desk, std::int64_t id)
{
    return desk.step([&](Payouts& payouts) { return payouts.take_back(id); });
}
bool finish(PayoutDesk& desk, std::int64_t id)
{
    return desk.step([&](Payouts& payouts) { return payouts.finish(id); });
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

TEST_CASE("treasury: opened once, and one for each chain, token and account")
{
    PayoutDesk desk;
    const auto open = [&](std::int64_t chain, const char* token, const char* address) {
        return desk
            .step([&](Payouts& payouts) { return payouts.open_treasury(chain, token, address); })
            .id;
    };
    CHECK(open(PayoutDesk::kChain, kToken, kTreasury) == desk.treasury);
    CHECK(open(1, kToken, kTreasury) == 2);
    CHECK(open(PayoutDesk::kChain, kPayee, kTreasury) == 3);
    CHECK(open(PayoutDesk::kChain, kToken, kRelayer) == 4);
    CHECK(open(1, kToken, kTreasury) == 2);
}

TEST_CASE("debts: each payee's add up, with where each one ends")
{
    PayoutDesk desk;
    const auto first = desk.owe(100);
    desk.clock.pass(Span::seconds(5));
    const auto second = desk.owe(50);
    const auto other = desk.owe(7, kOtherPayee);
    check_sums(desk, 150, 0, 0, 0);
    CHECK(desk.payee().uncovered() == 150);
    CHECK(desk.treasury_row().owed == 157);
    desk.step([&](Payouts& payouts) {
        const auto debt = payouts.rows().debt(second.seq).value();
        CHECK(debt.amount == 50);
        CHECK(debt.upto == 150);
        CHECK(debt.agent == kAgent);
        CHECK(debt.seq > second.seq);
        CHECK(payouts.rows().debt(first.seq)->upto == 100);
        CHECK(payouts.rows().debt(other.seq)->upto == 7);
        CHECK_FALSE(payouts.rows().debt(second.seq + 1'000));
        const auto latest = payouts.rows().debts_of(kAgent, 2);
        REQUIRE(latest.size() == 2);
        CHECK(latest[0].hold == other.seq);
        CHECK(latest[1].hold == second.seq);
        return true;
    });
    check_sound(desk);
}

TEST_CASE("debts: a payee waits since its oldest debt that is not covered")
{
    PayoutDesk desk;
    const auto since = [&] { return desk.payee().waiting_since; };
    desk.owe(100);
    const auto start = desk.clock.wall();
    CHECK(since() == start);
    desk.clock.pass(Span::seconds(5));
    desk.owe(50);
    CHECK(since() == start);
    const auto payout = desk.reserve(150).value();
    desk.clock.pass(Span::seconds(5));
    desk.owe(20);
    CHECK(since() == start + Span::seconds(10));
    die(desk, payout.id);
    CHECK(since() <= start + Span::seconds(5));
}

TEST_CASE("reserve: as much as is owed and not covered, one at a time, numbered from 0")
{
    PayoutDesk desk;
    desk.owe(100);
    CHECK_FALSE(desk.reserve(101));
    CHECK_FALSE(desk.reserve(0));
    CHECK_FALSE(desk.reserve(-1));
    const auto first = desk.reserve(60).value();
    CHECK(first.k == 0);
    CHECK(first.start == 0);
    CHECK(first.value == 60);
    CHECK(first.state == PayoutState::queued);
    CHECK(desk.payee().pending == first.id);
    check_sums(desk, 100, 60, 0, 0);
    CHECK_FALSE(desk.reserve(40));  // one is pending
    desk.include(first.id, 10, 60);
    const auto second = desk.reserve(40).value();
    CHECK(second.k == 1);
    CHECK(second.start == 60);
    CHECK_FALSE(desk.step([](Payouts& payouts) { return payouts.reserve(77, 1, {}); }));
    die(desk, second.id);
    CHECK(desk.reserve(40)->k == 2);  // a number is used once, whatever becomes of it
    check_sound(desk);
}

TEST_CASE("reserve: a nonce is never given twice")
{
    PayoutDesk desk;
    desk.owe(100);
    desk.owe(100, kOtherPayee);
    const auto take = [&](std::int64_t payee) {
        desk.step([&](Payouts& payouts) { return payouts.reserve(payee, 100, digest("same")); });
    };
    take(1);
    CHECK_THROWS_AS(take(2), StoreError);
    CHECK(desk.payee(kOtherPayee).covered == 0);
}

TEST_CASE("sums: from the debt to the closed books")
{
    PayoutDesk desk;
    desk.owe(100);
    const auto id = desk.reserve(100)->id;
    desk.authorize(id);
    desk.open_slot({id});
    check_sums(desk, 100, 100, 0, 0);
    desk.include(id, 10, 100);
    check_sums(desk, 100, 100, 100, 0);
    CHECK(desk.payee().pending == 0);
    CHECK_FALSE(finish(desk, id));  // the balance does not show it yet
    desk.see(9, 500);
    CHECK_FALSE(finish(desk, id));
    CHECK(desk.treasury_row().paid_seen == 0);
    desk.see(10, 400);
    CHECK(desk.treasury_row().paid_seen == 100);
    CHECK(credit(desk, "payee/") == 100);
    CHECK(finish(desk, id));
    check_sums(desk, 100, 100, 100, 100);
    // Double entry: what the agent owes went through the payee to the treasury.
    CHECK(credit(desk, "agent/") == -100);
    CHECK(credit(desk, "payee/") == 0);
    CHECK(credit(desk, "treasury/") == 100);
    check_sound(desk);
}

TEST_CASE("take back: the block is gone, with it what the balance showed")
{
    PayoutDesk desk;
    const auto id = desk.payout(PayoutState::included, 100).id;
    desk.see(10, 400);
    CHECK(desk.treasury_row().paid_seen == 100);
    REQUIRE(take_back(desk, id));
    check_sums(desk, 100, 100, 0, 0);
    CHECK(desk.payee().pending == id);
    CHECK(desk.treasury_row().paid_seen == 0);
    auto row = desk.row(id);
    CHECK(row.state == PayoutState::sent);
    CHECK(row.tx.empty());
    CHECK(row.block == 0);
    CHECK(row.block_hash.empty());
    CHECK_FALSE(row.seen);
    CHECK_FALSE(desk.reserve(1));
    // It comes again in another block; the old balance is none of its business.
    desk.include(id, 12, 100);
    desk.see(11, 500);
    CHECK_FALSE(desk.row(id).seen);
    desk.see(12, 400);
    CHECK(desk.treasury_row().paid_seen == 100);
    CHECK(finish(desk, id));
    check_sound(desk);
}

TEST_CASE("take back: what comes after it stays, and one is pending at most")
{
    PayoutDesk desk;
    const auto first = desk.payout(PayoutState::included, 100).id;
    desk.owe(50);
    const auto second = desk.reserve(50)->id;
    take_back(desk, first);
    CHECK(desk.payee().pending == second);
    check_sums(desk, 150, 150, 0, 0);
    die(desk, first);
    CHECK(desk.row(second).start == 0);
    CHECK(desk.payee().pending == second);
    check_sums(desk, 150, 50, 0, 0);
    check_sound(desk);
}

TEST_CASE("death: the debt is owed again, and later payouts cover what comes before")
{
    PayoutDesk desk;
    const auto first_debt = desk.owe(100);
    const auto first = desk.reserve(100)->id;
    desk.include(first, 10, 100);
    const auto second_debt = desk.owe(50);
    const auto second = desk.reserve(50)->id;
    desk.include(second, 11, 50);
    const auto third_debt = desk.owe(30);
    const auto third = desk.reserve(30)->id;
    CHECK(desk.row(third).start == 150);
    take_back(desk, first);
    die(desk, first);
    check_sums(desk, 180, 80, 50, 0);
    CHECK(desk.row(second).start == 0);
    CHECK(desk.row(third).start == 50);
    // The debts are paid in their order, with what is there: 80, which is not the whole first.
    for (const auto debt : {first_debt, second_debt, third_debt}) {
        CHECK(desk.settlement(debt).stage == Stage::queued);
        CHECK(desk.settlement(debt).payout == 0);
    }
    desk.include(third, 12, 30);
    const auto fourth = desk.reserve(100)->id;
    CHECK(desk.row(fourth).start == 80);
    CHECK(desk.settlement(first_debt).payout == fourth);
    check_sound(desk);
}

TEST_CASE("another amount: the chain is right, and later payouts are moved")
{
    PayoutDesk desk;
    desk.owe(100);
    const auto first = desk.reserve(100)->id;
    desk.include(first, 10, 100);
    take_back(desk, first);
    desk.owe(40);
    // `first` is pending again; another comes after it only once it is included.
    desk.include(first, 11, 100);
    const auto second = desk.reserve(40)->id;
    take_back(desk, first);
    SECTION("more, and later debts use it up")
    {
        desk.include(first, 12, 170);
        CHECK(desk.row(first).value == 170);
        CHECK(desk.row(second).start == 170);
        check_sums(desk, 140, 210, 170, 0);
        CHECK(desk.payee().uncovered() == -70);
        CHECK(desk.treasury_row().owed == 210);
        desk.owe(70);
        CHECK(desk.payee().uncovered() == 0);
        CHECK(desk.treasury_row().owed == 210);
        CHECK_FALSE(desk.reserve(1));
        desk.owe(5);
        CHECK(desk.treasury_row().owed == 215);
        CHECK(desk.payee().uncovered() == 5);
    }
    SECTION("less, and the rest is owed again")
    {
        desk.include(first, 12, 30);
        CHECK(desk.row(second).start == 30);
        check_sums(desk, 140, 70, 30, 0);
        CHECK(desk.treasury_row().owed == 140);
    }
    const auto entry = desk.journal();
    bool is_told = false;
    for (const auto& row : entry)
        is_told |= row.body.find("payout_included_other_amount") != std::string::npos;
    CHECK(is_told);
    check_sound(desk);
}

TEST_CASE("another amount: one node's word for it moves no more money before it is final")
{
    PayoutDesk desk;
    desk.owe(100);
    const auto id = desk.reserve(100)->id;
    desk.include(id, 10, 30);
    CHECK(desk.payee().uncovered() == 70);
    CHECK_FALSE(desk.reserve(70));
    SECTION("the block goes, and with it what it said")
    {
        take_back(desk, id);
        CHECK(desk.row(id).value == 100);
        check_sums(desk, 100, 100, 0, 0);
        CHECK(desk.treasury_row().owed == 100);
    }
    SECTION("it is final")
    {
        desk.see(10, 1'000);
        CHECK(finish(desk, id));
        CHECK(desk.reserve(70));
    }
    check_sound(desk);
}

TEST_CASE("another amount: what one payee has too much pays no other's debts")
{
    PayoutDesk desk;
    desk.owe(10);
    const auto id = desk.reserve(10)->id;
    desk.include(id, 10, 100);
    desk.owe(90, kOtherPayee);
    desk.see(10, 0);
    const auto row = desk.treasury_row();
    CHECK(row.owed - row.paid_seen == 90);
    check_sound(desk);
}

TEST_CASE("another amount: nothing moved is no payment, nor is more than there can be")
{
    PayoutDesk desk;
    const auto id = desk.payout(PayoutState::sent, 100).id;
    CHECK_FALSE(desk.include(id, 10, 0));
    CHECK_FALSE(desk.include(id, 10, -1));
    CHECK_FALSE(desk.include(id, 10, kPayoutMax + 1));
    CHECK(desk.row(id).state == PayoutState::sent);
    CHECK(desk.payee().covered == 100);
}

TEST_CASE("the chain: heads only rise but for the latest, the first look is kept")
{
    PayoutDesk desk;
    desk.look({.latest = 100, .safe = 60, .finalized = 30});
    auto row = desk.treasury_row();
    CHECK(row.first_block == 100);
    CHECK(row.balance_block == 0);
    CHECK(row.seen_at == Instant{});
    desk.clock.pass(Span::seconds(3));
    desk.look({.latest = 90, .safe = 50, .finalized = 20, .balance = 1'234, .balance_block = 90});
    row = desk.treasury_row();
    CHECK(row.latest == 90);
    CHECK(row.first_block == 100);
    CHECK(row.safe == 60);
    CHECK(row.finalized == 30);
    CHECK(row.balance == 1'234);
    CHECK(row.balance_block == 90);
    CHECK(row.seen_at == desk.clock.wall());
}

TEST_CASE("the chain: a balance older than the one that is known is not taken")
{
    PayoutDesk desk;
    const auto id = desk.payout(PayoutState::included, 100).id;
    desk.see(10, 400);
    desk.see(9, 500);  // from before the payment
    CHECK(desk.treasury_row().balance == 400);
    CHECK(desk.treasury_row().balance_block == 10);
    CHECK(desk.row(id).seen);
    // Not for ever: the higher block may have been a lie. Then what it showed is not shown.
    desk.clock.pass(Span::minutes(3));
    desk.see(9, 500);
    CHECK(desk.treasury_row().balance == 500);
    CHECK_FALSE(desk.row(id).seen);
    CHECK(desk.treasury_row().paid_seen == 0);
    desk.see(10, 400);
    CHECK(desk.treasury_row().paid_seen == 100);
    check_sound(desk);
}

TEST_CASE("the chain: many payouts are seen at once, each by its own block and treasury")
{
    PayoutDesk desk;
    constexpr int kPayees = 1'200;  // more than two pages
    for (int i = 0; i < kPayees; ++i) {
        const auto payee = "0x" + std::to_string(1'000'000 + i);
        desk.owe(1 + i, payee);
        desk.include(desk.reserve(1 + i, payee)->id, i < 600 ? 10 : 11, 1 + i);
    }
    const auto other =
        desk.step([](Payouts& payouts) { return payouts.open_treasury(1, kToken, kTreasury).id; });
    desk.step([&](Payouts& payouts) {
        payouts.note_chain(other, {.latest = 50, .balance = 1, .balance_block = 50});
        return true;
    });
    CHECK(desk.treasury_row().paid_seen == 0);
    desk.see(10, 1);
    CHECK(desk.treasury_row().paid_seen == 600 * 601 / 2);
    desk.see(11, 1);
    CHECK(desk.treasury_row().paid_seen == kPayees * (kPayees + 1) / 2);
    desk.see(12, 1);
    CHECK(desk.treasury_row().paid_seen == kPayees * (kPayees + 1) / 2);
}

TEST_CASE("settlement: how far the money is")
{
    PayoutDesk desk;
    const auto hold = desk.owe(100);
    const auto stage = [&] { return desk.settlement(hold).stage; };
    CHECK(desk.settlement({9'999, 1}).stage == Stage::booked);
    CHECK(stage() == Stage::queued);
    CHECK(desk.settlement(hold).payout == 0);
    const auto id = desk.reserve(100)->id;
    CHECK(stage() == Stage::queued);
    CHECK(desk.settlement(hold).payout == id);
    desk.authorize(id);
    CHECK(stage() == Stage::queued);
    desk.hold_back(id, "insufficient");
    CHECK(stage() == Stage::held);
    CHECK(desk.settlement(hold).reason == "insufficient");
    desk.step([&](Payouts& payouts) { return payouts.release(id); });
    const auto slot = desk.open_slot({id}).value();
    CHECK(stage() == Stage::submitted);
    CHECK(desk.settlement(hold).tx == as_bytes(desk.attempt("a0").hash));

    desk.clock.pass(Span{Span::seconds(5).us - 1});
    CHECK(stage() == Stage::submitted);
    desk.clock.pass(Span{1});
    CHECK(stage() == Stage::in_doubt);
    desk.step([&](Payouts& payouts) {
        payouts.note_accepted(slot.id);
        return true;
    });
    CHECK(stage() == Stage::submitted);

    desk.step([&](Payouts& payouts) { return payouts.add_version(slot.id, desk.attempt("more")); });
    CHECK(desk.settlement(hold).tx == as_bytes(digest("more")));
    desk.step([&](Payouts& payouts) {
        return payouts.mine(slot.id, found(10), {.used = 85'752, .cost = "171504"});
    });
    desk.include(id, 10, 100);
    auto settlement = desk.settlement(hold);
    CHECK(settlement.stage == Stage::submitted);
    CHECK(settlement.tx == found(10).tx);
    CHECK(settlement.block == 10);
    CHECK(settlement.gas_used == 85'752);
    CHECK(settlement.cost == "171504");
    desk.look({.latest = 12, .safe = 9});
    CHECK(stage() == Stage::submitted);
    desk.look({.latest = 13, .safe = 10, .balance = 0, .balance_block = 13});
    CHECK(stage() == Stage::paid);
    finish(desk, id);
    CHECK(stage() == Stage::final_);
}

TEST_CASE("settlement: paid by another's transaction, gas is not ours to tell")
{
    PayoutDesk desk;
    const auto hold = desk.owe(100);
    const auto id = desk.reserve(100)->id;
    desk.authorize(id);
    const auto slot = desk.open_slot({id}).value();
    desk.step([&](Payouts& payouts) {
        return payouts.mine(slot.id, found(11), {.used = 40'907, .cost = "5"});
    });
    desk.include(id, 10, 100);
    const auto settlement = desk.settlement(hold);
    CHECK(settlement.tx == found(10).tx);
    CHECK(settlement.gas_used == 0);
    CHECK(settlement.cost.empty());
}

TEST_CASE("settlement: one payout covers many, and one debt may need two")
{
    PayoutDesk desk;
    const auto first = desk.owe(100);
    const auto second = desk.owe(50);
    const auto one = desk.reserve(120)->id;
    CHECK(desk.settlement(first).payout == one);
    CHECK(desk.settlement(second).payout == 0);
    desk.include(one, 10, 120);
    const auto two = desk.reserve(30)->id;
    CHECK(desk.settlement(first).payout == one);
    CHECK(desk.settlement(second).payout == two);
    CHECK(desk.settlement(second).stage == Stage::queued);
}

TEST_CASE("entries: what happens to a payout is told once, in canonical form")
{
    PayoutDesk desk;
    desk.owe(100'000);
    const auto id = desk.reserve(100'000)->id;
    const auto nonce = "0x" + to_hex(as_bytes(desk.row(id).nonce));
    const auto hash = [](std::string_view bytes) { return "0x" + to_hex(bytes); };
    const auto head = R"({"at":")" + to_rfc3339(desk.clock.wall()) + R"(",)";
    const auto tail = [&](const std::string& tx) {
        return R"("nonce":")" + nonce + R"(","payee":")" + kPayee + R"(","payout":1,"seq":)" +
               std::to_string(desk.entries()) + tx + R"(,"value":"0.10"})";
    };
    CHECK(desk.last_entry() == head + R"("k":0,"kind":"payout_queued",)" + tail(""));
    desk.authorize(id);
    desk.open_slot({id});
    CHECK(desk.last_entry() ==
          head + R"("k":0,"kind":"payout_sent",)" +
              tail(R"(,"tx":")" + hash(as_bytes(desk.attempt("a0").hash)) + '"'));
    desk.include(id, 10, 100'000);
    const auto place = R"("block":10,"blockHash":")" + hash(found(10).block_hash) + R"(",)";
    const auto in_block = tail(R"(,"tx":")" + hash(found(10).tx) + '"');
    CHECK(desk.last_entry() == head + place + R"("k":0,"kind":"payout_included",)" + in_block);
    desk.step([&](Payouts& payouts) { return payouts.take_back(id); });
    CHECK(json::parse(desk.last_entry())->root().find("kind")->text() == "payout_taken_back");
    CHECK(json::parse(desk.last_entry())->root().find("tx")->text() == hash(found(10).tx));
    desk.hold_back(id);
    CHECK(desk.last_entry() == head + R"("detail":"a test","kind":"payout_held","payee":")" +
                                   kPayee + R"(","payout":1,"reason":"operator","seq":)" +
                                   std::to_string(desk.entries()) + R"(,"value":"0.10"})");
    check_sound(desk);
}

TEST_CASE("payouts: states, stages and kinds have names")
{
    using enum PayoutState;
    CHECK(wire_name(queued) == "queued");
    CHECK(wire_name(SlotKind::pay) == "pay");
    CHECK(wire_name(SlotKind::batch) == "batch");
    CHECK(wire_name(SlotKind::cancel) == "cancel");
    CHECK(wire_name(SlotKind::fill) == "fill");
}
