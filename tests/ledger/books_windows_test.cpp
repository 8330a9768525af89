// SPDX-License-Identifier: Apache-2.0
// What counts when: rolling and calendar windows, and clocks that jump.
#include <catch2/catch.hpp>

#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::test;

namespace {
bool approved(const HoldAnswer& answer)
{
    return answer.outcome == HoldAnswer::Outcome::approved;
}
bool settled(const SettleAnswer& answer)
{
    return answer.outcome == SettleAnswer::Outcome::settled;
}

struct At : TestLedger {
    explicit At(std::string_view moment) { clock.set_wall(at(moment)); }
    HoldAnswer long_hold(Money amount, Money max_capture)
    {
        auto request = ask(rules, amount);
        request.ttl = Span::hours(24);
        request.max_capture = max_capture;
        return hold(request);
    }
};
}  // namespace

TEST_CASE("rolling: counted until one microsecond before the span has passed, then not")
{
    At purse{"2026-11-23T12:00:00.000000Z"};
    purse.rules.rolling(Span::hours(1), 1'000'000);
    const auto hold = purse.hold("1.00");
    REQUIRE(settled(purse.settle(hold.id, "1.00")));
    purse.clock.pass(Span{Span::hours(1).us - 1});
    CHECK(purse.cap(0).spent == 1'000'000);
    const auto refused = purse.hold("0.01");
    REQUIRE_FALSE(approved(refused));
    CHECK(refused.failing[0].resets_at == purse.clock.wall() + Span{1});
    purse.clock.pass(Span{1});
    CHECK(purse.cap(0).spent == 0);
    CHECK(approved(purse.hold("1.00")));
}

TEST_CASE("rolling: a window slides over several holds, and says when there is room")
{
    At purse{"2026-11-23T12:00:00.000000Z"};
    purse.rules.rolling(Span::minutes(10), 1'000'000);
    const auto start = purse.clock.wall();
    for (int i = 0; i < 5; ++i) {
        REQUIRE(settled(purse.settle(purse.hold("0.20").id, "0.20")));
        purse.clock.pass(Span::minutes(1));
    }
    // 0.20 each at 0, 1, 2, 3 and 4 minutes; it is 5 minutes now.
    const auto refused = purse.hold("0.50");
    REQUIRE_FALSE(approved(refused));
    CHECK(refused.failing[0].resets_at == start + Span::minutes(12));  // three must have left
    purse.clock.pass(Span::minutes(7));
    CHECK(approved(purse.hold("0.50")));
    CHECK(purse.cap(0).held == 500'000);
    CHECK(purse.cap(0).spent == 400'000);
}

TEST_CASE("rolling: a hold that outlives the window moves nothing when it ends")
{
    At purse{"2026-11-23T12:00:00.000000Z"};
    purse.rules.rolling(Span::minutes(10), 1'000'000);
    purse.rules.money("lifetime", Window::lifetime, 9'000'000);
    const auto settle_later = purse.long_hold(usdc("0.40"), usdc("0.90"));
    const auto void_later = purse.long_hold(usdc("0.30"), usdc("0.30"));
    purse.clock.pass(Span::minutes(10));
    CHECK(purse.cap(0).held == 0);
    const auto now = purse.long_hold(usdc("0.90"), usdc("0.90"));
    REQUIRE(approved(now));
    // The excess of 0.50 does not fit the window, but this hold counts there no more.
    CHECK(settled(purse.settle(settle_later.id, "0.90")));
    CHECK(purse.give_back(void_later.id).outcome == SettleAnswer::Outcome::voided);
    CHECK(purse.cap(0).held == 900'000);
    CHECK(purse.cap(0).spent == 0);
    CHECK(purse.cap(1).held == 900'000);
    CHECK(purse.cap(1).spent == 900'000);
}

TEST_CASE("rolling: a share settled inside the window leaves when the hold's span is over")
{
    At purse{"2026-11-23T12:00:00.000000Z"};
    purse.rules.rolling(Span::minutes(10), 1'000'000);
    const auto hold = purse.long_hold(usdc("0.50"), usdc("0.60"));
    purse.clock.pass(Span::minutes(9));
    REQUIRE(settled(purse.settle(hold.id, "0.60")));
    CHECK(purse.cap(0).spent == 600'000);
    purse.clock.pass(Span{Span::minutes(1).us - 1});
    CHECK(purse.cap(0).spent == 600'000);
    purse.clock.pass(Span{1});
    CHECK(purse.cap(0).spent == 0);
}

TEST_CASE("rolling: a hold taken in the very transaction in which another leaves")
{
    At purse{"2026-11-23T12:00:00.000000Z"};
    purse.rules.count(Span::minutes(1), 2);
    CHECK(approved(purse.hold("0.01")));
    purse.clock.pass(Span::seconds(30));
    CHECK(approved(purse.hold("0.01")));
    CHECK_FALSE(approved(purse.hold("0.01")));
    purse.clock.pass(Span::seconds(30));
    CHECK(approved(purse.hold("0.01")));  // one in, one out: the sum stays
    CHECK(purse.cap(0).spent == 2);
    CHECK_FALSE(approved(purse.hold("0.01")));
    purse.reopen();
    CHECK_FALSE(approved(purse.hold("0.01")));
}

TEST_CASE("counts: never given back, whatever the end")
{
    At purse{"2026-11-23T12:00:00.000000Z"};
    purse.rules.count(Span::hours(1), 3);
    purse.give_back(purse.hold("0.01").id);
    purse.settle(purse.hold("0.01").id, "0.00");
    purse.hold("0.01");
    purse.clock.pass(Span::minutes(2));  // the last expires
    CHECK_FALSE(approved(purse.hold("0.01")));
    CHECK(purse.cap(0).spent == 3);
}

TEST_CASE("calendar: windows roll over at their end, to the microsecond")
{
    struct Row {
        Window window;
        const char* last;
    };
    for (const auto& row : {Row{Window::hour, "2026-11-23T12:59:59.999999Z"},
                            Row{Window::day, "2028-02-28T23:59:59.999999Z"},
                            Row{Window::week, "2026-11-22T23:59:59.999999Z"},
                            Row{Window::month, "2026-12-31T23:59:59.999999Z"}}) {
        CAPTURE(row.last);
        At purse{row.last};
        purse.rules.money("cap", row.window, 1'000'000);
        const auto hold = purse.hold("1.00");
        REQUIRE(approved(hold));
        const auto refused = purse.hold("0.01");
        REQUIRE_FALSE(approved(refused));
        CHECK(refused.failing[0].resets_at == at(row.last) + Span{1});
        purse.clock.pass(Span{1});
        CHECK(purse.cap(0).held == 0);
        CHECK(approved(purse.hold("1.00")));
    }
}

TEST_CASE("calendar: yesterday's hold is settled in yesterday's window, under yesterday's limit")
{
    At purse{"2026-11-23T23:59:00.000000Z"};
    purse.rules.money("daily", Window::day, 1'000'000);
    const auto first = purse.long_hold(usdc("0.40"), usdc("0.80"));
    const auto second = purse.long_hold(usdc("0.40"), usdc("0.80"));
    purse.clock.pass(Span::minutes(1));
    const auto today = purse.long_hold(usdc("1.00"), usdc("1.00"));
    REQUIRE(approved(today));

    const auto refused = purse.settle(first.id, "0.600001");
    REQUIRE(refused.outcome == SettleAnswer::Outcome::refused);
    CHECK(refused.failing[0].held == 800'000);  // yesterday's counter
    CHECK(settled(purse.settle(first.id, "0.60")));
    CHECK(purse.settle(second.id, "0.41").outcome == SettleAnswer::Outcome::refused);
    CHECK(settled(purse.settle(second.id, "0.40")));
    CHECK(purse.cap(0).held == 1'000'000);
    CHECK(purse.cap(0).spent == 0);
    const auto yesterday =
        purse.run([](Books& books) { return books.rows().counters_of("agent/painter", 10); });
    REQUIRE(yesterday.size() == 2);
    CHECK(yesterday[1].first.window_start == at("2026-11-23T00:00:00.000000Z"));
    CHECK(yesterday[1].second.spent == 1'000'000);
    CHECK(yesterday[1].second.held == 0);
}

TEST_CASE("clock: set back by 400 days, time goes on by the boot clock and windows hold")
{
    At purse{"2026-11-23T12:00:00.000000Z"};
    purse.rules.money("daily", Window::day, 1'000'000);
    purse.rules.rolling(Span::hours(1), 1'000'000);
    const auto first = purse.hold("1.00");
    REQUIRE(approved(first));
    REQUIRE(settled(purse.settle(first.id, "1.00")));
    purse.clock.jump({-Span::days(400).us});
    CHECK_FALSE(approved(purse.hold("0.01")));
    CHECK(purse.ledger().now() == at("2026-11-23T12:00:00.000000Z"));
    purse.clock.pass(Span::minutes(59));
    CHECK_FALSE(approved(purse.hold("0.01")));
    purse.clock.pass(Span::minutes(1));
    CHECK(purse.ledger().now() == at("2026-11-23T13:00:00.000000Z"));
    CHECK(purse.cap(1).spent == 0);
    CHECK(purse.cap(0).spent == 1'000'000);
    purse.clock.pass(Span::hours(11));
    CHECK(approved(purse.hold("1.00")));
    purse.clock.pass(Span::minutes(2));
    CHECK(purse.cap(0).held == 0);  // it expired by the ledger's time
}

TEST_CASE(
    "clock: set back while no process ran, time stands until it is caught up or rises by itself")
{
    At purse{"2026-11-23T12:00:00.000000Z"};
    purse.rules.rolling(Span::hours(1), 1'000'000);
    const auto hold = purse.hold("1.00");
    REQUIRE(settled(purse.settle(hold.id, "1.00")));
    purse.clock.jump({-Span::days(400).us});
    purse.reopen();
    const auto refused = purse.hold("0.01");
    REQUIRE_FALSE(approved(refused));
    CHECK(refused.at == at("2026-11-23T12:00:00.000000Z"));
    purse.clock.pass(Span::hours(1));
    CHECK(approved(purse.hold("0.01")));
}

TEST_CASE("clock: a jump forward shifts when, and a jump back again does not undo it")
{
    At purse{"2026-11-23T12:00:00.000000Z"};
    purse.rules.money("daily", Window::day, 1'000'000);
    const auto open = purse.hold("0.50");
    purse.clock.jump(Span::days(400));
    CHECK(purse.settle(open.id, "0.50").outcome == SettleAnswer::Outcome::expired);
    CHECK(approved(purse.hold("1.00")));
    purse.clock.jump({-Span::days(400).us});
    CHECK_FALSE(approved(purse.hold("0.01")));
    CHECK(purse.ledger().now() == at("2026-11-23T12:00:00.000000Z") + Span::days(400));
}
