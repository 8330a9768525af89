// SPDX-License-Identifier: Apache-2.0
// When a person is asked, and under which terms.
#include "support.hpp"

using namespace purse;
using namespace purse::policy;
using namespace purse::policy::test;

namespace {
Decision decision_of(const Parts& parts, const Ask& ask = ask_of_a())
{
    return decide(*document_of(parts), {}, ask);
}

/// "<cause> by <rule>".
Names wishes_of(const Decision& decision)
{
    Names names;
    REQUIRE(decision.approval);
    for (const auto& wish : decision.approval->wishes)
        names.push_back(std::string{wire_name(wish.cause)} + " by " + wish.rule);
    return names;
}

Ask for_amount(std::string_view amount)
{
    auto ask = ask_of_a();
    ask.what.amount = usdc(amount);
    return ask;
}
}  // namespace

TEST_CASE("Nobody is asked where no rule says so")
{
    CHECK_FALSE(decision_of({}).approval);
    CHECK(wishes_of(decision_of({.agent = R"({ "approval": { "above": "0.05" } })"})) == Names{});
}

TEST_CASE("A person is asked above an amount, not at it")
{
    const Parts parts{.agent = R"({ "approval": { "above": "0.10" } })"};
    CHECK(wishes_of(decision_of(parts, for_amount("0.10"))) == Names{});
    CHECK(wishes_of(decision_of(parts, for_amount("0.100001"))) == Names{"amount by agent/a"});
    const auto decision = decision_of(parts, for_amount("0.50"));
    CHECK(decision.approval->within == Span::minutes(10));
    CHECK(decision.approval->lasts == Span::minutes(15));
    CHECK(decision.approval->in_chat);
    CHECK(decision.approval->wishes[0].detail ==
          "agent/a asks for payments above 0.10 USDC; this is 0.50.");
}

TEST_CASE("Capturing more than was held does not go around the question")
{
    const auto most = [](const char* amount) {
        return decision_of({.agent = R"({ "approval": { "above": "0.10" },
                                          "overCapture": { "percent": 100 } })"},
                           for_amount(amount))
            .max_capture;
    };
    CHECK(most("0.04") == usdc("0.08"));
    CHECK(most("0.09") == usdc("0.10"));
    CHECK(most("0.10") == usdc("0.10"));
}

TEST_CASE("A person is asked for named services, or for any")
{
    CHECK(wishes_of(decision_of({.agent = R"({ "approval": { "services": ["images"] } })"})) ==
          Names{"service by agent/a"});
    CHECK(wishes_of(decision_of({.agent = R"({ "approval": { "services": ["search"] } })"})) ==
          Names{});
    CHECK(wishes_of(decision_of({.agent = R"({ "approval": { "services": ["*"] } })"})) ==
          Names{"service by agent/a"});
}

TEST_CASE("Outside hours a budget that asks does not refuse, and others still do")
{
    const Parts asks{.agent = R"({ "times": [{ "days": ["sun"] }],
                                   "approval": { "outsideHours": true } })"};
    const auto decision = decision_of(asks);
    CHECK(reasons(decision) == Names{});
    CHECK(wishes_of(decision) == Names{"outside_hours by agent/a"});
    CHECK(decision.valid_until < Instant::never());
    auto both = asks;
    both.agent.insert(1, R"("budgets": ["team"], )");
    both.team = R"({ "times": [{ "days": ["sun"] }] })";
    CHECK(verdicts(decision_of(both)) == Names{"outside_hours by budget/team"});
}

TEST_CASE("Loops and new payees are left to the ledger's counters")
{
    const auto decision = decision_of({.agent = R"({ "loopGuard": { "times": 2, "span": "1m" },
                       "approval": { "loop": true, "newPayee": true } })"});
    CHECK(wishes_of(decision) == Names{});
    const auto& legs = decision.legs;
    REQUIRE(legs.front().rule->reason == Reason::loop_detected);
    CHECK(legs.front().rule->asks == Asks::when_full);
    REQUIRE(legs.back().rule->asks == Asks::when_unspent);
    CHECK(legs.back().rule->limit == kNoLimit);
    CHECK(legs.back().scope == "payee/" + std::string{kImages});
    CHECK(names_of(status_legs(*document_of({.agent = R"({ "approval": { "newPayee": true } })"}),
                               {.agent = "a"})) ==
          names_of(status_legs(*document_of({}), {.agent = "a"})));
}

TEST_CASE("Of several budgets the strictest terms count")
{
    const auto decision =
        decision_of({.agent = R"({ "budgets": ["team"], "hold": { "maxTtl": "3m" }, "approval":
                     { "above": "0.01", "within": "5m", "lasts": "1h" } })",
                     .team = R"({ "approval": { "above": "0.02", "within": "7m", "lasts": "2m",
                      "outOfBandAbove": "0.04" } })"});
    CHECK(wishes_of(decision) == Names{"amount by agent/a", "amount by budget/team"});
    CHECK(decision.approval->within == Span::minutes(5));
    CHECK(decision.approval->lasts == Span::minutes(2));
    CHECK_FALSE(decision.approval->in_chat);
    CHECK(decision_of({.agent = R"({ "hold": { "maxTtl": "3m" },
                                     "approval": { "above": "0.01", "lasts": "1h" } })"})
              .approval->lasts == Span::minutes(3));
}

TEST_CASE("The line of the chat: at it, and a micro-USDC above")
{
    const Parts parts{.agent = R"({ "approval": { "above": "0.01", "outOfBandAbove": "0.05" } })"};
    CHECK(decision_of(parts, for_amount("0.05")).approval->in_chat);
    CHECK_FALSE(decision_of(parts, for_amount("0.050001")).approval->in_chat);
}

TEST_CASE("A late settle that would need an approval is refused")
{
    auto ask = ask_of_a();
    ask.what.payee = kImages;
    const auto late = [&](const char* rules) {
        return verdicts(decide_late(*document_of({.agent = rules}), {}, ask));
    };
    CHECK(late(R"({ "approval": { "above": "0.05" } })") == Names{});
    CHECK(late(R"({ "approval": { "above": "0.04" }, "lateSettle": "refuse" })") ==
          Names{"approval_required by agent/a", "hold_expired by agent/a"});
    CHECK(late(R"({ "times": [{ "days": ["sun"] }], "approval": { "outsideHours": true } })") ==
          Names{});
}
