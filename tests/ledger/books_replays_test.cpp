// SPDX-License-Identifier: Apache-2.0
// Idempotency: k copies of a request are one.
#include <catch2/catch.hpp>

#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::test;
using Outcome = HoldAnswer::Outcome;

namespace {
void check_same(const HoldAnswer& first, const HoldAnswer& again)
{
    CHECK(again.replay);
    CHECK(again.outcome == first.outcome);
    CHECK(again.at == first.at);
    CHECK(again.seq == first.seq);
    CHECK(again.id == first.id);
    CHECK(again.amount == first.amount);
    CHECK(again.expires_at == first.expires_at);
    CHECK(again.max_capture == first.max_capture);
    CHECK(to_json(again.refusals) == to_json(first.refusals));
    CHECK(to_json(again.failing) == to_json(first.failing));
    CHECK(to_json(again.near) == to_json(first.near));
}
}  // namespace

TEST_CASE("replay: an approved request answers the same for ever and takes nothing again")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 1'000'000);
    purse.rules.rolling(Span::hours(1), 1'000'000);
    const auto first = purse.hold(usdc("0.90"), "k");
    REQUIRE(first.outcome == Outcome::approved);
    REQUIRE(first.near.size() == 2);
    const auto entries = purse.entries();
    check_same(first, purse.hold(usdc("0.90"), "k"));
    purse.clock.pass(Span::seconds(90));
    check_same(first, purse.hold(usdc("0.90"), "k"));
    CHECK(purse.entries() == entries);
    CHECK(purse.cap(0).held == 900'000);

    SECTION("after it was settled")
    {
        purse.settle(first.id, "0.10");
        check_same(first, purse.hold(usdc("0.90"), "k"));
        CHECK(purse.cap(0).spent == 100'000);
        CHECK(purse.cap(0).held == 0);
    }
    SECTION("after it expired, in another process, days later")
    {
        purse.clock.pass(Span::days(3));
        purse.reopen();
        check_same(first, purse.hold(usdc("0.90"), "k"));
        CHECK(purse.cap(0).held == 0);
    }
    SECTION("after the rules have changed")
    {
        purse.rules[0].limit = 1;
        purse.run([](Books& books) { return books.apply_policy("{}", "test"); });
        check_same(first, purse.hold(usdc("0.90"), "k"));
    }
}

TEST_CASE("replay: a refusal is an answer too, also when there is room again")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 1'000'000);
    purse.rules.rolling(Span::hours(1), 1'000'000);
    const auto blocking = purse.hold("1.00");
    auto request = ask(purse.rules, usdc("0.10"), "k");
    request.refusals = {{.reason = Reason::outside_hours,
                         .rule = "agent/painter",
                         .detail = "closed at night",
                         .allowed = usdc("0.00"),
                         .retry_at = purse.clock.wall() + Span::hours(8)}};
    const auto first = purse.hold(request);
    REQUIRE(first.outcome == Outcome::refused);
    REQUIRE(first.failing.size() == 2);
    const auto entries = purse.entries();
    check_same(first, purse.hold(request));
    CHECK(purse.entries() == entries);
    purse.give_back(blocking.id);
    purse.clock.pass(Span::days(2));
    purse.reopen();
    request.refusals.clear();
    check_same(first, purse.hold(request));
    request.key = "another";
    CHECK(purse.hold(request).outcome == Outcome::approved);
}

TEST_CASE("replay: a key belongs to one set of arguments, and to one agent")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 1'000'000);
    const auto first = purse.hold(usdc("0.10"), "k");
    const auto entries = purse.entries();
    CHECK(purse.hold(usdc("0.20"), "k").outcome == Outcome::conflict);
    CHECK(purse.entries() == entries);
    CHECK(purse.cap(0).held == 100'000);
    check_same(first, purse.hold(usdc("0.10"), "k"));

    auto request = ask(purse.rules, usdc("0.20"), "k");
    request.who.agent = "another";
    const auto other = purse.hold(request);
    CHECK(other.outcome == Outcome::approved);
    CHECK_FALSE(other.replay);
    CHECK(purse.hold(usdc("0.10"), "K").replay == false);
    CHECK(purse.hold(usdc("0.10"), "k ").replay == false);
    CHECK(purse.cap(0).held == 500'000);
}

TEST_CASE("replay: without a key every request is a new one")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 1'000'000);
    const auto first = purse.hold("0.10");
    const auto second = purse.hold("0.10");
    CHECK(first.id != second.id);
    CHECK(purse.cap(0).held == 200'000);
}

TEST_CASE("replay: copies inside one transaction are one")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 1'000'000);
    purse.run([&](Books& books) {
        const auto first = books.hold(ask(purse.rules, usdc("0.40"), "k"));
        for (int i = 0; i < 5; ++i)
            check_same(first, books.hold(ask(purse.rules, usdc("0.40"), "k")));
        return 0;
    });
    CHECK(purse.cap(0).held == 400'000);
}

TEST_CASE(
    "replay: who questions the caller stores nothing under the key and learns nothing from it")
{
    TestLedger purse;
    purse.rules.money("daily", Window::day, 1'000'000);
    const auto approved = purse.hold(usdc("0.10"), "known");
    for (const auto reason :
         {Reason::credential_missing, Reason::credential_unknown, Reason::credential_revoked,
          Reason::credential_expired, Reason::agent_unknown}) {
        CAPTURE(wire_name(reason));
        auto request = ask(purse.rules, usdc("0.10"), "known");
        request.refusals = {{.reason = reason, .rule = "credential", .detail = "no"}};
        const auto refused = purse.hold(request);
        CHECK(refused.outcome == Outcome::refused);
        CHECK_FALSE(refused.replay);
        CHECK(refused.id == TxId{});

        request.key = "fresh-" + std::string{wire_name(reason)};
        CHECK(purse.hold(request).outcome == Outcome::refused);
        request.refusals.clear();
        const auto later = purse.hold(request);
        CHECK(later.outcome == Outcome::approved);
        CHECK_FALSE(later.replay);
    }
    check_same(approved, purse.hold(usdc("0.10"), "known"));

    // A frozen agent is known: its refusal is an answer like any other.
    auto request = ask(purse.rules, usdc("0.10"), "frozen");
    request.refusals = {{.reason = Reason::frozen, .rule = "all", .detail = "no"}};
    const auto refused = purse.hold(request);
    request.refusals.clear();
    check_same(refused, purse.hold(request));
}

TEST_CASE("replay: odd texts survive the journal")
{
    TestLedger purse;
    purse.rules.money("perTask", Window::lifetime, 1);
    auto request = ask(purse.rules, usdc("0.10"), std::string{"k\0\"\n\x7f\xc3\xa9", 7});
    request.what.purpose = std::string{"\0\\\x1f\xf0\x9f\x98\x80", 7};
    request.legs[0].scope = "task \"\x01\" \xe2\x82\xac";
    const auto first = purse.hold(request);
    REQUIRE(first.outcome == Outcome::refused);
    CHECK(first.failing[0].scope == request.legs[0].scope);
    check_same(first, purse.hold(request));
}
