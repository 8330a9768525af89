// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/support/audit.hpp"
#include "tests/support/payout_desk.hpp"

using namespace purse;
using namespace purse::test;
using Outcome = SettleAnswer::Outcome;

namespace {
struct Desk : TestLedger {
    Desk()
    {
        rules.money("daily", Window::day, 1'000'000);
        rules.rolling(Span::hours(1), 1'000'000);
        rules.count(Span::hours(1), 10);
    }
    HoldAnswer hold_up_to(std::string_view amount, std::string_view max_capture)
    {
        auto request = ask(rules, usdc(amount));
        request.max_capture = usdc(max_capture);
        return hold(request);
    }
    std::vector<ExcessRow> excesses()
    {
        return run([](Books& books) { return books.rows().excesses(100); });
    }
    void check_caps(std::int64_t held, std::int64_t spent)
    {
        const auto now = caps();
        for (std::size_t i = 0; i < 2; ++i) {
            CHECK(now[i].held == held);
            CHECK(now[i].spent == spent);
        }
    }
};
}  // namespace

TEST_CASE("settle: for less, the rest returns")
{
    Desk desk;
    const auto hold = desk.hold("0.08");
    const auto answer = desk.settle(hold.id, "0.07");
    REQUIRE(answer.outcome == Outcome::settled);
    CHECK(answer.released == usdc("0.01"));
    CHECK(answer.hold.captured == usdc("0.07"));
    CHECK(answer.hold.state == HoldState::settled);
    CHECK_FALSE(answer.hold.late);
    desk.check_caps(0, 70'000);
    CHECK(desk.cap(2).spent == 1);
    const auto document = json::parse(desk.last_entry());
    CHECK(document->root().find("kind")->text() == "settled");
    CHECK(document->root().find("actual")->text() == "0.07");
    CHECK(document->root().find("released")->text() == "0.01");
}

TEST_CASE("settle: for the same, and for nothing")
{
    Desk desk;
    const auto same = desk.hold("0.08");
    CHECK(desk.settle(same.id, "0.08").released == Money{});
    desk.check_caps(0, 80'000);
    const auto nothing = desk.hold("0.50");
    const auto answer = desk.settle(nothing.id, Money{});
    CHECK(answer.outcome == Outcome::settled);
    CHECK(answer.released == usdc("0.50"));
    desk.check_caps(0, 80'000);
}

TEST_CASE("settle: for more, as far as over-capture and caps allow")
{
    Desk desk;
    const auto hold = desk.hold_up_to("0.50", "0.55");
    const auto answer = desk.settle(hold.id, "0.55");
    REQUIRE(answer.outcome == Outcome::settled);
    CHECK(answer.released == Money{});
    CHECK(answer.hold.captured == usdc("0.55"));
    desk.check_caps(0, 550'000);
    CHECK(desk.excesses().empty());
}

TEST_CASE("settle: beyond max capture is refused, told to a person, and the hold stays")
{
    Desk desk;
    const auto hold = desk.hold_up_to("0.50", "0.55");
    const auto answer = desk.settle(hold.id, "0.550001");
    REQUIRE(answer.outcome == Outcome::refused);
    CHECK(answer.reason == Reason::over_capture);
    CHECK(answer.hold.state == HoldState::open);
    CHECK(answer.hold.max_capture == usdc("0.55"));
    CHECK_THAT(answer.detail, Catch::Contains("0.550001") && Catch::Contains("0.55 USDC"));
    CHECK(answer.seq == desk.entries());
    desk.check_caps(500'000, 0);
    auto rows = desk.excesses();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].reported == 550'001);
    CHECK(rows[0].allowed == 550'000);
    CHECK(rows[0].agent == kAgent);
    CHECK(json::parse(desk.last_entry())->root().find("kind")->text() == "settle_refused");

    CHECK(desk.settle(hold.id, "9").outcome == Outcome::refused);
    rows = desk.excesses();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].reported == 9'000'000);
    CHECK(desk.settle(hold.id, "0.55").outcome == Outcome::settled);
}

TEST_CASE("settle: for more than a cap has room for is refused, and the hold stays")
{
    Desk desk;
    const auto hold = desk.hold_up_to("0.50", "0.80");
    REQUIRE(desk.hold("0.40").outcome == HoldAnswer::Outcome::approved);
    const auto answer = desk.settle(hold.id, "0.600001");
    REQUIRE(answer.outcome == Outcome::refused);
    CHECK(answer.reason == Reason::spend_limit_reached);
    REQUIRE(answer.failing.size() == 2);
    CHECK(answer.failing[0].kind == "daily");
    CHECK(answer.failing[1].kind == "rolling 1h");
    CHECK(answer.failing[0].held == 900'000);
    desk.check_caps(900'000, 0);
    CHECK(desk.excesses().size() == 1);
    CHECK(desk.settle(hold.id, "0.60").outcome == Outcome::settled);
    desk.check_caps(400'000, 600'000);
}

TEST_CASE("settle: the stricter of the limits then and now counts for what is above the hold")
{
    Desk desk;
    const auto hold = desk.hold_up_to("0.50", "0.80");
    desk.rules[0].limit = 600'000;
    CHECK(desk.settle(hold.id, "0.61").outcome == Outcome::refused);
    CHECK(desk.settle(hold.id, "0.60").outcome == Outcome::settled);
    const auto next = desk.hold("0.00");
    CHECK(next.outcome == HoldAnswer::Outcome::approved);

    Desk raised;
    const auto old = raised.hold_up_to("0.90", "1.20");
    raised.rules[0].limit = 9'000'000;
    raised.rules[1].limit = 9'000'000;
    CHECK(raised.settle(old.id, "1.01").outcome == Outcome::refused);
    CHECK(raised.settle(old.id, "1.00").outcome == Outcome::settled);
}

TEST_CASE("settle: a limit lowered below the hold does not take back what was promised")
{
    Desk desk;
    const auto hold = desk.hold_up_to("0.50", "0.80");
    desk.rules[0].limit = 100'000;
    desk.rules[1].limit = 100'000;
    CHECK(desk.settle(hold.id, "0.50").outcome == Outcome::settled);
    desk.check_caps(0, 500'000);
}

TEST_CASE("void: everything returns but the count")
{
    Desk desk;
    const auto hold = desk.hold("0.08");
    const auto answer = desk.give_back(hold.id);
    REQUIRE(answer.outcome == Outcome::voided);
    CHECK(answer.released == usdc("0.08"));
    desk.check_caps(0, 0);
    CHECK(desk.cap(2).spent == 1);
    CHECK(json::parse(desk.last_entry())->root().find("kind")->text() == "voided");
}

TEST_CASE("the same end again is the same answer, another end is refused")
{
    Desk desk;
    const auto settled = desk.hold("0.08");
    const auto first = desk.settle(settled.id, "0.07");
    const auto entries = desk.entries();
    desk.clock.pass(Span::hours(30));
    const auto again = desk.settle(settled.id, "0.07");
    CHECK(again.outcome == Outcome::settled);
    CHECK(again.replay);
    CHECK(again.at == first.at);
    CHECK(again.released == first.released);
    const auto other = desk.settle(settled.id, "0.06");
    CHECK(other.outcome == Outcome::refused);
    CHECK(other.reason == Reason::hold_closed);
    CHECK(desk.give_back(settled.id).reason == Reason::hold_closed);

    const auto voided = desk.hold("0.08");
    desk.give_back(voided.id);
    CHECK(desk.give_back(voided.id).replay);
    CHECK(desk.settle(voided.id, "0.08").reason == Reason::hold_closed);
    // Refusals are entries, answers given again are not.
    CHECK(desk.entries() == entries + 5);
    CHECK(desk.excesses().empty());
}

TEST_CASE("settle: of a hold that is unknown, another agent's, or whose token does not match")
{
    Desk desk;
    const auto hold = desk.hold("0.08");
    const auto is_unknown = [&](TxId id, const char* agent) {
        const auto answer = desk.end({.who = {.agent = agent}, .id = id, .actual = usdc("0.01")});
        return answer.outcome == Outcome::refused && answer.reason == Reason::hold_unknown;
    };
    CHECK(is_unknown(hold.id, "another"));
    CHECK(is_unknown({hold.id.seq, hold.id.token + 1}, kAgent));
    CHECK(is_unknown({hold.id.seq + 1, hold.id.token}, kAgent));
    CHECK(is_unknown({std::numeric_limits<std::int64_t>::max(), 0}, kAgent));
    CHECK(desk.late({hold.id.seq, hold.id.token + 1}, usdc("0.01")).reason == Reason::hold_unknown);
    desk.check_caps(80'000, 0);
}

TEST_CASE("settle: a verdict of another epoch is stale")
{
    Desk desk;
    const auto hold = desk.hold("0.08");
    const auto answer = desk.run([&](Books& books) {
        return books.settle(
            {.epoch = 7, .who = {.agent = kAgent}, .id = hold.id, .actual = usdc("0.08")});
    });
    CHECK(answer.outcome == Outcome::stale);
    desk.check_caps(80'000, 0);
}

TEST_CASE("expiry: the money returns, the count stays, to the microsecond")
{
    Desk desk;
    const auto hold = desk.hold("0.08");
    desk.clock.pass(Span{Span::minutes(2).us - 1});
    desk.check_caps(80'000, 0);
    desk.clock.pass(Span{1});
    desk.check_caps(0, 0);
    CHECK(desk.cap(2).spent == 1);
    CHECK(json::parse(desk.last_entry())->root().find("kind")->text() == "expired");
    CHECK(desk.give_back(hold.id).outcome == Outcome::voided);
    CHECK(desk.give_back(hold.id).replay);
}

TEST_CASE("late settle: caps are checked anew")
{
    Desk desk;
    const auto hold = desk.hold_up_to("0.50", "0.55");
    desk.clock.pass(Span::minutes(2));
    CHECK(desk.settle(hold.id, "0.50").outcome == Outcome::expired);
    desk.check_caps(0, 0);

    SECTION("there is room")
    {
        const auto answer = desk.late(hold.id, usdc("0.55"));
        REQUIRE(answer.outcome == Outcome::settled);
        CHECK(answer.hold.late);
        CHECK(answer.hold.captured == usdc("0.55"));
        desk.check_caps(0, 550'000);
        const auto entry = desk.last_entry();
        CHECK(json::parse(entry)->root().find("kind")->text() == "settled_late");
        CHECK(desk.late(hold.id, usdc("0.55")).replay);
        CHECK(desk.settle(hold.id, "0.55").replay);
        CHECK(desk.late(hold.id, usdc("0.54")).reason == Reason::hold_closed);
        CHECK(desk.give_back(hold.id).reason == Reason::hold_closed);
        desk.clock.pass(Span::hours(1));
        CHECK(desk.cap(1).spent == 0);
        CHECK(desk.cap(0).spent == 550'000);  // still the same day
    }
    SECTION("there is no room any more")
    {
        REQUIRE(desk.hold("0.60").outcome == HoldAnswer::Outcome::approved);
        const auto answer = desk.late(hold.id, usdc("0.50"));
        REQUIRE(answer.outcome == Outcome::refused);
        CHECK(answer.reason == Reason::spend_limit_reached);
        CHECK(answer.failing.size() == 2);
        CHECK(desk.excesses().size() == 1);
        CHECK(desk.excesses()[0].allowed == 0);
        desk.check_caps(600'000, 0);
        CHECK(desk.late(hold.id, usdc("0.40")).outcome == Outcome::settled);
        desk.check_caps(600'000, 400'000);
    }
    SECTION("the rules say no now")
    {
        const auto answer = desk.late(hold.id, usdc("0.50"),
                                      {{.reason = Reason::frozen, .rule = "all", .detail = "x"}});
        CHECK(answer.outcome == Outcome::refused);
        CHECK(answer.reason == Reason::frozen);
        desk.check_caps(0, 0);
    }
    SECTION("beyond max capture")
    {
        const auto answer = desk.late(hold.id, usdc("0.56"));
        CHECK(answer.reason == Reason::over_capture);
        CHECK(desk.excesses().size() == 1);
        desk.check_caps(0, 0);
    }
}

TEST_CASE("late settle: its entry names the caps it was charged to")
{
    Desk desk;
    const auto hold = desk.hold("0.50");
    desk.clock.pass(Span::minutes(2));
    desk.late(hold.id, usdc("0.50"));
    const auto document = json::parse(desk.last_entry());
    const auto* caps = document->root().find("caps");
    REQUIRE(caps != nullptr);
    CHECK(caps->items().size() == 3);
}

TEST_CASE("one transaction: hold, settle, void and hold again")
{
    Desk desk;
    desk.run([&](Books& books) {
        const auto take = [&](std::int64_t amount) {
            return books.hold(ask(desk.rules, micro(amount)));
        };
        const auto end = [&](TxId id, bool is_void, std::int64_t amount) {
            return books.settle({.who = {.agent = kAgent},
                                 .id = id,
                                 .is_void = is_void,
                                 .actual = micro(amount),
                                 .limit_of = desk.rules.limits()});
        };
        const auto first = take(600'000);
        CHECK(take(400'001).outcome == HoldAnswer::Outcome::refused);
        CHECK(end(first.id, true, 0).outcome == Outcome::voided);
        const auto second = take(1'000'000);
        CHECK(second.outcome == HoldAnswer::Outcome::approved);
        CHECK(end(second.id, false, 300'000).outcome == Outcome::settled);
        CHECK(take(700'000).outcome == HoldAnswer::Outcome::approved);
        CHECK(take(1).outcome == HoldAnswer::Outcome::refused);
        return 0;
    });
    desk.check_caps(700'000, 300'000);
    CHECK(desk.cap(2).spent == 3);
}

TEST_CASE("one transaction: a hold on counters that are new, settled for more at once")
{
    Desk desk;
    SettleAnswer within;
    SettleAnswer beyond;
    desk.run([&](Books& books) {
        auto request = ask(desk.rules, usdc("0.50"));
        request.max_capture = usdc("2.00");
        const auto settle = [&](Money actual) {
            return books.settle({.who = {.agent = kAgent},
                                 .id = books.hold(request).id,
                                 .actual = actual,
                                 .limit_of = desk.rules.limits()});
        };
        within = settle(usdc("0.60"));
        request.what.amount = usdc("0.10");
        beyond = settle(usdc("1.10"));
        return 0;
    });
    CHECK(within.outcome == Outcome::settled);
    REQUIRE(beyond.outcome == Outcome::refused);
    REQUIRE(beyond.failing.size() == 2);
    CHECK(beyond.failing[0].kind == "daily");
    desk.check_caps(100'000, 600'000);
}

TEST_CASE("debts: a settle that a treasury pays owes its amount, no other end does")
{
    PayoutDesk desk;
    const auto debt_of = [&](TxId id) {
        return desk.step([&](Payouts& payouts) { return payouts.rows().debt(id.seq); });
    };
    const auto on_chain = [&](TxId id, const char* actual) {
        return desk.end({.id = id, .actual = usdc(actual), .treasury = desk.treasury});
    };
    const auto hold = desk.hold("0.08");
    const auto answer = on_chain(hold.id, "0.07");
    REQUIRE(answer.outcome == Outcome::settled);
    CHECK(answer.settlement.stage == Stage::queued);
    CHECK(answer.settlement.payout == 0);
    REQUIRE(debt_of(hold.id));
    CHECK(debt_of(hold.id)->amount == 70'000);
    CHECK(debt_of(hold.id)->seq == answer.seq);

    SECTION("once, however often it is asked for")
    {
        const auto again = on_chain(hold.id, "0.07");
        CHECK(again.replay);
        CHECK(again.settlement.stage == Stage::queued);
        CHECK(on_chain(hold.id, "0.06").reason == Reason::hold_closed);
    }
    SECTION("none for nothing")
    {
        const auto free = desk.hold("0.08");
        CHECK(on_chain(free.id, "0").settlement.stage == Stage::booked);
        CHECK_FALSE(debt_of(free.id));
    }
    SECTION("none for a void")
    {
        const auto other = desk.hold("0.08");
        const auto ended = desk.end({.id = other.id, .is_void = true, .treasury = desk.treasury});
        CHECK(ended.outcome == Outcome::voided);
        CHECK_FALSE(debt_of(other.id));
    }
    SECTION("none for a refusal")
    {
        const auto other = desk.hold("0.08");
        CHECK(on_chain(other.id, "0.09").reason == Reason::over_capture);
        CHECK_FALSE(debt_of(other.id));
    }
    SECTION("none where the books are the payment")
    {
        const auto other = desk.hold("0.08");
        const auto booked = desk.settle(other.id, "0.08");
        CHECK(booked.settlement.stage == Stage::booked);
        CHECK_FALSE(debt_of(other.id));
        // Asked for again when there is a treasury: it was paid then.
        CHECK(on_chain(other.id, "0.08").settlement.stage == Stage::booked);
        CHECK_FALSE(debt_of(other.id));
    }
    SECTION("none over a chain to a payee without an address: its hold is older than the wallet")
    {
        auto request = ask(desk.rules, usdc("0.08"));
        request.what.payee = "service:images";
        const auto other = desk.hold(request);
        CHECK(on_chain(other.id, "0.08").settlement.stage == Stage::booked);
        CHECK_FALSE(debt_of(other.id));
        CHECK(audit(desk.folder.path()).text() == "");
        return;
    }
    CHECK(desk.payee().owed == 70'000);
    CHECK(audit(desk.folder.path()).text() == "");
}

TEST_CASE("debts: a late settle owes too, once")
{
    PayoutDesk desk;
    const auto hold = desk.hold("0.08");
    desk.clock.pass(Span::minutes(2));
    const auto late = [&](std::int64_t treasury) {
        return desk.run([&](Books& books) {
            return books.late_settle({.epoch = books.meta().epoch,
                                      .who = {.agent = kAgent},
                                      .id = hold.id,
                                      .actual = usdc("0.07"),
                                      .legs = desk.rules.legs(),
                                      .treasury = treasury});
        });
    };
    CHECK(desk.end({.id = hold.id, .actual = usdc("0.07"), .treasury = desk.treasury}).outcome ==
          Outcome::expired);
    const auto answer = late(desk.treasury);
    REQUIRE(answer.outcome == Outcome::settled);
    CHECK(answer.settlement.stage == Stage::queued);
    CHECK(late(desk.treasury).replay);
    CHECK(late(desk.treasury).settlement.stage == Stage::queued);
    CHECK(desk.payee().owed == 70'000);
    CHECK(desk.treasury_row().owed == 70'000);
    CHECK(audit(desk.folder.path()).text() == "");
}
