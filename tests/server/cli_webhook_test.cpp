// SPDX-License-Identifier: Apache-2.0
// What an operator reads about webhooks.
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <filesystem>

#include "ledger/webhooks.hpp"
#include "server/cli/doctor.hpp"
#include "server/cli/status.hpp"
#include "server/cli/webhook.hpp"
#include "tests/support/cli_desk.hpp"

using namespace purse;
using namespace purse::server::cli;
using purse::test::CliDesk;
using purse::test::has;

namespace {
std::string add(CliDesk& desk, const std::string& agent = {})
{
    REQUIRE(desk.run(add_webhook,
                     WebhookAddOptions{
                         .url = "https://user:pass@example.org/hook?key=hidden",
                         .events = agent.empty() ? "decision.refused,payout.*" : "decision.refused",
                         .agent = agent}) == kDone);
    const auto at = desk.err.find("wh_");
    REQUIRE(at != std::string::npos);
    return desk.err.substr(at, 13);
}

void give_up(CliDesk& desk, const std::string& id)
{
    desk.app().change([&](Books& books) {
        books.rows().webhooks().put_letter({.webhook = id,
                                            .seq = 3,
                                            .part = "decision.refused",
                                            .is_dead = true,
                                            .attempts = 9,
                                            .first_at = books.now(),
                                            .next_at = Instant::never(),
                                            .trouble = "it answered 500"});
    });
}
}  // namespace

TEST_CASE("A webhook's secret is printed once, alone, and its URL never whole")
{
    CliDesk desk;
    desk.apply();
    const auto id = add(desk);
    CHECK(desk.out.starts_with("whsec_"));
    CHECK(desk.out.find('\n') == desk.out.size() - 1);
    const auto secret = desk.out.substr(0, desk.out.size() - 1);
    CHECK(std::filesystem::exists(desk.settings.state_folder + "/webhook.lock"));
    for (const auto form : {Form::words, Form::json}) {
        REQUIRE(desk.run(list_webhooks, WebhookOptions{.form = form}) == kDone);
        CHECK(has(desk.out, id));
        CHECK(has(desk.out, "https://example.org"));
        for (const auto* hidden : {"hidden", "pass", secret.c_str()})
            CHECK_FALSE(has(desk.out, hidden));
    }
    CHECK(desk.run(add_webhook,
                   WebhookAddOptions{.url = "https://example.org", .agent = "paintre"}) == kNo);
    CHECK(has(desk.err, "did you mean \"painter\"?"));
    CHECK(desk.run(add_webhook, WebhookAddOptions{.url = "https://example.org",
                                                  .events = "decision.*,payout.trouble",
                                                  .agent = "painter"}) == kWrong);
    CHECK(has(desk.err, "payout.trouble is of no single agent"));
    CHECK(desk.run(remove_webhook, WebhookOptions{.id = "wh_none"}) == kNo);
    CHECK(desk.run(remove_webhook, WebhookOptions{.id = id}) == kDone);
}

TEST_CASE("Dead letters are told by status and doctor until they are tried again")
{
    CliDesk desk;
    desk.apply();
    const auto id = add(desk, "painter");
    REQUIRE(desk.run(show_status, StatusOptions{}) == kDone);
    CHECK(has(desk.out, "Webhooks: 1 (`purse webhook list`)"));
    give_up(desk, id);
    REQUIRE(desk.run(show_status, StatusOptions{}) == kDone);
    CHECK(has(desk.out, "Webhooks: 1, 1 dead letter (`purse webhook list`)"));
    desk.run(examine, DoctorOptions{});
    CHECK(has(desk.out, "webhook " + id));
    CHECK(has(desk.out, "1 message was given up"));
    REQUIRE(desk.run(list_dead, WebhookOptions{.form = Form::json}) == kDone);
    const auto dead = boost::json::parse(desk.out).as_array();
    REQUIRE(dead.size() == 1);
    CHECK(dead[0].at("event") == "decision.refused");
    CHECK(dead[0].at("trouble") == "it answered 500");
    CHECK(desk.run(list_dead, WebhookOptions{.id = "wh_none"}) == kNo);
    REQUIRE(desk.run(retry_webhook, WebhookOptions{.id = id}) == kDone);
    CHECK(has(desk.out, "1 message is tried again"));
    REQUIRE(desk.run(show_status, StatusOptions{.form = Form::json}) == kDone);
    const auto status = boost::json::parse(desk.out);
    CHECK(status.at("webhooks").at("dead") == 0);
    CHECK(status.at("webhooks").at("waiting") == 1);
    desk.app().change([&](Books& books) { Webhooks{books}.turn_off(id, "it answered 410 Gone"); });
    desk.run(examine, DoctorOptions{});
    CHECK(has(desk.out, "wants no more (410)"));
}

TEST_CASE("Without a webhook neither status nor doctor speaks of any")
{
    CliDesk desk;
    desk.apply();
    desk.run(show_status, StatusOptions{});
    CHECK_FALSE(has(desk.out, "ebhook"));
    desk.run(examine, DoctorOptions{});
    CHECK_FALSE(has(desk.out, "ebhook"));
}
