// SPDX-License-Identifier: Apache-2.0
#include "policy/document.hpp"

#include "support.hpp"

using namespace purse;
using namespace purse::policy;
using namespace purse::policy::test;

namespace {
Names charged(const Document& document, std::string_view agent)
{
    Names names;
    for (const auto* budget : document.agent(agent)->charged) names.push_back(budget->name);
    return names;
}
}  // namespace

TEST_CASE("Comments, trailing commas and numbers by their exact text are read")
{
    const auto document = parsed(R"({ // a comment
        "$schema": "policy.schema.json",
        "version": 1, /* another */
        "agents": { "a": { "caps": { "daily": 0.10, "weekly": "7",
        "monthly": 1000000000000, }, }, },
    })");
    CHECK(limit_of(*document, "agent/a", "daily") == 100'000);
    CHECK(limit_of(*document, "agent/a", "weekly") == 7'000'000);
    CHECK(limit_of(*document, "agent/a", "monthly") == Money::max().micro());
}

TEST_CASE("The smallest document has nobody in it")
{
    const auto document = parsed(R"({ "version": 1 })");
    CHECK(document->agents().empty());
    CHECK(document->services().empty());
    CHECK(document->agent("a") == nullptr);
    CHECK(document->budget("agent/a") == nullptr);
    CHECK(document->service("s") == nullptr);
    CHECK(document->services_of(kImages).empty());
}

TEST_CASE("Shared budgets are charged once each, after the agent, in document order")
{
    const auto document = parsed(R"({ "version": 1,
        "budgets": { "org": {}, "dept": { "budgets": ["org"] }, "team": { "budgets": ["dept",
        "org"] }, "other": {} },
        "agents": { "a": { "budgets": ["team"] }, "b": { "budgets": ["other", "dept", "team"] },
        "c": {} } })");
    CHECK(charged(*document, "a") == Names{"agent/a", "budget/org", "budget/dept", "budget/team"});
    CHECK(charged(*document, "b") ==
          Names{"agent/b", "budget/org", "budget/dept", "budget/team", "budget/other"});
    CHECK(charged(*document, "c") == Names{"agent/c"});
    CHECK(document->budget("budget/team")->name == "budget/team");
    CHECK(document->budget("team") == nullptr);
    CHECK(document->agent("agent/a") == nullptr);
}

TEST_CASE("An agent and a budget may have the same name")
{
    const auto document =
        parsed(R"({ "version": 1, "budgets": { "x": { "caps": { "daily": "2" } } },
        "agents": { "x": { "budgets": ["x"], "caps": { "daily": "1" } } } })");
    CHECK(limit_of(*document, "agent/x", "daily") == 1'000'000);
    CHECK(limit_of(*document, "budget/x", "daily") == 2'000'000);
}

TEST_CASE("Payees that differ by case are one, and services of one payee keep their order")
{
    const auto document = parsed(R"({ "version": 1, "services": {
        "z": { "payee": "0x90F79BF6EB2C4F870365E785982E1F101E93B906" },
        "y": { "payee": "0x90f79bf6eb2c4f870365e785982e1f101e93b906", "ceiling": "0.5",
        "category": "media",
               "description": "pictures" } } })");
    const auto both = document->services_of(kImages);
    REQUIRE(both.size() == 2);
    CHECK(both[0]->name == "z");
    CHECK(both[1]->name == "y");
    CHECK(both[1]->ceiling == usdc("0.5"));
    CHECK(both[1]->category == "media");
    CHECK(both[1]->description == "pictures");
    CHECK(both[0]->payee == both[1]->payee);
}

TEST_CASE("Rules are kept as they were written")
{
    const auto document = document_of({.agent = R"({ "description": "Draws", "frozen": true,
        "caps": { "perTx": "5", "perTask": "2" }, "hold": { "ttl": "90s", "maxTtl": "24h" },
        "overCapture": { "percent": 12.5, "absolute": "0.20" }, "lateSettle": "refuse",
        "allow": { "services": ["search", "*", "images"], "payees": [] }, "deny": {
        "categories": ["web"] } })"});
    const auto& rules = *document->agent("a")->charged[0];
    CHECK(rules.description == "Draws");
    CHECK(rules.frozen);
    CHECK(rules.per_tx == usdc("5"));
    CHECK(rules.needs_task);
    CHECK_FALSE(rules.needs_workflow);
    CHECK(rules.ttl == Span::seconds(90));
    CHECK(rules.max_ttl == Span::hours(24));
    CHECK(rules.over_capture->percent_micro == 12'500'000);
    CHECK(rules.over_capture->absolute == usdc("0.20"));
    CHECK(rules.late_settle == LateSettle::refuse);
    CHECK(rules.allow.services->any);
    CHECK(rules.allow.services->names == Names{"images", "search"});
    CHECK(rules.allow.payees->names.empty());
    CHECK_FALSE(rules.allow.categories);
    CHECK(rules.deny.categories->has("web"));
    CHECK_FALSE(rules.deny.categories->has("media"));
}

TEST_CASE("A large document is read and asked")
{
    std::string agents;
    for (int i = 0; i < 10'000; ++i)
        agents += "\"agent-" + std::to_string(i) + "\": { \"caps\": { \"daily\": \"" +
                  std::to_string(i) + "\" } },";
    const auto document = parsed(R"({ "version": 1, "agents": {)" + agents + "} }");
    CHECK(document->agents().size() == 10'000);
    CHECK(limit_of(*document, "agent/agent-9999", "daily") == 9'999'000'000);
}
