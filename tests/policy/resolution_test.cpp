// SPDX-License-Identifier: Apache-2.0
// From what is named to what is bought and who is paid.
#include "policy/resolution.hpp"

#include "support.hpp"

using namespace purse;
using namespace purse::policy;
using namespace purse::policy::test;

namespace {
struct Named {
    std::string service;
    std::string payee;
};

Decision decided(const Document& document, const Named& named)
{
    auto ask = ask_of_a();
    ask.what.service = named.service;
    ask.what.payee = named.payee;
    return decide(document, {}, ask);
}

constexpr const char* kShouted = "0x90F79BF6EB2C4F870365E785982E1F101E93B906";  // images
}  // namespace

TEST_CASE("A service of the catalogue is paid to its payee")
{
    const auto document = document_of({});
    const auto alone = decided(*document, {"images", ""});
    CHECK(reasons(alone) == Names{});
    CHECK(alone.what.service == "images");
    CHECK(alone.what.payee == kImages);
    CHECK(reasons(decided(*document, {"images", kShouted})) == Names{});
    CHECK(decided(*document, {"images", kShouted}).what.payee == kImages);

    const auto other = decided(*document, {"images", std::string{kSearch}});
    CHECK(verdicts(other) == Names{"payee_mismatch by service/images"});
    CHECK(other.refusals[0].detail == "\"images\" is paid to " + std::string{kImages} +
                                          ", not to " + std::string{kSearch} + ".");
}

TEST_CASE("An unknown service is refused, and the nearest one or the known ones are named")
{
    const auto document = document_of({});
    const auto near = decided(*document, {"image", ""});
    CHECK(verdicts(near) == Names{"service_unknown by agent/a"});
    CHECK(near.refusals[0].detail ==
          "\"image\" is not a service of the catalogue. Did you mean \"images\"?");
    CHECK(decided(*document, {"IMAGES", ""})
              .refusals.at(0)
              .detail.ends_with("Did you mean \"images\"?"));
    CHECK(decided(*document, {"weather", ""}).refusals.at(0).detail ==
          "\"weather\" is not a service of the catalogue. Services: images, search.");
    const auto picky = document_of({.agent = R"({ "allow": { "services": ["search"] } })"});
    CHECK(decided(*picky, {"weather", ""}).refusals.at(0).detail ==
          "\"weather\" is not a service of the catalogue. Services of this agent: search.");
    // What is unknown has neither a category nor a ceiling that could fail as well.
    CHECK(reasons(decided(*picky, {"weather", ""})) == Names{"service_unknown"});
}

TEST_CASE("A star lets the agent leave the catalogue, unless a budget has a list without one")
{
    const std::string star = R"({ "budgets": ["team"], "allow": { "services": ["*"] } })";
    const auto free = decided(*document_of({.agent = star}), {"Weather today", ""});
    CHECK(reasons(free) == Names{});
    CHECK(free.what.service == "Weather today");
    CHECK(free.what.payee == "service:Weather today");

    const auto team = [&](const char* rules) {
        return verdicts(decided(*document_of({.agent = star, .team = rules}), {"weather", ""}));
    };
    CHECK(team(R"({ "allow": { "services": ["*"] } })") == Names{});
    CHECK(team(R"({ "allow": { "services": ["images"] } })") ==
          Names{"service_unknown by agent/a"});
    CHECK(team(R"({ "allow": { "categories": ["web"] } })") ==
          Names{"service_not_allowed by budget/team"});
    CHECK(team(R"({ "allow": { "payees": ["0x90F79bf6EB2c4f870365E785982E1f101E93b906"] } })") ==
          Names{"payee_not_allowed by budget/team"});
    CHECK(team(R"({ "allow": { "payees": ["*"] } })") == Names{});
    // The star must be the agent's own.
    const auto document = document_of(
        {.agent = R"({ "budgets": ["team"] })", .team = R"({ "allow": { "services": ["*"] } })"});
    CHECK(verdicts(decided(*document, {"weather", ""})) == Names{"service_unknown by agent/a"});
}

TEST_CASE("Outside the catalogue a payee must be allowed by name")
{
    const auto agent = [](const char* payees) {
        return document_of({.agent = std::string{R"({ "allow": { "services": ["*"], "payees": )"} +
                                     payees + " } }"});
    };
    const auto plain = document_of({.agent = R"({ "allow": { "services": ["*"] } })"});
    CHECK(verdicts(decided(*plain, {"weather", std::string{kStranger}})) ==
          Names{"payee_unknown by agent/a"});
    const auto named = agent(R"(["0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc"])");
    CHECK(reasons(decided(*named, {"weather", std::string{kStranger}})) == Names{});
    CHECK(decided(*named, {"weather", std::string{kStranger}}).what.payee == kStranger);
    CHECK(reasons(decided(*agent(R"(["*"])"), {"weather", std::string{kStranger}})) == Names{});
}

TEST_CASE("A payee of the catalogue is not paid under a foreign name")
{
    // Otherwise the ceiling and the deny list of "images" could be gone around.
    const auto document =
        document_of({.agent = R"({ "allow": { "services": ["*"], "payees": ["*"] } })"});
    const auto decision = decided(*document, {"weather", kShouted});
    CHECK(verdicts(decision) == Names{"payee_mismatch by service/images"});
    CHECK(decision.refusals[0].detail ==
          std::string{kImages} + " is the payee of \"images\", not of \"weather\".");
}

TEST_CASE("A payee alone stands for its one service")
{
    const auto document = document_of({.agent = R"({ "allow": { "services": ["images"] } })"});
    const auto decision = decided(*document, {"", kShouted});
    CHECK(reasons(decision) == Names{});
    CHECK(decision.what.service == "images");
    CHECK(decision.what.payee == kImages);
    CHECK(verdicts(decided(*document, {"", std::string{kSearch}})) ==
          Names{"service_not_allowed by agent/a"});
    auto ask = ask_of_a();
    ask.what.service.clear();
    ask.what.payee = kImages;
    ask.what.amount = usdc("1.01");
    CHECK(reasons(decide(*document, {}, ask)) == Names{"price_above_ceiling"});
}

TEST_CASE("A payee of several services needs the service to be named")
{
    const auto document = parsed(R"({ "version": 1, "services": {
        "small": { "payee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906" },
        "large": { "payee": "0x90f79bf6eb2c4f870365e785982e1f101e93b906" } },
        "agents": { "a": { "allow": { "services": ["small"] } } } })");
    const auto decision = decided(*document, {"", kShouted});
    CHECK(verdicts(decision) == Names{"service_required by payee/" + std::string{kImages}});
    CHECK(decision.refusals[0].detail.find("\"small\", \"large\"") != std::string::npos);
    CHECK(reasons(decided(*document, {"small", kShouted})) == Names{});
    CHECK(reasons(decided(*document, {"large", kShouted})) == Names{"service_not_allowed"});
}

TEST_CASE("A payee that no service has must be allowed by the agent or one of its budgets")
{
    const std::string stranger{kStranger};
    const auto verdict = [&](const Parts& parts) {
        return verdicts(decided(*document_of(parts), {"", stranger}));
    };
    const std::string list =
        R"({ "allow": { "payees": ["0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc"] } })";
    CHECK(verdict({}) == Names{"payee_unknown by agent/a"});
    CHECK(verdict({.agent = list}) == Names{});
    CHECK(verdict({.agent = R"({ "allow": { "payees": ["*"] } })"}) == Names{});
    CHECK(verdict({.agent = R"({ "budgets": ["team"] })", .team = list}) == Names{});
    CHECK(verdict({.agent = R"({ "budgets": ["team"], "allow": { "payees": [] } })",
                   .team = list}) == Names{"payee_not_allowed by agent/a"});
    // A list of services does not name it, whatever the list of payees says.
    CHECK(verdict({.agent = R"({ "budgets": ["team"] , "allow": { "services": ["images"] } })",
                   .team = list}) == Names{"service_not_allowed by agent/a"});
    CHECK(verdict({.agent = R"({ "allow": { "services": ["*"], "payees": ["*"] } })"}) == Names{});
}

TEST_CASE("What is no address and no service is never paid")
{
    const auto document =
        document_of({.agent = R"({ "allow": { "services": ["*"], "payees": ["*"] } })"});
    for (const char* payee :
         {"", "0x12", "service:images", "bob", "0x90F79bf6EB2c4f870365E785982E1f101E93b90g"}) {
        INFO(payee);
        CHECK(verdicts(decided(*document, {"", payee})) == Names{"payee_unknown by agent/a"});
    }
    CHECK(reasons(decided(*document, {"weather", "service:other"})) == Names{"payee_unknown"});
    CHECK(reasons(decided(*document, {"weather", "service:weather"})) == Names{});
    CHECK(reasons(decided(*document, {"images", "service:images"})) == Names{"payee_mismatch"});
}
