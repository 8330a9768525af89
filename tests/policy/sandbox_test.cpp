// SPDX-License-Identifier: Apache-2.0
#include "policy/sandbox.hpp"

#include "support.hpp"

using namespace purse;
using namespace purse::policy;
using namespace purse::policy::test;

TEST_CASE("The sandbox lets its agent name any service, within small caps")
{
    const auto document = parsed(sandbox_text());
    auto ask = ask_of_a();
    ask.agent = kSandboxAgent;
    ask.what.service = "Image generation, large";
    ask.what.amount = usdc("1");
    ask.what.task = "t1";

    const auto decision = decide(*document, {}, ask);
    CHECK(reasons(decision) == Names{});
    CHECK(decision.what.payee == "service:Image generation, large");
    CHECK(decision.ttl == Span::minutes(2));
    CHECK(decision.max_capture == usdc("1"));  // perTransaction bounds the excess as well
    CHECK(names_of(decision.legs) ==
          Names{"agent/sandbox loop 1m [Image generation, large 1000000]", "agent/sandbox count 1m",
                "agent/sandbox daily", "agent/sandbox weekly", "agent/sandbox monthly",
                "agent/sandbox lifetime", "agent/sandbox perTask [task/t1]"});
    CHECK(limit_of(*document, "agent/sandbox", "loop 1m") == 10);
    CHECK(limit_of(*document, "agent/sandbox", "count 1m") == 60);
    CHECK(limit_of(*document, "agent/sandbox", "daily") == usdc("5").micro());
    CHECK(limit_of(*document, "agent/sandbox", "lifetime") == kNoLimit);

    ask.what.amount = usdc("0.5");
    CHECK(decide(*document, {}, ask).max_capture == usdc("0.55"));
    ask.what.amount = usdc("1.000001");
    CHECK(reasons(decide(*document, {}, ask)) == Names{"transaction_limit_exceeded"});
}

TEST_CASE("The sandbox also takes a payee, with or without a service")
{
    const auto document = parsed(sandbox_text());
    auto ask = ask_of_a();
    ask.agent = kSandboxAgent;
    ask.what.payee = "0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc";
    CHECK(decide(*document, {}, ask).refusals.empty());
    CHECK(decide(*document, {}, ask).what.payee == kStranger);
    ask.what.service.clear();
    CHECK(decide(*document, {}, ask).refusals.empty());

    ask.ttl = Span::hours(2);
    const auto clamped = decide(*document, {}, ask);
    CHECK(clamped.ttl == Span::hours(1));
    REQUIRE(clamped.notes.size() == 1);
    CHECK(clamped.notes[0] == "The hold lasts 1h: longer ones are not allowed (2h was asked for).");
}
