// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/client.hpp"

#include <catch2/catch.hpp>

#include "server/limits.hpp"

using namespace purse;
using namespace purse::server;

namespace {
json::Document parsed(const std::string& text)
{
    auto document = json::parse(text);
    REQUIRE(document);
    return *std::move(document);
}

std::string named(const std::string& client_info)
{
    const auto document = parsed(client_info);
    return client_name(&document.root());
}

ClientAbilities abilities(const std::string& capabilities)
{
    const auto document = parsed(capabilities);
    return read_abilities(&document.root());
}

bool can(const ClientAbilities& abilities, std::string_view method, const std::string& params)
{
    const auto document = parsed(params);
    return check_ability(abilities, method, document.root()).able;
}
}  // namespace

TEST_CASE("a client's name is bounded and clean")
{
    CHECK(client_name(nullptr).empty());
    CHECK(named("{}").empty());
    CHECK(named(R"({"version":"1"})").empty());
    CHECK(named(R"({"name":7,"version":"1"})").empty());
    CHECK(named(R"({"name":"a"})") == "a");
    CHECK(named(R"({"name":"a","version":7})") == "a");
    CHECK(named(R"({"name":"a b","version":"1.0"})") == "a b/1.0");
    CHECK(named(R"({"name":"a\u001b[0m\n\u0085","version":"\u0000"})") == "a[0m/");
    CHECK(named(R"({"name":")" + std::string(500, 'n') + R"("})") ==
          std::string(kClientBytesMax, 'n'));
}

TEST_CASE("an elicitation without modes means forms alone")
{
    CHECK(read_abilities(nullptr) == ClientAbilities{});
    CHECK(abilities("{}") == ClientAbilities{});
    CHECK(abilities(R"({"elicitation":{}})") == ClientAbilities{.elicits_forms = true});
    CHECK(abilities(R"({"elicitation":{"form":{}}})") == ClientAbilities{.elicits_forms = true});
    CHECK(abilities(R"({"elicitation":{"url":{}}})") == ClientAbilities{.elicits_urls = true});
    CHECK(abilities(R"({"elicitation":{"url":{},"form":{}}})") ==
          ClientAbilities{.elicits_forms = true, .elicits_urls = true});
    CHECK(abilities(R"({"elicitation":true,"sampling":1,"roots":"x"})") == ClientAbilities{});
    CHECK(
        abilities(R"({"sampling":{},"roots":{},"extensions":{"io.modelcontextprotocol/ui":{}}})") ==
        ClientAbilities{.samples = true, .lists_roots = true, .shows_apps = true});
}

TEST_CASE("abilities fit into a number and come back")
{
    for (int bits = 0; bits < 32; ++bits)
        CHECK(ClientAbilities::of(static_cast<std::uint8_t>(bits)).bits() == bits);
    CHECK(ClientAbilities::of(0xe0) == ClientAbilities{});
}

TEST_CASE("only what was declared may be asked")
{
    const auto forms = abilities(R"({"elicitation":{}})");
    CHECK(can(forms, "elicitation/create", R"({"message":"m"})"));
    CHECK(can(forms, "elicitation/create", R"({"mode":"form"})"));
    CHECK_FALSE(can(forms, "elicitation/create", R"({"mode":"url"})"));
    CHECK_FALSE(can(forms, "sampling/createMessage", "{}"));
    CHECK_FALSE(can(forms, "roots/list", "{}"));
    CHECK(can(abilities(R"({"roots":{}})"), "roots/list", "{}"));
}
