// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <boost/json/parse.hpp>

#include "server/cli/moment.hpp"
#include "server/cli/policy.hpp"
#include "server/cli/policy_replay.hpp"
#include "server/cli/policy_suggest.hpp"
#include "tests/support/cli_desk.hpp"

using namespace purse;
using namespace purse::server::cli;
using purse::test::CliDesk;
using purse::test::has;
using purse::test::masked;

namespace {
/// painter: 0.50 for 0.40, 0.55 as it is, and 0.20 that its day (1) has no room for.
void fill(CliDesk& desk)
{
    desk.apply();
    desk.settle(desk.hold("painter", "0.50"), "painter", "0.40");
    desk.settle(desk.hold("painter", "0.55"), "painter", "0.55");
    desk.hold("painter", "0.20");
    desk.settle(desk.hold("poet", "0.20"), "poet", "0.20");
}

std::string policy_with(const std::string& painter)
{
    return R"({ "version": 1,
  "services": { "images": { "payee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906" } },
  "agents": { "painter": { "caps": {)" +
           painter + R"(} }, "poet": {} } })";
}

int replayed(CliDesk& desk, const std::string& text, FailOn fail_on = FailOn::changed,
             Form form = Form::words)
{
    return desk.run(replay_policy,
                    PolicyReplayOptions{
                        .file = desk.write("new.jsonc", text), .fail_on = fail_on, .form = form});
}
}  // namespace

TEST_CASE("A policy that changes nothing says so")
{
    CliDesk desk;
    const auto file = desk.write("new.jsonc", test::kPolicy);
    CHECK(desk.run(replay_policy, PolicyReplayOptions{.file = file}) == kNo);
    CHECK(has(desk.err, "there is no ledger"));
    fill(desk);
    CHECK(replayed(desk, test::kPolicy) == kDone);
    CHECK(masked(desk.out, desk) ==
          "Of 4 requests from TIME to TIME: 4 as before, 0 newly refused, 0 newly allowed, 0 would "
          "ask a person.\n");
    CHECK(has(desk.err, " entries in "));
}

TEST_CASE("What a policy would change is told by agent and rule, and request by request")
{
    CliDesk desk;
    fill(desk);
    CHECK(replayed(desk, policy_with(R"("perTx": "0.52", "daily": "1")")) == kNo);
    CHECK(
        masked(desk.out, desk) ==
        R"(Of 4 requests from TIME to TIME: 2 as before, 1 newly refused (0.55 USDC), 1 newly allowed (0.20 USDC), 0 would ask a person.

Change         Agent    Reason                      Rule                 Count  USDC
newly refused  painter  transaction_limit_exceeded  agent/painter            1  0.55
newly allowed  painter  spend_limit_reached         agent/painter daily      1  0.20

When                     Change         Agent    USDC  For     txId or entry                  Why
TIME  newly refused  painter  0.55  images  TXID  agent/painter: 0.55 USDC is above the limit of 0.52 USDC for one payment of agent/painter.
TIME  newly allowed  painter  0.20  images  entry 6                        agent/painter daily: 0.95 of 1.00 USDC was used.

Of what is newly refused, 0.55 USDC was paid in the past.
What was refused and is allowed now counts as paid at once, 0.20 USDC: how it would have ended is not on record.
)");

    CHECK(replayed(desk, policy_with(R"("perTx": "0.52", "daily": "1")"), FailOn::changed,
                   Form::json) == kNo);
    const auto json = boost::json::parse(desk.out).as_object();
    CHECK(json.at("requests").at("count") == 4);
    CHECK(json.at("newlyRefused").at("amount") == "0.55");
    CHECK(json.at("newlyAllowed").at("count") == 1);
    CHECK(json.at("newlyAsked").at("count") == 0);
    CHECK(json.at("paidOfNewlyRefused").at("amount") == "0.55");
    CHECK(json.at("rules").as_array().size() == 2);
    const auto& first = json.at("differences").as_array().at(0);
    CHECK(first.at("change") == "newly_refused");
    CHECK(first.at("entry") == 4);
    CHECK(first.at("reasons").as_array().at(0).at("reason") == "transaction_limit_exceeded");
}

TEST_CASE("The exit code is what a pipeline asks for")
{
    CliDesk desk;
    fill(desk);
    const auto stricter = policy_with(R"("perTx": "0.45", "daily": "0.10")");
    CHECK(replayed(desk, stricter, FailOn::changed) == kNo);
    CHECK(replayed(desk, stricter, FailOn::refused) == kNo);
    CHECK(replayed(desk, stricter, FailOn::allowed) == kDone);
    CHECK(replayed(desk, stricter, FailOn::never) == kDone);
    const auto looser = policy_with("");
    CHECK(replayed(desk, looser, FailOn::refused) == kDone);
    CHECK(replayed(desk, looser, FailOn::allowed) == kNo);
    CHECK(replayed(desk, R"({ "version": 2 })", FailOn::never) == kWrong);
    CHECK(has(desk.err, "$.version"));
    const auto file = desk.write("new.jsonc", looser);
    CHECK(desk.run(replay_policy, PolicyReplayOptions{.file = file, .from = "2026-02-30"}) ==
          kWrong);
    CHECK(has(desk.err, "--from: \"2026-02-30\" is not a time such as"));
    CHECK(desk.run(replay_policy, PolicyReplayOptions{.file = file, .from = "1d", .to = "2d"}) ==
          kWrong);
    CHECK(has(desk.err, "--from must be before --to"));
    CHECK(desk.run(replay_policy, PolicyReplayOptions{.file = file, .to = "2001-01-01"}) == kDone);
    CHECK(desk.out == "There are no requests in that time.\n");
    CHECK(desk.run(replay_policy, PolicyReplayOptions{.file = file, .agent = "nobody"}) == kDone);
    CHECK(desk.out == "There are no requests of agent nobody in that time.\n");
}

TEST_CASE("A policy is drawn from the past, with a reason for each cap")
{
    CliDesk desk;
    CHECK(desk.run(suggest_policy, PolicySuggestOptions{}) == kNo);
    desk.apply();
    CHECK(desk.run(suggest_policy, PolicySuggestOptions{}) == kNo);
    CHECK(has(desk.err, "nothing was bought in that time"));
    fill(desk);
    REQUIRE(desk.run(suggest_policy, PolicySuggestOptions{.headroom = 20}) == kDone);
    const auto text = desk.out;
    CHECK(has(text, "Replayed over the same requests it refuses none that was allowed."));
    CHECK(has(text, "// 2 requests allowed, 0.95 USDC settled; 1 request refused"));
    CHECK(has(text, "\"perTx\": \"0.80\",  // the largest, on "));
    CHECK(has(text, ": 0.55 USDC; + 20 %"));
    CHECK(has(text, "\"daily\": \"1.20\",  // the busiest day, "));
    CHECK(has(text, "\"allow\": { \"services\": [\"images\"] },  // all that it has bought"));
    const auto file = desk.write("new.jsonc", text);
    CHECK(desk.run([&](server::App&, Output& output) { return check_policy(file, output); }) ==
          kDone);
    CHECK(desk.run(replay_policy, PolicyReplayOptions{.file = file, .fail_on = FailOn::refused}) ==
          kDone);

    REQUIRE(desk.run(suggest_policy, PolicySuggestOptions{.form = Form::json}) == kDone);
    const auto json = boost::json::parse(desk.out).as_object();
    CHECK(json.at("headroomPercent") == 25);
    CHECK(json.at("newlyRefused") == 0);
    const auto& caps = json.at("agents").at("poet").at("caps").as_array();
    CHECK(caps.at(0).at("cap") == "perTx");
    CHECK(caps.at(0).at("observed") == "0.20");
    CHECK(caps.at(0).at("limit") == "0.25");
    CHECK(has(json.at("document").as_string().c_str(), "\"poet\""));
}

TEST_CASE("A moment is written as a date, a time or a span before now")
{
    const auto now = from_rfc3339("2026-11-20T12:00:00.000000Z").value();
    const auto is = [&](std::string_view text, std::string_view whole) {
        const auto at = parse_moment(text, now);
        return at && to_rfc3339(*at) == whole;
    };
    CHECK(is("2026-11-20", "2026-11-20T00:00:00.000000Z"));
    CHECK(is("2026-11-20T17:04", "2026-11-20T17:04:00.000000Z"));
    CHECK(is("2026-11-20T17:04:05Z", "2026-11-20T17:04:05.000000Z"));
    CHECK(is("2026-11-20T17:04:05.25Z", "2026-11-20T17:04:05.250000Z"));
    CHECK(is("2026-11-20T17:04:05.123456Z", "2026-11-20T17:04:05.123456Z"));
    CHECK(is("7d", "2026-11-13T12:00:00.000000Z"));
    for (const auto* wrong : {"", "Z", "2026", "2026-11", "2026-13-01", "2026-11-20T17",
                              "yesterday", "2026-11-20T17:04:05.", "2026-11-20T17:04:05.1234567",
                              "2026-11-20 17:04", "2026-11-20T17:04:05+01:00"})
        CHECK_FALSE(parse_moment(wrong, now));
}
