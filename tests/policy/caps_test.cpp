// SPDX-License-Identifier: Apache-2.0
// Which caps a payment is charged to, in which order, and what tells their counters apart.
#include "support.hpp"

using namespace purse;
using namespace purse::policy;
using namespace purse::policy::test;

namespace {
constexpr const char* kAllCaps =
    R"({ "caps": { "perTx": "9", "hourly": "1", "daily": "2", "weekly": "3", "monthly": "4",
    "lifetime": "5", "perTask": "6", "perWorkflow": "7",
    "rolling": [{ "span": "90m", "limit": "8" }, { "span": "1h", "limit": "9" }],
    "count": [{ "span": "1d", "limit": 100 }, { "span": "1m", "limit": 10 }] },
    "loopGuard": { "times": 3, "span": "5m" } })";

Ask full_ask()
{
    auto ask = ask_of_a();
    ask.what.task = "t";
    ask.what.workflow = "w";
    return ask;
}
}  // namespace

TEST_CASE("What is not capped is counted all the same, so that a later cap finds it")
{
    const auto document = document_of({.agent = R"({ "budgets": ["team"] })"});
    const auto legs = decide(*document, {}, full_ask()).legs;
    CHECK(names_of(legs) ==
          Names{"agent/a daily", "agent/a weekly", "agent/a monthly", "agent/a lifetime",
                "agent/a perTask [task/t]", "agent/a perWorkflow [workflow/w]", "budget/team daily",
                "budget/team weekly", "budget/team monthly", "budget/team lifetime"});
    for (const auto& leg : legs) {
        CHECK(leg.rule->limit == kNoLimit);
        CHECK(leg.rule->unit == Unit::micro_usdc);
        CHECK(leg.rule->reason == Reason::spend_limit_reached);
    }
    CHECK(names_of(decide(*document, {}, ask_of_a()).legs) ==
          Names{"agent/a daily", "agent/a weekly", "agent/a monthly", "agent/a lifetime",
                "budget/team daily", "budget/team weekly", "budget/team monthly",
                "budget/team lifetime"});
}

TEST_CASE("Legs come by reason, then by budget, then by kind")
{
    const auto document = document_of({.agent = R"({ "budgets": ["team"], "caps": { "hourly": "1",
            "rolling": [{ "span": "1h", "limit": "8" }], "count": [{ "span": "1m", "limit": 10 }] },
            "loopGuard": { "times": 3, "span": "5m" } })",
                                       .team = kAllCaps});
    CHECK(names_of(decide(*document, {}, full_ask()).legs) ==
          Names{"agent/a loop 5m [images 50000]",
                "budget/team loop 5m [a images 50000]",
                "agent/a count 1m",
                "budget/team count 1d",
                "budget/team count 1m",
                "agent/a hourly",
                "agent/a daily",
                "agent/a weekly",
                "agent/a monthly",
                "agent/a lifetime",
                "agent/a perTask [task/t]",
                "agent/a perWorkflow [workflow/w]",
                "agent/a rolling 1h",
                "budget/team hourly",
                "budget/team daily",
                "budget/team weekly",
                "budget/team monthly",
                "budget/team lifetime",
                "budget/team perTask [task/t]",
                "budget/team perWorkflow [workflow/w]",
                "budget/team rolling 90m",
                "budget/team rolling 1h"});
}

TEST_CASE("Each cap has its window, its unit, its limit and its reason")
{
    const auto document = document_of({.agent = kAllCaps});
    const auto check = [&](std::string_view kind, Window window, std::int64_t limit) {
        INFO(kind);
        const auto& caps = document->budget("agent/a")->caps;
        const auto cap = std::ranges::find(caps, kind, &CapRule::kind);
        REQUIRE(cap != caps.end());
        CHECK(cap->budget == "agent/a");
        CHECK(cap->window == window);
        CHECK(cap->limit == limit);
        CHECK(limit_of(*document, "agent/a", kind) == limit);
        CHECK((cap->span > Span{}) == (window == Window::rolling));
        return *cap;
    };
    check("hourly", Window::hour, 1'000'000);
    check("daily", Window::day, 2'000'000);
    check("weekly", Window::week, 3'000'000);
    check("monthly", Window::month, 4'000'000);
    check("lifetime", Window::lifetime, 5'000'000);
    check("perTask", Window::lifetime, 6'000'000);
    check("perWorkflow", Window::lifetime, 7'000'000);
    CHECK(check("rolling 90m", Window::rolling, 8'000'000).span == Span::minutes(90));
    const auto count = check("count 1d", Window::rolling, 100);
    CHECK(count.unit == Unit::calls);
    CHECK(count.reason == Reason::rate_limit_reached);
    CHECK(count.span == Span::days(1));
    const auto loop = check("loop 5m", Window::rolling, 3);
    CHECK(loop.unit == Unit::calls);
    CHECK(loop.reason == Reason::loop_detected);

    CHECK(limit_of(*document, "agent/a", "perTx") == kNoLimit);  // not a counter
    CHECK(limit_of(*document, "agent/a", "rolling 2h") == kNoLimit);
    CHECK(limit_of(*document, "agent/gone", "daily") == kNoLimit);
}

TEST_CASE("Spans are named by their largest unit, so that one span is one counter")
{
    const auto document =
        document_of({.agent = R"({ "caps": { "rolling": [{ "span": "3600s", "limit": "1" }],
        "count": [{ "span": "120s", "limit": 1 }] }, "loopGuard": { "times": 2,
        "span": "60000ms" } })"});
    CHECK(limit_of(*document, "agent/a", "rolling 1h") == 1'000'000);
    CHECK(limit_of(*document, "agent/a", "count 2m") == 1);
    CHECK(limit_of(*document, "agent/a", "loop 1m") == 2);
}

TEST_CASE("A loop is the same service and amount, however the payee was named")
{
    const auto document = document_of(
        {.agent =
             R"({ "loopGuard": { "times": 3, "span": "5m" }, "allow": { "services": ["*"],
        "payees": ["*"] } })"});
    const auto loop_of = [&](const Purchase& what) {
        auto ask = ask_of_a();
        ask.what = what;
        return decide(*document, {}, ask).legs.at(0).scope;
    };
    const auto amount = usdc("0.05");
    const auto loop = loop_of({.service = "images",
                               .payee = {},
                               .amount = amount,
                               .purpose = {},
                               .task = {},
                               .workflow = {}});
    CHECK(loop == "images 50000");
    CHECK(loop_of({.service = "",
                   .payee = std::string{kImages},
                   .amount = amount,
                   .purpose = "again",
                   .task = "t",
                   .workflow = {}}) == loop);
    CHECK(loop_of({.service = "images",
                   .payee = {},
                   .amount = usdc("0.06"),
                   .purpose = {},
                   .task = {},
                   .workflow = {}}) != loop);
    CHECK(loop_of({.service = "",
                   .payee = std::string{kStranger},
                   .amount = amount,
                   .purpose = {},
                   .task = {},
                   .workflow = {}}) == std::string{kStranger} + " 50000");
}

TEST_CASE("Legs are there for a refusal too, so that the caps that fail can be told as well")
{
    const auto document =
        document_of({.agent = R"({ "frozen": true, "caps": { "daily": "0.01" } })"});
    const auto decision = decide(*document, {}, ask_of_a());
    CHECK(reasons(decision) == Names{"frozen"});
    CHECK(names_of(decision.legs) ==
          Names{"agent/a daily", "agent/a weekly", "agent/a monthly", "agent/a lifetime"});
}

TEST_CASE("A report shows all caps but loop guards, tasks and workflows only when asked for")
{
    const auto document = document_of({.agent = kAllCaps});
    CHECK(names_of(status_legs(*document, {.agent = "a", .task = {}, .workflow = {}})) ==
          Names{"agent/a count 1d", "agent/a count 1m", "agent/a hourly", "agent/a daily",
                "agent/a weekly", "agent/a monthly", "agent/a lifetime", "agent/a rolling 90m",
                "agent/a rolling 1h"});
    const auto legs =
        names_of(status_legs(*document, {.agent = "a", .task = "t", .workflow = "w"}));
    CHECK(std::ranges::count(legs, "agent/a perTask [task/t]") == 1);
    CHECK(std::ranges::count(legs, "agent/a perWorkflow [workflow/w]") == 1);
    CHECK(status_legs(*document, {.agent = "nobody", .task = {}, .workflow = {}}).empty());
}

TEST_CASE("Legs point into the document that made them")
{
    const auto document = document_of({.agent = kAllCaps});
    const auto& caps = document->budget("agent/a")->caps;
    for (const auto& leg : decide(*document, {}, full_ask()).legs)
        CHECK((leg.rule >= caps.data() && leg.rule < caps.data() + caps.size()));
}
