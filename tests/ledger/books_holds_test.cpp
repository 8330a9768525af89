// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::test;
using Outcome = HoldAnswer::Outcome;

TEST_CASE("hold: an approved hold counts against every cap")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 5'000'000);
    purse.rules.money("lifetime", Window::lifetime, kNoLimit);
    purse.rules.rolling(Span::hours(1), 1'000'000);
    purse.rules.count(Span::minutes(1), 3);
    auto request = ask(purse.rules, usdc("0.08"));
    request.max_capture = usdc("0.088");
    const auto answer = purse.hold(request);
    REQUIRE(answer.outcome == Outcome::approved);
    CHECK_FALSE(answer.replay);
    CHECK(answer.amount == usdc("0.08"));
    CHECK(answer.max_capture == usdc("0.088"));
    CHECK(answer.at == purse.clock.wall());
    CHECK(answer.expires_at == purse.clock.wall() + Span::minutes(2));
    CHECK(answer.id.seq == answer.seq);
    CHECK(answer.near.empty());
    const auto caps = purse.caps();
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(caps[i].held == 80'000);
        CHECK(caps[i].spent == 0);
    }
    CHECK(caps[3].held == 0);
    CHECK(caps[3].spent == 1);
    CHECK(caps[0].resets_at == window_end(Window::day, purse.clock.wall()));
    CHECK_FALSE(caps[1].resets_at.has_value());

    const auto document = json::parse(purse.last_entry());
    REQUIRE(document.has_value());
    const auto& entry = document->root();
    CHECK(entry.find("kind")->text() == "hold");
    CHECK(entry.find("txId")->text() == answer.id.to_string());
    CHECK(entry.find("amount")->text() == "0.08");
    CHECK(entry.find("maxCapture")->text() == "0.088");
    CHECK(entry.find("agent")->text() == kAgent);
    CHECK(entry.find("task")->text() == "t1");
    CHECK(entry.find("workflow") == nullptr);
    CHECK(entry.find("caps")->items().size() == 3);  // not the one without a limit
}

TEST_CASE("hold: a cap is reached exactly and never passed")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 1'000'000);
    CHECK(purse.hold("0.40").outcome == Outcome::approved);
    CHECK(purse.hold("0.600001").outcome == Outcome::refused);
    CHECK(purse.hold("0.60").outcome == Outcome::approved);
    CHECK(purse.hold("0.000001").outcome == Outcome::refused);
    CHECK(purse.cap(0).held == 1'000'000);
    CHECK(purse.cap(0).available() == 0);
}

TEST_CASE("hold: a refusal names all failing rules and caps, in order, and takes nothing")
{
    TestLedger purse;
    purse.rules.money("perTask", Window::lifetime, 2'000'000);
    purse.rules.count(Span::minutes(1), 1);
    purse.rules.money("daily", Window::day, 100'000);
    purse.rules.money("monthly", Window::month, 100'000, "budget/team");
    purse.rules.money("weekly", Window::week, 50'000'000, "budget/team");
    REQUIRE(purse.hold("0.05").outcome == Outcome::approved);

    auto request = ask(purse.rules, usdc("3"));
    request.refusals = {
        {.reason = Reason::outside_hours, .rule = "agent/painter", .detail = "closed"},
        {.reason = Reason::price_above_ceiling, .rule = "service/images", .detail = "dear"}};
    const auto answer = purse.hold(request);
    REQUIRE(answer.outcome == Outcome::refused);
    REQUIRE(answer.refusals.size() == 2);
    CHECK(answer.refusals[0].reason == Reason::outside_hours);
    REQUIRE(answer.failing.size() == 4);
    CHECK(answer.failing[0].kind == "perTask");
    CHECK_FALSE(answer.failing[0].resets_at.has_value());
    CHECK(answer.failing[1].kind == "count 1m");
    CHECK(answer.failing[1].reason == Reason::rate_limit_reached);
    CHECK(answer.failing[1].resets_at == purse.clock.wall() + Span::minutes(1));
    CHECK(answer.failing[2].kind == "daily");
    CHECK_FALSE(answer.failing[2].resets_at.has_value());  // three dollars never fit ten cents
    CHECK(answer.failing[3].budget == "budget/team");
    CHECK(answer.failing[3].held == 50'000);
    CHECK(answer.failing[3].limit == 100'000);

    const auto caps = purse.caps();
    CHECK(caps[0].held == 50'000);
    CHECK(caps[1].spent == 1);
    CHECK(caps[4].held == 50'000);
    const auto document = json::parse(purse.last_entry());
    CHECK(document->root().find("kind")->text() == "refused");
    CHECK(document->root().find("failing")->items().size() == 4);
    CHECK(document->root().find("refusals")->items().size() == 2);
}

TEST_CASE("hold: one cap that refuses keeps every other untouched, also new ones")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 5'000'000);
    purse.rules.money("monthly", Window::month, 10);
    CHECK(purse.hold("0.01").outcome == Outcome::refused);
    for (const auto& cap : purse.caps()) {
        CHECK(cap.held == 0);
        CHECK(cap.spent == 0);
    }
    purse.rules[1].limit = 1'000'000;
    CHECK(purse.hold("0.01").outcome == Outcome::approved);
    for (const auto& cap : purse.caps()) CHECK(cap.held == 10'000);
}

TEST_CASE("hold: scopes count apart, budgets count together")
{
    TestLedger purse;
    purse.rules.money("perTask", Window::lifetime, 1'000'000);
    purse.rules.money("daily", Window::day, 1'500'000, "budget/team");
    const auto hold = [&](const char* task, const char* agent) {
        auto request = ask(purse.rules, usdc("1"));
        request.legs[0].scope = task;
        request.who.agent = agent;
        return purse.hold(request);
    };
    CHECK(hold("t1", kAgent).outcome == Outcome::approved);
    CHECK(hold("t1", kAgent).failing.size() == 2);
    const auto other = hold("t2", "another");
    REQUIRE(other.outcome == Outcome::refused);
    REQUIRE(other.failing.size() == 1);
    CHECK(other.failing[0].budget == "budget/team");
}

TEST_CASE("hold: caps at 80 percent or more are told")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 1'000'000);
    purse.rules.money("lifetime", Window::lifetime, kNoLimit);
    CHECK(purse.hold("0.799999").near.empty());
    const auto answer = purse.hold("0.000001");
    REQUIRE(answer.near.size() == 1);
    CHECK(answer.near[0].used_percent() == 80);
    CHECK(answer.near[0].held == 800'000);
}

TEST_CASE("hold: a limit that was lowered below what is used refuses until there is room")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 1'000'000);
    const auto first = purse.hold("0.90");
    purse.rules[0].limit = 500'000;
    const auto refused = purse.hold("0.10");
    REQUIRE(refused.outcome == Outcome::refused);
    CHECK(refused.failing[0].available() == 0);
    CHECK(refused.failing[0].used_percent() == 180);
    CHECK(purse.settle(first.id, "0.20").outcome == SettleAnswer::Outcome::settled);
    CHECK(purse.hold("0.30").outcome == Outcome::approved);
    CHECK(purse.hold("0.01").outcome == Outcome::refused);
}

TEST_CASE("hold: a limit of zero lets nothing through")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 0);
    CHECK(purse.hold("0.000001").outcome == Outcome::refused);
    CHECK(purse.cap(0).used_percent() == 100);
}

TEST_CASE("hold: sums near the end of 64 bits are refused, not wrapped")
{
    TestLedger purse;
    purse.rules.money("lifetime", Window::lifetime, kNoLimit);
    for (int i = 0; i < 4; ++i) CHECK(purse.hold(Money::max()).outcome == Outcome::approved);
    CHECK(purse.hold(Money::max()).outcome == Outcome::refused);
    CHECK(purse.hold(micro(1)).outcome == Outcome::refused);
    CHECK(purse.cap(0).held == 4'000'000'000'000'000'000);
}

TEST_CASE("hold: the largest amount with room above it answers the same when asked again")
{
    TestLedger purse;
    purse.rules.money("lifetime", Window::lifetime, kNoLimit);
    auto request = ask(purse.rules, Money::max(), "big");
    request.max_capture = micro(1'100'000'000'000'000'000);  // ten percent more
    const auto first = purse.hold(request);
    REQUIRE(first.outcome == Outcome::approved);
    const auto again = purse.hold(request);
    REQUIRE(again.outcome == Outcome::approved);
    CHECK(again.replay);
    CHECK(again.max_capture == first.max_capture);
    CHECK(first.max_capture == Money::max());
}

TEST_CASE("hold: holds of nothing can be taken and ended in later transactions")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 1'000'000);
    purse.rules.rolling(Span::hours(1), 1'000'000);
    const auto settled = purse.hold(Money{});
    const auto voided = purse.hold(Money{});
    const auto expired = purse.hold(Money{});
    REQUIRE(settled.outcome == Outcome::approved);
    purse.reopen();
    CHECK(purse.settle(settled.id, Money{}).outcome == SettleAnswer::Outcome::settled);
    CHECK(purse.give_back(voided.id).outcome == SettleAnswer::Outcome::voided);
    purse.clock.pass(Span::minutes(2));
    CHECK(purse.settle(expired.id, Money{}).outcome == SettleAnswer::Outcome::expired);
    CHECK(purse.hold("0.10").outcome == Outcome::approved);
    CHECK(purse.cap(0).held == 100'000);
}

TEST_CASE("hold: a verdict of another epoch or past its time is stale and does nothing")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 1'000'000);
    purse.run([](Books& books) { return books.apply_policy("{}", "test"); });
    const auto before = purse.entries();
    auto request = ask(purse.rules, usdc("0.10"), "key");
    request.epoch = 0;
    const auto raw = [&] { return purse.run([&](Books& books) { return books.hold(request); }); };
    CHECK(raw().outcome == Outcome::stale);
    const auto epoch = purse.run([](Books& books) { return books.meta().epoch; });
    request.epoch = epoch + 1;
    CHECK(raw().outcome == Outcome::stale);
    request.epoch = epoch;
    request.valid_until = purse.clock.wall();
    CHECK(raw().outcome == Outcome::stale);
    CHECK(purse.entries() == before);
    CHECK(purse.cap(0).held == 0);
    request.valid_until = purse.clock.wall() + Span{1};
    CHECK(raw().outcome == Outcome::approved);
}

TEST_CASE("hold: the open holds of an agent are listed, the first to expire first")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 5'000'000);
    auto request = ask(purse.rules, usdc("0.01"));
    request.ttl = Span::minutes(5);
    const auto late = purse.hold(request);
    request.ttl = Span::minutes(1);
    const auto early = purse.hold(request);
    request.who.agent = "another";
    purse.hold(request);
    const auto list = [&](const char* agent) {
        return purse.run([&](Books& books) { return books.status({.agent = agent, .legs = {}}); })
            .next_holds;
    };
    auto holds = list(kAgent);
    REQUIRE(holds.size() == 2);
    CHECK(holds[0].id == early.id);
    CHECK(holds[1].id == late.id);
    CHECK(holds[1].what.task == "t1");
    CHECK(list("another").size() == 1);
    CHECK(list("nobody").empty());
    purse.clock.pass(Span::minutes(1));
    holds = list(kAgent);
    REQUIRE(holds.size() == 1);
    CHECK(holds[0].id == late.id);
}
