// SPDX-License-Identifier: Apache-2.0
// The commands that change something: credentials, policies, freezes.
#include <catch2/catch.hpp>

#include <boost/json/parse.hpp>
#include <filesystem>

#include "ledger/operators.hpp"
#include "policy/credential.hpp"
#include "server/cli/credential.hpp"
#include "server/cli/freeze.hpp"
#include "server/cli/operator.hpp"
#include "server/cli/policy.hpp"
#include "server/operator/address.hpp"
#include "tests/support/cli_desk.hpp"

using namespace purse;
using namespace purse::server::cli;
using purse::test::CliDesk;
using purse::test::has;

namespace {
std::vector<CredentialRow> credentials(CliDesk& desk)
{
    std::vector<CredentialRow> rows;
    desk.app().look([&](Books& books) { rows = books.rows().credentials(); });
    return rows;
}

std::int64_t entries(CliDesk& desk)
{
    std::int64_t count = 0;
    desk.app().look([&](Books& books) { count = books.meta().seq; });
    return count;
}
}  // namespace

TEST_CASE("A secret is printed once, alone, and only its hash is kept")
{
    CliDesk desk;
    desk.settings.policy_file = desk.write("policy.jsonc", test::kPolicy);
    REQUIRE(desk.run(issue_credential,
                     CredentialIssueOptions{
                         .agent = "painter", .expires = Span::days(30), .note = "hi"}) == kDone);
    REQUIRE(desk.out.ends_with('\n'));
    const auto secret = desk.out.substr(0, desk.out.size() - 1);
    CHECK(policy::parse_handle(secret) == "painter");
    CHECK_FALSE(has(desk.err, secret));
    const auto rows = credentials(desk);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].hash == policy::credential_hash(secret));
    CHECK(rows[0].expires_at - rows[0].issued_at == Span::days(30));
    REQUIRE(desk.run(list_credentials, CredentialListOptions{}) == kDone);
    CHECK(has(desk.out, rows[0].id + "  painter  live"));
    CHECK_FALSE(has(desk.out, secret));
}

TEST_CASE("Only agents of the policy get credentials")
{
    CliDesk desk;
    CHECK(desk.run(issue_credential, CredentialIssueOptions{.agent = "painter"}) == kNo);
    CHECK(has(desk.err, "there is no policy"));
    CHECK_FALSE(std::filesystem::exists(desk.settings.state_folder));
    desk.apply();
    CHECK(desk.run(issue_credential, CredentialIssueOptions{.agent = "paintre"}) == kNo);
    CHECK(has(desk.err, "has no agent \"paintre\"; did you mean \"painter\"?"));
    CHECK(desk.run(issue_credential, CredentialIssueOptions{.agent = "poet", .note = "\xff"}) ==
          kWrong);
    CHECK(desk.out.empty());
    CHECK(credentials(desk).empty());
}

TEST_CASE("A credential is revoked, given an end, and replaced")
{
    CliDesk desk;
    desk.apply();
    desk.run(issue_credential,
             CredentialIssueOptions{.agent = "painter", .expires = Span::days(30)});
    const auto secret = desk.out.substr(0, desk.out.size() - 1);
    const auto id = credentials(desk).at(0).id;

    SECTION("revoked, and again")
    {
        CHECK(desk.run(revoke_credential, id) == kDone);
        CHECK(credentials(desk).at(0).revoked_at != Instant::never());
        const auto before = entries(desk);
        CHECK(desk.run(revoke_credential, id) == kDone);
        CHECK(has(desk.out, "was revoked already"));
        CHECK(entries(desk) == before);
        CHECK(desk.run(expire_credential, CredentialExpireOptions{.id = id, .in = Span::days(1)}) ==
              kNo);
        CHECK(desk.run(rotate_credential, CredentialRotateOptions{.id = id}) == kNo);
    }
    SECTION("unknown ids, and secrets in their place")
    {
        CHECK(desk.run(revoke_credential, std::string{"cred_none"}) == kNo);
        CHECK(desk.run(revoke_credential, secret) == kWrong);
        CHECK_FALSE(has(desk.err, secret));
    }
    SECTION("given an end")
    {
        CHECK(desk.run(expire_credential,
                       CredentialExpireOptions{.id = id, .in = Span::hours(2)}) == kDone);
        CHECK(credentials(desk).at(0).expires_at - desk.app().now() <= Span::hours(2));
    }
    SECTION("replaced at once")
    {
        REQUIRE(desk.run(rotate_credential, CredentialRotateOptions{.id = id}) == kDone);
        CHECK(policy::parse_handle(desk.out.substr(0, desk.out.size() - 1)) == "painter");
        CHECK(desk.out.find(secret) == std::string::npos);
        for (const auto& row : credentials(desk)) {
            CHECK((row.revoked_at != Instant::never()) == (row.id == id));
            if (row.id != id) CHECK(row.expires_at - row.issued_at == Span::days(30));
        }
    }
    SECTION("replaced with a grace, which never lengthens a life")
    {
        REQUIRE(desk.run(rotate_credential,
                         CredentialRotateOptions{.id = id, .grace = Span::hours(1)}) == kDone);
        for (const auto& row : credentials(desk)) {
            CHECK(row.revoked_at == Instant::never());
            if (row.id == id) CHECK(row.expires_at - desk.app().now() <= Span::hours(1));
        }
        REQUIRE(desk.run(rotate_credential,
                         CredentialRotateOptions{.id = id, .grace = Span::days(90)}) == kDone);
        for (const auto& row : credentials(desk))
            if (row.id == id) CHECK(row.expires_at - desk.app().now() <= Span::hours(1));
    }
}

TEST_CASE("A policy is checked without a ledger, every mistake on its line")
{
    CliDesk desk;
    const auto check = [](server::App&, const std::string& file, Output& output) {
        return check_policy(file, output);
    };
    CHECK(desk.run(check, desk.write("good.jsonc", test::kPolicy)) == kDone);
    CHECK(has(desk.out, "good.jsonc is valid: 2 agents, 1 shared budget in use, 1 service."));
    CHECK(has(desk.out, "agent/painter  perTransaction 5.00"));
    const auto bad =
        desk.write("bad.jsonc", R"({"version": 1, "agents": {"a": {"caps": {"dayly": "1"}},
                                                 "b": {"caps": {"daily": "-1"}}}})");
    CHECK(desk.run(check, bad) == kWrong);
    CHECK(has(desk.err, "bad.jsonc has 2 mistakes\n"));
    CHECK(has(desk.err, "\n$.agents.a.caps.dayly: "));
    CHECK(has(desk.err, "\n$.agents.b.caps.daily: "));
    CHECK(has(desk.err, "; expected "));
    CHECK(desk.run(check, desk.folder / "none.jsonc") == kWrong);
    CHECK(desk.run(check, std::string{}) == kWrong);
    CHECK_FALSE(std::filesystem::exists(desk.settings.state_folder));
}

TEST_CASE("A policy is applied whole or not at all, and shown as it is stored")
{
    CliDesk desk;
    const auto file = desk.write("p.jsonc", test::kPolicy);
    REQUIRE(desk.run(apply_policy, file) == kDone);
    CHECK(desk.out == "Version 1 is in force, the first of this ledger.\n");
    REQUIRE(desk.run(apply_policy, file) == kDone);
    CHECK(desk.out == "Unchanged: version 1 in force has this very text.\n");
    const std::string second = R"({ "version": 1, "agents": { "poet": {} } } // two)";
    REQUIRE(desk.run(apply_policy, desk.write("p.jsonc", second)) == kDone);
    CHECK(desk.out == "Version 2 is in force, version 1 was.\n");
    CHECK(desk.run(apply_policy, desk.write("p.jsonc", "{")) == kWrong);

    REQUIRE(desk.run(show_policy, PolicyShowOptions{}) == kDone);
    CHECK(desk.out == second);
    CHECK(has(desk.err, "version 2 (in force), from "));
    REQUIRE(desk.run(show_policy, PolicyShowOptions{.version = 1}) == kDone);
    CHECK(desk.out == test::kPolicy);
    REQUIRE(desk.run(show_policy, PolicyShowOptions{.form = Form::json}) == kDone);
    CHECK(boost::json::parse(desk.out).at("text").as_string() == second);
    CHECK(desk.run(show_policy, PolicyShowOptions{.version = 3}) == kNo);
    CHECK(has(desk.err, "there are 1 to 2"));
}

TEST_CASE("A freeze names what is there, once, and ends")
{
    CliDesk desk;
    desk.apply();
    const FreezeOptions painter{.what = FreezeWhat::agent, .name = "painter", .note = "odd"};
    REQUIRE(desk.run(freeze, painter) == kDone);
    CHECK(desk.hold("painter", "0.10").outcome == HoldAnswer::Outcome::refused);
    CHECK(desk.hold("poet", "0.10").outcome == HoldAnswer::Outcome::approved);
    const auto before = entries(desk);
    CHECK(desk.run(freeze, painter) == kDone);
    CHECK(has(desk.out, "nothing changed"));
    CHECK(entries(desk) == before);

    CHECK(desk.run(freeze, FreezeOptions{.what = FreezeWhat::budget, .name = "taem"}) == kNo);
    CHECK(has(desk.err, "no budget/taem; did you mean \"team\"?"));
    CHECK(desk.run(freeze, FreezeOptions{.what = FreezeWhat::budget, .name = "team"}) == kDone);
    CHECK(desk.run(unfreeze, painter) == kDone);
    CHECK(has(desk.err, "still may not spend"));
    CHECK(desk.run(unfreeze, FreezeOptions{.what = FreezeWhat::budget, .name = "team"}) == kDone);
    CHECK(desk.hold("painter", "0.10").outcome == HoldAnswer::Outcome::approved);
    CHECK(desk.run(unfreeze, painter) == kDone);
    CHECK(has(desk.out, "was not frozen"));
}

TEST_CASE("A freeze goes through when the policy file has mistakes")
{
    CliDesk desk;
    desk.apply();
    desk.settings.policy_file = desk.write("policy.jsonc", "{ oops");
    desk.close();
    CHECK(desk.run(freeze, FreezeOptions{.what = FreezeWhat::agent, .name = "painter"}) == kDone);
    CHECK(has(desk.err, "going by the policy in force"));
    CHECK(desk.hold("painter", "0.10").outcome == HoldAnswer::Outcome::refused);
}

TEST_CASE("What left the policy can still be unfrozen")
{
    CliDesk desk;
    desk.apply();
    const FreezeOptions poet{.what = FreezeWhat::agent, .name = "poet"};
    REQUIRE(desk.run(freeze, poet) == kDone);
    desk.apply(R"({"version": 1, "agents": {"painter": {}}})");
    CHECK(desk.run(unfreeze, poet) == kDone);
    CHECK(desk.run(unfreeze, poet) == kNo);
}

TEST_CASE("A sign-in link is printed alone, and only where there is an address")
{
    CliDesk desk;
    desk.apply();
    CHECK(desk.run(login_operator, OperatorLoginOptions{}) == kNo);
    CHECK(has(desk.err, "no server with an operator page runs"));
    CHECK(has(desk.err, "purse serve --http"));
    CHECK(desk.out.empty());
    const auto before = entries(desk);
    CHECK(desk.run(login_operator, OperatorLoginOptions{.url = "ftp://x"}) == kWrong);
    CHECK(entries(desk) == before);

    REQUIRE(desk.run(login_operator, OperatorLoginOptions{.url = "http://127.0.0.1:8377/x"}) ==
            kDone);
    constexpr std::string_view kHead = "http://127.0.0.1:8377/operator/#login=";
    REQUIRE(desk.out.starts_with(kHead));
    const auto code = desk.out.substr(kHead.size(), desk.out.size() - kHead.size() - 1);
    CHECK(is_operator_secret(code));
    CHECK_FALSE(has(desk.err, code));
    CHECK(entries(desk) == before + 1);

    {
        const server::OperatorUrlFile left{desk.settings, "http://127.0.0.1:1234"};
        CHECK(server::operator_url(desk.settings) == "http://127.0.0.1:1234");
        REQUIRE(desk.run(login_operator, OperatorLoginOptions{}) == kDone);
        CHECK(desk.out.starts_with("http://127.0.0.1:1234/operator/#login="));
        namespace fs = std::filesystem;
        const auto mode =
            fs::status(desk.settings.state_folder + "/" + server::kOperatorUrlFile).permissions();
        CHECK(mode == (fs::perms::owner_read | fs::perms::owner_write));
        desk.settings.operator_url = "https://purse.example.org/";
        CHECK(server::operator_url(desk.settings) == "https://purse.example.org");
        desk.settings.operator_url.clear();
    }
    CHECK_FALSE(server::operator_url(desk.settings).has_value());
}

TEST_CASE("A server takes away its own address and not a later one's")
{
    CliDesk desk;
    auto first = std::make_unique<server::OperatorUrlFile>(desk.settings, "http://127.0.0.1:1");
    const server::OperatorUrlFile second{desk.settings, "http://127.0.0.1:2"};
    first.reset();
    CHECK(server::operator_url(desk.settings) == "http://127.0.0.1:2");
}

TEST_CASE("Sessions are listed and ended, one or all")
{
    CliDesk desk;
    desk.apply();
    std::vector<std::string> ids;
    for (int i = 0; i < 3; ++i) {
        const auto link = make_operator_secret(desk.app().entropy());
        const auto session = make_operator_secret(desk.app().entropy());
        desk.app().change([&](Books& books) {
            Operators operators{books};
            operators.issue_link(link.hash, "ada", desk.app().entropy());
            ids.push_back(operators.take_link(link.hash, session.hash)->id);
        });
    }
    REQUIRE(desk.run(list_operator_sessions, OperatorSessionsOptions{}) == kDone);
    for (const auto& id : ids) CHECK(has(desk.out, id + "  ada"));
    REQUIRE(desk.run(list_operator_sessions, OperatorSessionsOptions{.form = Form::json}) == kDone);
    CHECK(boost::json::parse(desk.out).as_array().size() == 3);

    CHECK(desk.run(logout_operator, OperatorLogoutOptions{}) == kWrong);
    CHECK(desk.run(logout_operator, OperatorLogoutOptions{.id = ids[0], .all = true}) == kWrong);
    CHECK(desk.run(logout_operator, OperatorLogoutOptions{.id = "op_nobody"}) == kNo);
    REQUIRE(desk.run(logout_operator, OperatorLogoutOptions{.id = ids[1]}) == kDone);
    CHECK(desk.run(logout_operator, OperatorLogoutOptions{.id = ids[1]}) == kNo);
    REQUIRE(desk.run(logout_operator, OperatorLogoutOptions{.all = true}) == kDone);
    CHECK(has(desk.out, "2 sessions"));
    REQUIRE(desk.run(list_operator_sessions, OperatorSessionsOptions{}) == kDone);
    CHECK(has(desk.out, "Nobody is signed in"));
}
