// SPDX-License-Identifier: Apache-2.0
#include "server/settings.hpp"

#include <catch2/catch.hpp>
#include <map>

using namespace purse::server;

namespace {
using Variables = std::map<std::string, std::string>;

/// Settles with these variables and a home. An empty variable is as good as none, as in the
/// program's own environment.
std::expected<Settings, std::string> settled(Variables variables, const Flags& flags = {})
{
    variables.emplace("HOME", "/nowhere");
    return settle_settings(flags, [variables](const char* name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end() || found->second.empty()) return std::nullopt;
        return found->second;
    });
}
}  // namespace

TEST_CASE("settings: a field of a bundle that was left empty is not given")
{
    for (const auto* empty : {"", "@"}) {
        const auto placeholder = [empty](const char* key) {
            return *empty == '@' ? std::string{"${user_config."} + key + "}" : std::string{};
        };
        const auto settings = settled({{"PURSE_STATE", placeholder("state_folder")},
                                       {"PURSE_POLICY", placeholder("policy")},
                                       {"PURSE_WALLET", placeholder("wallet")},
                                       {"PURSE_CREDENTIAL", placeholder("credential")},
                                       {"PURSE_CREDENTIAL_FILE", placeholder("credential_file")}});
        INFO(placeholder("credential"));
        REQUIRE(settings);
        CHECK(settings->state_folder == "/nowhere/.local/state/purse");
        CHECK(settings->policy_file.empty());
        CHECK(settings->wallet_file == "/nowhere/.local/state/purse/wallet/wallet.json");
        CHECK_FALSE(settings->wallet_is_named);
        CHECK(settings->credential.empty());
    }
}

TEST_CASE("settings: a field of a bundle that was filled in is taken")
{
    const auto settings = settled({{"PURSE_STATE", "/elsewhere/purse"},
                                   {"PURSE_POLICY", "/elsewhere/policy.jsonc"},
                                   {"PURSE_CREDENTIAL", "purse_painter_x"}});
    REQUIRE(settings);
    CHECK(settings->state_folder == "/elsewhere/purse");
    CHECK(settings->policy_file == "/elsewhere/policy.jsonc");
    CHECK(settings->credential == "purse_painter_x");
}

TEST_CASE("settings: a placeholder that should have become a value is named")
{
    for (const auto* name : {"PURSE_STATE", "PURSE_POLICY", "PURSE_WALLET", "PURSE_CREDENTIAL",
                             "PURSE_CREDENTIAL_FILE"}) {
        for (const auto* value : {"${HOME}/purse", "${env:PURSE}", "${input:purse}", "${",
                                  "${user_config.folder}/purse", "${user_config.folder"}) {
            INFO(name << "=" << value);
            const auto settings = settled({{name, value}});
            REQUIRE_FALSE(settings);
            CHECK(settings.error().starts_with(std::string{name} + " is \"" + value + "\""));
        }
    }
}

TEST_CASE("settings: a flag goes before a variable, whatever that says")
{
    const auto settings = settled(
        {{"PURSE_STATE", "${HOME}"}, {"PURSE_POLICY", "${HOME}"}, {"PURSE_WALLET", "${HOME}"}},
        {.state = "/flag/state",
         .policy = "/flag/policy.jsonc",
         .wallet = "/flag/wallet.json",
         .credential_file = {},
         .log_level = {}});
    REQUIRE(settings);
    CHECK(settings->state_folder == "/flag/state");
    CHECK(settings->policy_file == "/flag/policy.jsonc");
    CHECK(settings->wallet_file == "/flag/wallet.json");
    CHECK(settings->wallet_is_named);
}
