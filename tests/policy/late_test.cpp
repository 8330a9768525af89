// SPDX-License-Identifier: Apache-2.0
// Settling a hold that has expired.
#include "support.hpp"

using namespace purse;
using namespace purse::policy;
using namespace purse::policy::test;

namespace {
/// The hold of ask_of_a() as it was stored.
Ask late_ask()
{
    auto ask = ask_of_a();
    ask.what.payee = kImages;
    return ask;
}

Names verdict_of(const Parts& parts, const Ask& ask = late_ask())
{
    return verdicts(decide_late(*document_of(parts), {}, ask));
}
}  // namespace

TEST_CASE("A late settle is charged to the money caps only")
{
    const auto document = document_of({.agent = R"({ "budgets": ["team"], "caps": { "hourly": "1",
        "rolling": [{ "span": "1h", "limit": "1" }], "count": [{ "span": "1m", "limit": 1 }] },
        "loopGuard": { "times": 2, "span": "1m" } })"});
    auto ask = late_ask();
    ask.what.task = "t";
    const auto decision = decide_late(*document, {}, ask);
    CHECK(reasons(decision) == Names{});
    CHECK(names_of(decision.legs) == Names{"agent/a hourly", "agent/a daily", "agent/a weekly",
                                           "agent/a monthly", "agent/a lifetime",
                                           "agent/a perTask [task/t]", "agent/a rolling 1h",
                                           "budget/team daily", "budget/team weekly",
                                           "budget/team monthly", "budget/team lifetime"});
    CHECK(decision.max_capture == ask.what.amount);
}

TEST_CASE("A late settle is not bound to hours, tasks and workflows")
{
    CHECK(verdict_of({.agent = R"({ "times": [{ "days": ["sun"] }] })"}) == Names{});
    CHECK(verdict_of({.agent = R"({ "caps": { "perTask": "1", "perWorkflow": "1" } })"}) ==
          Names{});
}

TEST_CASE("A late settle meets freezes, lists and limits anew, for the actual amount")
{
    CHECK(verdict_of({.agent = R"({ "frozen": true })"}) == Names{"frozen by agent/a"});
    CHECK(verdict_of({.agent = R"({ "deny": { "services": ["images"] } })"}) ==
          Names{"service_denied by agent/a"});
    CHECK(verdict_of({.agent = R"({ "allow": { "services": [] } })"}) ==
          Names{"service_not_allowed by agent/a"});
    auto ask = late_ask();
    ask.what.amount = usdc("1.01");
    CHECK(verdict_of({.agent = R"({ "caps": { "perTx": "0.50" } })"}, ask) ==
          Names{"price_above_ceiling by service/images", "transaction_limit_exceeded by agent/a"});
    const FreezeRow all{.target = "all", .since = {}, .note = {}};
    CHECK(verdicts(decide_late(*document_of({}), {.freezes = {&all, 1}}, late_ask())) ==
          Names{"frozen by all"});
}

TEST_CASE("One budget that refuses late settles is enough, and it comes last")
{
    CHECK(verdict_of({.agent = R"({ "lateSettle": "recheck" })"}) == Names{});
    CHECK(verdict_of({.agent = R"({ "lateSettle": "refuse" })"}) ==
          Names{"hold_expired by agent/a"});
    CHECK(
        verdict_of({.agent = R"({ "budgets": ["team"], "lateSettle": "recheck", "frozen": true })",
                    .team = R"({ "lateSettle": "refuse" })"}) ==
        Names{"frozen by agent/a", "hold_expired by budget/team"});
}

TEST_CASE("A late settle meets today's catalogue")
{
    const auto moved = parsed(R"({ "version": 1, "agents": { "a": {} },
        "services": { "images": { "payee": "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65" } } })");
    CHECK(verdicts(decide_late(*moved, {}, late_ask())) ==
          Names{"payee_mismatch by service/images"});
    const auto gone = parsed(R"({ "version": 1, "agents": { "a": {} } })");
    CHECK(verdicts(decide_late(*gone, {}, late_ask())) == Names{"service_unknown by agent/a"});

    auto ask = late_ask();
    ask.what.service = "weather";
    ask.what.payee = "service:weather";
    CHECK(verdict_of({.agent = R"({ "allow": { "services": ["*"] } })"}, ask) == Names{});
    CHECK(verdict_of({}, ask) == Names{"service_unknown by agent/a"});
}

TEST_CASE("A late settle needs an agent and a valid credential")
{
    CredentialRow row;
    row.id = "cred_x";
    row.agent = "a";
    const auto document = document_of({});
    const Facts facts{.freezes = {}, .credential = &row};
    CHECK(reasons(decide_late(*document, facts, late_ask())) == Names{});
    row.expires_at = late_ask().now + Span{5};
    CHECK(decide_late(*document, facts, late_ask()).valid_until == row.expires_at);
    row.revoked_at = {};
    CHECK(reasons(decide_late(*document, facts, late_ask())) == Names{"credential_revoked"});
    auto ask = late_ask();
    ask.agent = "b";
    CHECK(reasons(decide_late(*document, {}, ask)) == Names{"agent_unknown"});
}
