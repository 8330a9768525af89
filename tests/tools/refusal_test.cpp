// SPDX-License-Identifier: Apache-2.0
#include "tools/refusal.hpp"

#include "tests/tools/harness.hpp"

using namespace purse;
using namespace purse::tools;

namespace {
CapState daily(std::int64_t limit, std::int64_t held, std::int64_t spent)
{
    return {.budget = "agent/a",
            .kind = "daily",
            .window = Window::day,
            .limit = limit,
            .held = held,
            .spent = spent,
            .resets_at = Instant{Span::days(20'000).us}};
}

struct Advice {
    Reason reason;
    std::string_view retry;
};
}  // namespace

TEST_CASE("each reason says whether to try again")
{
    const auto advice = GENERATE(values<Advice>({{Reason::busy, "same_request"},
                                                 {Reason::service_unknown, "with_changes"},
                                                 {Reason::task_required, "with_changes"},
                                                 {Reason::over_capture, "with_changes"},
                                                 {Reason::idempotency_conflict, "with_changes"},
                                                 {Reason::frozen, "never"},
                                                 {Reason::credential_revoked, "never"},
                                                 {Reason::payee_denied, "never"},
                                                 {Reason::ledger_unavailable, "never"}}));
    const auto result = refused(advice.reason, "So it is.");
    CHECK(result.is_error);
    CHECK(test::text_of(result, "reason") == purse::wire_name(advice.reason));
    CHECK(test::text_of(result, "retry") == advice.retry);
}

TEST_CASE("the least hopeful rule decides whether to retry, the latest one when")
{
    const auto later = Instant{Span::days(20'001).us};
    Verdict verdict{.failing = {daily(10, 0, 10)}, .subject = "Refused"};
    CHECK(test::text_of(refused(verdict), "retryAt") == to_rfc3339(*verdict.failing[0].resets_at));
    verdict.refusals = {{.reason = Reason::outside_hours, .detail = "Closed.", .retry_at = later}};
    CHECK(test::text_of(refused(verdict), "retryAt") == to_rfc3339(later));
    verdict.refusals.push_back({.reason = Reason::payee_denied, .detail = "Denied."});
    CHECK(test::text_of(refused(verdict), "retry") == "never");
    CHECK(test::text_of(refused(verdict), "retryAt").empty());
}

TEST_CASE("what is allowed now is the least that any rule leaves")
{
    Verdict verdict{.failing = {daily(9'000'000, 1'000'000, 5'000'000)},
                    .wanted = Money::from_micro(4'000'000),
                    .subject = "Refused"};
    CHECK(test::text_of(refused(verdict), "allowedNow") == "3.00");
    verdict.refusals = {{.reason = Reason::transaction_limit_exceeded,
                         .detail = "Too much at once.",
                         .allowed = Money::from_micro(2'500'000)}};
    CHECK(test::text_of(refused(verdict), "allowedNow") == "2.50");
    verdict.refusals.push_back({.reason = Reason::payee_denied, .detail = "Denied."});
    CHECK(test::text_of(refused(verdict), "allowedNow").empty());
}

TEST_CASE("a counter reads well")
{
    CHECK(to_sentence(daily(5'000'000, 80'000, 1'000'000)) ==
          "daily limit of agent/a: 1.08 of 5.00 USDC used (0.08 held), 3.92 left");
    auto rate = daily(30, 0, 30);
    rate.unit = Unit::calls;
    rate.span = Span::minutes(1);
    rate.window = Window::rolling;
    CHECK(to_sentence(rate) == "rate limit of agent/a over any 1m: 30 of 30 calls used, 0 left");
    auto task = daily(2'000'000, 0, 2'000'000);
    task.kind = "perTask";
    task.scope = "task/t-1";
    CHECK(to_sentence(task) == "limit of agent/a for task t-1: 2.00 of 2.00 USDC used, 0.00 left");
}

TEST_CASE("a limit lowered below what is used leaves nothing, not less than nothing")
{
    const auto json = tools::to_json(daily(1'000'000, 0, 5'000'000));
    CHECK(json.at("available").as_string() == "0.00");
    CHECK(json.at("usedPercent").as_int64() == 500);
}

TEST_CASE("a fault says whether anything may have happened")
{
    CHECK_THAT(unavailable({.kind = StoreError::Kind::busy}).text,
               Catch::Contains("nothing was done"));
    CHECK_THAT(unavailable({.kind = StoreError::Kind::failed}).text,
               Catch::Contains("nothing was approved"));
    // Not a no: it may have been done.
    const auto in_doubt = unavailable({.kind = StoreError::Kind::in_doubt}).text;
    CHECK_THAT(in_doubt, Catch::StartsWith("In doubt."));
    CHECK_THAT(in_doubt, !Catch::Contains("Not done"));
}
