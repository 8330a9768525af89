// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <filesystem>

#include "server/cli/agent.hpp"
#include "server/cli/freeze.hpp"
#include "server/cli/status.hpp"
#include "server/cli/text.hpp"
#include "tests/support/cli_desk.hpp"

using namespace purse;
using namespace purse::server::cli;
using purse::test::CliDesk;
using purse::test::has;

namespace {
/// 0.47 spent, 0.35 held, 0.50 reported for the open hold of 0.35.
void spend(CliDesk& desk)
{
    desk.apply();
    desk.settle(desk.hold("painter", "0.47"), "painter", "0.47");
    desk.settle(desk.hold("painter", "0.35"), "painter", "0.50");
}

constexpr const char* kGolden = R"(Purse    DIR/state
Time     TIME
Policy   version 1, from DIR/policy.jsonc
Rail     book: amounts in USDC are booked, no money moves
Journal  5 entries, all under a signed head

!! Reported excess: costs reported above what could be booked
When                     Agent    txId                           Reported  Allowed
TIME  painter  TXID      0.50    0.385

Budget         Cap             Used                Held  Spent    Left   Limit  Resets
agent/painter  perTransaction                                             5.00  each payment
               count 1m        [#.........]   6 %     0      2      28      30  SOON, TIME
               daily           [########..]  82 %  0.35   0.47    0.18    1.00  SOON, TIME
               perTask                                                    2.00  each task
budget/team    daily           [..........]   0 %  0.35   0.47  199.18  200.00  SOON, TIME

Spent so far   Today  This week  This month  Ever  Held now
agent/painter   0.47       0.47        0.47  0.47      0.35
budget/team     0.47       0.47        0.47  0.47      0.35

Open holds: 1, 0.35 USDC together; the next to expire is TXID of agent painter, 0.35 USDC, SOON

Owed to payee                               USDC
0x90f79bf6eb2c4f870365e785982e1f101e93b906  0.47
)";
}  // namespace

TEST_CASE("The status shows the whole ledger at a glance")
{
    CliDesk desk;
    spend(desk);
    REQUIRE(desk.run(show_status, StatusOptions{}) == kDone);
    CHECK(test::masked(desk.out, desk) == kGolden);
    CHECK(desk.err.empty());
}

TEST_CASE("The status for machines has the same facts")
{
    CliDesk desk;
    spend(desk);
    desk.run(freeze, FreezeOptions{.what = FreezeWhat::all, .note = "lunch"});
    REQUIRE(desk.run(show_status, StatusOptions{.form = Form::json}) == kDone);
    const auto json = boost::json::parse(desk.out);
    CHECK(json.at("policy").at("version") == 1);
    CHECK(json.at("holds").at("count") == 1);
    CHECK(json.at("holds").at("sum") == "0.35");
    CHECK(json.at("frozen").at(0).at("target") == "all");
    CHECK(json.at("frozen").at(0).at("note") == "lunch");
    CHECK(json.at("debts").at(0).at("amount") == "0.47");
    CHECK(json.at("excess").at(0).at("reported") == "0.50");
    CHECK(json.at("excess").at(0).at("allowed") == "0.385");
    CHECK(json.at("journal").at("entries") == 6);
    CHECK(json.at("journal").at("signedUpTo") == 6);
}

TEST_CASE("Looking makes no ledger and changes nothing")
{
    CliDesk desk;
    CHECK(desk.run(show_status, StatusOptions{}) == kNo);
    CHECK(has(desk.err, "there is no ledger in"));
    CHECK_FALSE(std::filesystem::exists(desk.settings.state_folder));

    spend(desk);
    desk.settings.policy_file =
        desk.write("other.jsonc", R"({"version": 1, "agents": {"other": {}}})");
    desk.close();
    REQUIRE(desk.run(show_status, StatusOptions{}) == kDone);
    CHECK(has(desk.out, "version 1, from"));
    CHECK(has(desk.err, "other.jsonc is not what is in force"));
}

TEST_CASE("The status works while another process has the ledger open")
{
    CliDesk desk;
    spend(desk);
    server::App other{desk.settings};
    other.look([](Books&) {});
    CHECK(desk.run(show_status, StatusOptions{}) == kDone);
    other.look([](Books&) {});
}

TEST_CASE("Agents are listed with their caps, credentials and freezes")
{
    CliDesk desk;
    SECTION("without a ledger: what the policy file says")
    {
        desk.settings.policy_file = desk.write("policy.jsonc", test::kPolicy);
        REQUIRE(desk.run(list_agents, AgentListOptions{}) == kDone);
        CHECK(has(desk.out, "painter  perTransaction 5.00"));
        CHECK(has(desk.err, "no policy is in force yet"));
        CHECK_FALSE(std::filesystem::exists(desk.settings.state_folder));
    }
    SECTION("with one: what is in force")
    {
        spend(desk);
        desk.run(freeze, FreezeOptions{.what = FreezeWhat::budget, .name = "team"});
        REQUIRE(desk.run(show_agent, AgentShowOptions{.name = "painter"}) == kDone);
        CHECK(has(desk.out, "Makes pictures"));
        CHECK(has(desk.out, "FROZEN  Spending by budget/team is frozen by the operator"));
        CHECK(has(desk.out, "[########..]  82 %"));
        CHECK(has(desk.out, "No credentials; make one with `purse credential issue painter`."));
        REQUIRE(desk.run(show_agent, AgentShowOptions{.name = "painter", .form = Form::json}) ==
                kDone);
        CHECK(boost::json::parse(desk.out).at("liveCredentials") == 0);
        CHECK(boost::json::parse(desk.out).at("frozen").as_array().size() == 1);
        REQUIRE(desk.run(list_agents, AgentListOptions{.form = Form::json}) == kDone);
        const auto agents = boost::json::parse(desk.out);
        REQUIRE(agents.as_array().size() == 2);
        CHECK(agents.at(0).at("budgets").as_array().size() == 2);
        CHECK(agents.at(0).at("caps").at(2).at("spent") == "0.47");
        CHECK(agents.at(1).at("agent") == "poet");
        CHECK(desk.run(show_agent, AgentShowOptions{.name = "paintr"}) == kNo);
        CHECK(has(desk.err, "did you mean \"painter\"?"));
    }
}

TEST_CASE("What others wrote cannot move the cursor")
{
    CHECK(printable("a\x1b[31mb\r\nc\x7f") == "a [31mb  c ");
    CHECK(printable("\xc2\x9b"
                    "31m \xc3\xa4") == " 31m \xc3\xa4");
}

TEST_CASE("A bar is full only when a cap is used up")
{
    CHECK(bar({}, 0) == "[..........]   0 %");
    CHECK(bar({}, 1) == "[#.........]   1 %");
    CHECK(bar({}, 99) == "[#########.]  99 %");
    CHECK(bar({}, 100) == "[##########] 100 %");
    CHECK(bar({}, 640) == "[##########] 640 %");
}

TEST_CASE("Colours and Unicode only where they are welcome")
{
    const auto with = [](std::map<std::string, std::string> variables) {
        return [variables](const char* name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional{found->second};
        };
    };
    const auto rich = with({{"TERM", "xterm"}, {"LANG", "de_DE.UTF-8"}});
    CHECK(style_of(Screen::terminal, rich).colours);
    CHECK(style_of(Screen::terminal, rich).utf8);
    CHECK_FALSE(style_of(Screen::other, rich).colours);
    CHECK_FALSE(style_of(Screen::other, rich).utf8);
    CHECK_FALSE(style_of(Screen::terminal, with({{"TERM", "xterm"}, {"NO_COLOR", "1"}})).colours);
    CHECK_FALSE(style_of(Screen::terminal, with({{"TERM", "dumb"}})).colours);
    CHECK_FALSE(style_of(Screen::terminal, with({{"LC_ALL", "C"}, {"LANG", "de_DE.UTF-8"}})).utf8);
}
