// SPDX-License-Identifier: Apache-2.0
// Every rule, passing and failing; all failing rules at once and in order.
#include "policy/decision.hpp"

#include "support.hpp"

using namespace purse;
using namespace purse::policy;
using namespace purse::policy::test;

namespace {
CredentialRow credential()
{
    CredentialRow row;
    row.id = "cred_0123456789";
    row.agent = "a";
    return row;
}

Names verdict_of(const Parts& parts, const Ask& ask = ask_of_a())
{
    return verdicts(decide(*document_of(parts), {}, ask));
}

/// Rules for both the agent and its team.
Parts both(const std::string& agent, const std::string& team)
{
    return {.agent = R"({ "budgets": ["team"], )" + agent + "}", .team = "{" + team + "}"};
}
}  // namespace

TEST_CASE("A revoked or expired credential decides, and nothing else is told")
{
    const auto document = document_of({.agent = R"({ "frozen": true })"});
    const auto ask = ask_of_a();
    auto row = credential();
    const auto judged = [&] { return decide(*document, {.freezes = {}, .credential = &row}, ask); };
    CHECK(verdicts(judged()) == Names{"frozen by agent/a"});

    row.expires_at = ask.now + Span{1};
    CHECK(verdicts(judged()) == Names{"frozen by agent/a"});
    row.expires_at = ask.now;
    CHECK(verdicts(judged()) == Names{"credential_expired by credential/cred_0123456789"});
    CHECK(judged().legs.empty());
    row.revoked_at =
        ask.now + Span::days(1);  // the clock was set back meanwhile: revoked all the same
    CHECK(reasons(judged()) == Names{"credential_revoked", "credential_expired"});
}

TEST_CASE("An agent that the document does not have is told only that")
{
    auto ask = ask_of_a();
    ask.agent = "b";
    const std::vector<FreezeRow> freezes{{.target = "all", .since = {}, .note = {}}};
    const auto decision = decide(*document_of({}), {.freezes = freezes}, ask);
    CHECK(verdicts(decision) == Names{"agent_unknown by agent/b"});
    CHECK(decision.legs.empty());
}

TEST_CASE("Who may act at all is told alone, too: frozen or not")
{
    const auto document = document_of({.agent = R"({ "frozen": true })"});
    auto row = credential();
    const Facts facts{.freezes = {}, .credential = &row};
    const auto who = [&](Instant now) {
        Decision only;
        only.refusals = who_refusals(*document, facts, {.agent = "a", .now = now});
        return verdicts(only);
    };
    row.expires_at = Instant{100};
    CHECK(who(Instant{99}) == Names{});
    CHECK(who(Instant{100}) == Names{"credential_expired by credential/cred_0123456789"});
    row.expires_at = Instant::never();
    row.revoked_at = Instant{1};
    CHECK(who(Instant{99}) == Names{"credential_revoked by credential/cred_0123456789"});
    const auto nobody = who_refusals(*document, {}, {.agent = "b", .now = {}});
    REQUIRE(nobody.size() == 1);
    CHECK(nobody[0].reason == Reason::agent_unknown);
    CHECK(nobody[0].detail == "The policy in force has no agent \"b\".");
    // An invalid credential is not told whether its agent still exists.
    row.agent = "b";
    const auto revoked = who_refusals(*document, facts, {.agent = "b", .now = {}});
    REQUIRE(revoked.size() == 1);
    CHECK(revoked[0].reason == Reason::credential_revoked);
}

TEST_CASE("Freezes by the document and by the operator stop the agent and what it is charged to")
{
    CHECK(verdict_of({.agent = R"({ "frozen": true })"}) == Names{"frozen by agent/a"});
    CHECK(verdict_of({.agent = R"({ "frozen": false })"}) == Names{});
    CHECK(verdict_of({.agent = R"({ "budgets": ["team"] })", .team = R"({ "frozen": true })"}) ==
          Names{"frozen by budget/team"});
    CHECK(verdict_of({.agent = R"({ "budgets": ["team"] })",
                      .team = R"({ "budgets": ["org"] })",
                      .organisation = R"({ "frozen": true })"}) == Names{"frozen by budget/org"});
    CHECK(verdict_of({.team = R"({ "frozen": true })"}) == Names{});

    const auto document = document_of({.agent = R"({ "budgets": ["team"] })"});
    const auto judged = [&](std::vector<FreezeRow> rows) {
        return decide(*document, {.freezes = rows}, ask_of_a());
    };
    const FreezeRow all{
        .target = "all", .since = at("2026-11-23T09:00:00"), .note = "private words"};
    const FreezeRow team{.target = "budget/team", .since = {}, .note = {}};
    const FreezeRow agent{.target = "agent/a", .since = {}, .note = {}};
    CHECK(verdicts(judged({team, agent, all})) ==
          Names{"frozen by all", "frozen by agent/a", "frozen by budget/team"});
    CHECK(verdicts(judged({{.target = "agent/b", .since = {}, .note = {}},
                           {.target = "budget/org", .since = {}, .note = {}}})) == Names{});
    CHECK(judged({all}).refusals[0].detail ==
          "All spending is frozen by the operator since 2026-11-23 09:00:00 UTC.");
}

TEST_CASE("Deny lists win over allow lists")
{
    CHECK(verdict_of({.agent = R"({ "deny": { "services": ["images"] } })"}) ==
          Names{"service_denied by agent/a"});
    CHECK(verdict_of({.agent = R"({ "deny": { "services": ["search"] } })"}) == Names{});
    CHECK(verdict_of({.agent = R"({ "deny": { "categories": ["media"] } })"}) ==
          Names{"service_denied by agent/a"});
    CHECK(verdict_of({.agent = R"({ "deny": { "categories": ["web"] } })"}) == Names{});
    CHECK(verdict_of({.agent =
                          R"({ "allow": { "services": ["images", "*"] }, "deny": {
        "services": ["images"] } })"}) == Names{"service_denied by agent/a"});
    CHECK(
        verdict_of(
            {.agent =
                 R"({ "deny": { "payees": ["0x90F79BF6EB2c4f870365E785982E1f101E93b906"] } })"}) ==
        Names{"payee_denied by agent/a"});
    CHECK(verdict_of({.agent =
                          R"({ "allow": { "payees": ["*"] }, "deny": {
        "payees": ["0x90F79BF6EB2c4f870365E785982E1f101E93b906"] } })"}) ==
          Names{"payee_denied by agent/a"});
    CHECK(verdict_of(both(R"("allow": { "services": ["images"] })",
                          R"("deny": { "categories": ["media"] })")) ==
          Names{"service_denied by budget/team"});
}

TEST_CASE("Every list of every budget must let the service through")
{
    CHECK(verdict_of({.agent = R"({ "allow": { "services": ["images"] } })"}) == Names{});
    CHECK(verdict_of({.agent = R"({ "allow": { "services": ["search"] } })"}) ==
          Names{"service_not_allowed by agent/a"});
    CHECK(verdict_of({.agent = R"({ "allow": { "services": [] } })"}) ==
          Names{"service_not_allowed by agent/a"});
    CHECK(verdict_of({.agent = R"({ "allow": { "services": ["*"] } })"}) == Names{});
    CHECK(verdict_of({.agent = R"({ "allow": { "categories": ["media"] } })"}) == Names{});
    CHECK(verdict_of({.agent = R"({ "allow": { "categories": ["web"] } })"}) ==
          Names{"service_not_allowed by agent/a"});
    CHECK(verdict_of(
              {.agent = R"({ "allow": { "services": ["search"], "categories": ["media"] } })"}) ==
          Names{});
    CHECK(verdict_of(both(R"("allow": { "services": ["images"] })",
                          R"("allow": { "services": ["search"] })")) ==
          Names{"service_not_allowed by budget/team"});
    const auto decision = decide(
        *document_of({.agent = R"({ "allow": { "services": ["search"] } })"}), {}, ask_of_a());
    CHECK(decision.refusals.at(0).detail ==
          "agent/a does not allow the service \"images\". Allowed services: search.");
}

TEST_CASE("A list of allowed payees also holds for the catalogue's payees")
{
    CHECK(
        verdict_of(
            {.agent =
                 R"({ "allow": { "payees": ["0x90F79bf6EB2c4f870365E785982E1f101E93b906"] } })"}) ==
        Names{});
    CHECK(
        verdict_of(
            {.agent =
                 R"({ "allow": { "payees": ["0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65"] } })"}) ==
        Names{"payee_not_allowed by agent/a"});
    CHECK(verdict_of({.agent = R"({ "allow": { "services": ["images"], "payees": [] } })"}) ==
          Names{"payee_not_allowed by agent/a"});
    CHECK(verdict_of(both(R"("allow": { "payees": ["*"] })", R"("allow": { "payees": [] })")) ==
          Names{"payee_not_allowed by budget/team"});
}

TEST_CASE("Outside its hours a budget says when it opens")
{
    const std::string berlin =
        R"({ "times": [{ "days": ["mon", "tue", "wed", "thu", "fri"], "from": "08:00",
        "to": "18:00", "timeZone": "Europe/Berlin" }] })";
    const auto document = document_of({.agent = berlin});
    auto ask = ask_of_a();
    auto decision = decide(*document, {}, ask);
    CHECK(reasons(decision) == Names{});
    CHECK(decision.valid_until == at("2026-11-23T17:00:00"));

    ask.now = at("2026-11-27T17:00:00");  // Friday, 18:00 in Berlin
    decision = decide(*document, {}, ask);
    CHECK(verdicts(decision) == Names{"outside_hours by agent/a"});
    CHECK(decision.refusals[0].detail ==
          "agent/a allows payments only at Mon-Fri 08:00-18:00 Europe/Berlin.");
    CHECK(decision.refusals[0].retry_at == at("2026-11-30T07:00:00"));
    CHECK(decision.valid_until == at("2026-11-30T07:00:00"));

    // Both must be open; the verdict holds until either changes.
    const auto two = document_of(
        {.agent = R"({ "budgets": ["team"], "times": [{ "from": "10:00", "to": "16:00" }] })",
         .team = R"({ "times": [{ "from": "11:00", "to": "15:00" }] })"});
    ask = ask_of_a();
    CHECK(decide(*two, {}, ask).valid_until == at("2026-11-23T15:00:00"));
    ask.now = at("2026-11-23T10:30:00");
    CHECK(verdicts(decide(*two, {}, ask)) == Names{"outside_hours by budget/team"});
    ask.now = at("2026-11-23T20:00:00");
    CHECK(verdicts(decide(*two, {}, ask)) ==
          Names{"outside_hours by agent/a", "outside_hours by budget/team"});
}

TEST_CASE("A verdict holds until the credential expires or the hours change")
{
    auto row = credential();
    const auto ask = ask_of_a();
    const Facts facts{.freezes = {}, .credential = &row};
    CHECK(decide(*document_of({}), facts, ask).valid_until == Instant::never());
    row.expires_at = at("2026-11-23T13:00:00");
    CHECK(decide(*document_of({}), facts, ask).valid_until == row.expires_at);
    const auto hours = document_of({.agent = R"({ "times": [{ "to": "12:30" }] })"});
    CHECK(decide(*hours, facts, ask).valid_until == at("2026-11-23T12:30:00"));
    row.expires_at = at("2026-11-23T12:10:00");
    CHECK(decide(*hours, facts, ask).valid_until == row.expires_at);
    // Always open, as far as it was looked: decide again then.
    const auto always = document_of({.agent = R"({ "times": [{}] })"});
    CHECK(decide(*always, {}, ask).valid_until == ask.now + Span::days(8));
}

TEST_CASE("A cap for each task or workflow needs one to be named")
{
    auto ask = ask_of_a();
    const Parts tasks =
        both(R"("caps": { "perTask": "1" })", R"("caps": { "perTask": "2", "perWorkflow": "3" })");
    CHECK(verdict_of(tasks, ask) == Names{"task_required by agent/a",
                                          "task_required by budget/team",
                                          "workflow_required by budget/team"});
    ask.what.task = "t";
    CHECK(verdict_of(tasks, ask) == Names{"workflow_required by budget/team"});
    ask.what.workflow = "w";
    CHECK(verdict_of(tasks, ask) == Names{});
}

TEST_CASE("Amounts at the ceiling and at the limit of one payment pass, above them they do not")
{
    auto ask = ask_of_a();
    ask.what.amount = usdc("1");
    CHECK(verdict_of({}, ask) == Names{});
    ask.what.amount = usdc("1.000001");
    const auto above = decide(*document_of({}), {}, ask);
    CHECK(verdicts(above) == Names{"price_above_ceiling by service/images"});
    CHECK(above.refusals[0].allowed == usdc("1"));
    CHECK(above.refusals[0].detail ==
          "1.000001 USDC is above the ceiling of 1.00 USDC for \"images\".");

    ask.what.amount = usdc("0.50");
    const Parts limits = both(R"("caps": { "perTx": "0.50" })", R"("caps": { "perTx": "0.40" })");
    const auto over = decide(*document_of(limits), {}, ask);
    CHECK(verdicts(over) == Names{"transaction_limit_exceeded by budget/team"});
    CHECK(over.refusals[0].allowed == usdc("0.40"));
    ask.what.amount = usdc("0.40");
    CHECK(verdict_of(limits, ask) == Names{});
    ask.what.amount = usdc("0.51");
    CHECK(verdict_of(limits, ask) == Names{"transaction_limit_exceeded by agent/a",
                                           "transaction_limit_exceeded by budget/team"});
}

TEST_CASE("All failing rules are told together, in published order and charge order")
{
    const std::string every =
        R"("frozen": true, "caps": { "perTx": "0.01", "perTask": "1", "perWorkflow": "1" },
        "allow": { "services": ["search"], "payees": [] },
        "deny": { "services": ["images"],
        "payees": ["0x90F79bf6EB2c4f870365E785982E1f101E93b906"] },
        "times": [{ "days": ["sun"] }])";
    auto ask = ask_of_a();
    ask.what.amount = usdc("2");
    ask.what.payee = kImages;
    const FreezeRow all{.target = "all", .since = {}, .note = {}};
    const auto document = document_of(both(every, every));
    const auto decision = decide(*document, {.freezes = {&all, 1}}, ask);
    CHECK(verdicts(decision) == Names{"frozen by all",
                                      "frozen by agent/a",
                                      "frozen by budget/team",
                                      "service_denied by agent/a",
                                      "service_denied by budget/team",
                                      "service_not_allowed by agent/a",
                                      "service_not_allowed by budget/team",
                                      "payee_denied by agent/a",
                                      "payee_denied by budget/team",
                                      "payee_not_allowed by agent/a",
                                      "payee_not_allowed by budget/team",
                                      "outside_hours by agent/a",
                                      "outside_hours by budget/team",
                                      "task_required by agent/a",
                                      "task_required by budget/team",
                                      "workflow_required by agent/a",
                                      "workflow_required by budget/team",
                                      "price_above_ceiling by service/images",
                                      "transaction_limit_exceeded by agent/a",
                                      "transaction_limit_exceeded by budget/team"});
    for (const auto& refusal : decision.refusals) {
        INFO(refusal.detail);
        CHECK(refusal.detail.ends_with('.'));
        CHECK_FALSE(refusal.rule.empty());
    }
}

TEST_CASE("What may be captured is the amount and the smallest excess that is allowed")
{
    const auto most = [](const Parts& parts, std::string_view amount) {
        auto ask = ask_of_a();
        ask.what.amount = usdc(amount);
        return decide(*document_of(parts), {}, ask).max_capture.to_string();
    };
    CHECK(most({}, "0.50") == "0.50");
    CHECK(most({.agent = R"({ "overCapture": { "percent": 10 } })"}, "0.50") == "0.55");
    CHECK(most({.agent = R"({ "overCapture": { "percent": 10 } })"}, "0.000019") ==
          "0.00002");  // rounds down
    CHECK(most({.agent = R"({ "overCapture": { "percent": 0.000001 } })"}, "0.99") == "0.99");
    CHECK(most({.agent = R"({ "overCapture": { "percent": 100 } })"}, "0.40") == "0.80");
    CHECK(most({.agent = R"({ "overCapture": { "absolute": "0.20" } })"}, "0.50") == "0.70");
    CHECK(most({.agent = R"({ "overCapture": { "percent": 10, "absolute": "0.20" } })"}, "0.50") ==
          "0.55");
    CHECK(most({.agent = R"({ "overCapture": { "percent": 10, "absolute": "0.02" } })"}, "0.50") ==
          "0.52");
    // a team's rule holds where the agent has none; otherwise the smaller
    CHECK(most(both(R"("frozen": false)", R"("overCapture": { "percent": 20 })"), "0.50") ==
          "0.60");
    CHECK(most(both(R"("overCapture": { "percent": 10 })", R"("overCapture": { "percent": 20 })"),
               "0.50") == "0.55");
    CHECK(most(both(R"("overCapture": { "percent": 10 })", R"("overCapture": { "absolute": "0" })"),
               "0.50") == "0.50");
    // bounded by the ceiling (1.00) and the limits of one payment, never below the amount
    CHECK(most({.agent = R"({ "overCapture": { "percent": 50 } })"}, "0.90") == "1.00");
    CHECK(most({.agent = R"({ "overCapture": { "percent": 50 }, "caps": { "perTx": "0.95" } })"},
               "0.90") == "0.95");
    CHECK(most(both(R"("overCapture": { "percent": 50 })", R"("caps": { "perTx": "0.91" })"),
               "0.90") == "0.91");
    CHECK(most({.agent = R"({ "overCapture": { "percent": 50 }, "caps": { "perTx": "0.10" } })"},
               "0.90") == "0.90");
}

TEST_CASE("Excess is exact for the largest amounts")
{
    const OverCapture all{.percent_micro = 100'000'000, .absolute = {}};
    CHECK(all.excess(Money::max()) == Money::max());
    const OverCapture third{.percent_micro = 33'333'333, .absolute = {}};
    CHECK(third.excess(Money::max()).micro() == 333'333'330'000'000'000);
    CHECK(third.excess(Money::from_micro(999'999'999'999'999'999)).micro() ==
          333'333'329'999'999'999);
    CHECK(third.excess(Money::from_micro(3)).micro() == 0);
    CHECK(third.excess(Money::from_micro(4)).micro() == 1);
    CHECK(OverCapture{}.excess(Money::max()) == Money{});
}

TEST_CASE("A hold lasts as long as asked for, within the smallest maximum")
{
    const auto ttl = [](const Parts& parts, std::optional<Span> wanted) {
        auto ask = ask_of_a();
        ask.ttl = wanted;
        const auto decision = decide(*document_of(parts), {}, ask);
        CHECK(decision.notes.size() == (wanted && decision.ttl < *wanted ? 1 : 0));
        return decision.ttl;
    };
    CHECK(ttl({}, {}) == Span::minutes(2));
    CHECK(ttl({}, Span::hours(24)) == Span::hours(24));
    CHECK(ttl({}, Span::hours(25)) == Span::hours(24));
    CHECK(ttl({.agent = R"({ "hold": { "ttl": "30s" } })"}, {}) == Span::seconds(30));
    CHECK(ttl({.agent = R"({ "hold": { "ttl": "30s" } })"}, Span::minutes(10)) ==
          Span::minutes(10));
    CHECK(ttl(both(R"("frozen": false)", R"("hold": { "ttl": "45s" })"), {}) == Span::seconds(45));
    CHECK(ttl(both(R"("hold": { "ttl": "30s" })", R"("hold": { "ttl": "45s" })"), {}) ==
          Span::seconds(30));
    CHECK(ttl(both(R"("hold": { "maxTtl": "1h" })", R"("hold": { "maxTtl": "5m" })"),
              Span::minutes(10)) == Span::minutes(5));
    CHECK(ttl(both(R"("hold": { "maxTtl": "5m" })", R"("hold": { "maxTtl": "1h" })"),
              Span::minutes(10)) == Span::minutes(5));
    CHECK(ttl(both(R"("hold": { "ttl": "10m" })", R"("hold": { "maxTtl": "5m" })"), {}) ==
          Span::minutes(5));
    CHECK(ttl({.agent = R"({ "hold": { "maxTtl": "1m" } })"}, {}) == Span::minutes(1));
    CHECK(ttl({.agent = R"({ "hold": { "maxTtl": "1m" } })"}, Span::minutes(1)) ==
          Span::minutes(1));
}

TEST_CASE("The question comes back with the decision")
{
    auto ask = ask_of_a();
    ask.what.purpose = "a picture";
    ask.what.task = "t";
    ask.what.workflow = "w";
    const auto decision = decide(*document_of({}), {}, ask);
    CHECK(decision.what.purpose == "a picture");
    CHECK(decision.what.task == "t");
    CHECK(decision.what.workflow == "w");
    CHECK(decision.what.amount == ask.what.amount);
}
