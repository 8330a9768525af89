// SPDX-License-Identifier: Apache-2.0
// Shorthands of the policy tests: a parsed document, a question, the reasons of an answer.
#pragma once

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/journal.hpp"
#include "policy/decision.hpp"

namespace purse::policy::test {

/// Two well-known development addresses.
inline constexpr std::string_view kImages = "0x90f79bf6eb2c4f870365e785982e1f101e93b906";
inline constexpr std::string_view kSearch = "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65";
inline constexpr std::string_view kStranger = "0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc";

inline Money usdc(std::string_view text)
{
    const auto money = Money::parse(text);
    REQUIRE(money);
    return *money;
}

inline Instant at(std::string_view second)
{
    const auto moment = from_rfc3339(std::string{second} + ".000000Z");
    REQUIRE(moment);
    return *moment;
}

inline std::shared_ptr<const Document> parsed(std::string_view text)
{
    auto document = parse_document(text);
    INFO(text);
    INFO((document ? std::string{} : to_string(document.error())));
    REQUIRE(document);
    return *document;
}

/// A document with one agent "a", two services and two shared budgets.
struct Parts {
    std::string agent = "{}";
    std::string team = "{}";
    std::string organisation = "{}";
};

inline std::string text_of(const Parts& parts)
{
    return R"({ "version": 1,
  "services": {
    "images": { "payee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906", "ceiling": "1",
        "category": "media" },
    "search": { "payee": "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65", "category": "web" } },
  "budgets": { "team": )" +
           parts.team + R"(, "org": )" + parts.organisation + R"( },
  "agents": { "a": )" +
           parts.agent + " } }";
}

inline std::shared_ptr<const Document> document_of(const Parts& parts)
{
    return parsed(text_of(parts));
}

/// Asks for 0.05 USDC of "images" on a Monday at noon.
inline Ask ask_of_a()
{
    Ask ask{.agent = "a", .what = {}, .ttl = {}, .now = at("2026-11-23T12:00:00")};
    ask.what.service = "images";
    ask.what.amount = Money::from_micro(50'000);
    return ask;
}

inline std::vector<std::string> reasons(const Decision& decision)
{
    std::vector<std::string> names;
    for (const auto& refusal : decision.refusals) names.emplace_back(wire_name(refusal.reason));
    return names;
}

/// "<reason> by <rule>", for tests of order.
inline std::vector<std::string> verdicts(const Decision& decision)
{
    std::vector<std::string> names;
    for (const auto& refusal : decision.refusals)
        names.push_back(std::string{wire_name(refusal.reason)} + " by " + refusal.rule);
    return names;
}

/// "<budget> <kind>" or "<budget> <kind> [<scope>]" for each leg.
inline std::vector<std::string> names_of(const std::vector<Leg>& legs)
{
    std::vector<std::string> names;
    for (const auto& leg : legs)
        names.push_back(leg.rule->budget + " " + leg.rule->kind +
                        (leg.scope.empty() ? "" : " [" + leg.scope + "]"));
    return names;
}

using Names = std::vector<std::string>;

inline std::string file_text(const std::string& path)
{
    std::ifstream file{std::string{PURSE_SOURCE_DIR "/"} + path, std::ios::binary};
    INFO(path);
    REQUIRE(file);
    return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace purse::policy::test
