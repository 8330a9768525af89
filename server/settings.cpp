// SPDX-License-Identifier: Apache-2.0
#include "server/settings.hpp"

#include <filesystem>
#include <fstream>

#include "server/limits.hpp"

namespace purse::server {

namespace {
namespace fs = std::filesystem;

/// What the environment gives. A host that starts servers from a bundle leaves its placeholder
/// standing, "${user_config.policy}", for a field that its user left empty: that is nothing given.
/// Any other placeholder was meant to become a value, and as a path it would name a new folder.
std::expected<std::optional<std::string>, std::string> given(const Environment& environment,
                                                             const char* name)
{
    auto value = environment(name);
    if (!value || !value->starts_with("${")) return value;
    if (value->starts_with("${user_config.") && value->find('}') == value->size() - 1)
        return std::nullopt;
    return std::unexpected{std::string{name} + " is \"" + *value +
                           "\": what started purse put no value in this placeholder's place; " +
                           "write the value itself, or leave " + name + " out"};
}

std::expected<std::string, std::string> folder_under(const Environment& environment,
                                                     const char* variable, const char* in_home)
{
    // The XDG specification has relative paths ignored.
    if (const auto folder = environment(variable); folder && fs::path{*folder}.is_absolute())
        return *folder + "/purse";
    const auto home = environment("HOME");
    if (!home)
        return std::unexpected{std::string{"neither "} + variable +
                               " nor HOME is set; give --state DIR"};
    return *home + "/" + in_home + "/purse";
}

std::expected<std::string, std::string> read_credential(const std::string& file)
{
    std::ifstream in{file};
    std::string secret;
    if (!in || !std::getline(in, secret))
        return std::unexpected{"cannot read the credential from " + file};
    while (!secret.empty() && (secret.back() == '\r' || secret.back() == ' ')) secret.pop_back();
    return secret;
}

std::expected<std::string, std::string> credential_from(const Flags& flags,
                                                        const Environment& environment)
{
    if (!flags.credential_file.empty()) return read_credential(flags.credential_file);
    const auto secret = given(environment, "PURSE_CREDENTIAL");
    if (!secret) return std::unexpected{secret.error()};
    if (*secret) return **secret;
    const auto file = given(environment, "PURSE_CREDENTIAL_FILE");
    if (!file) return std::unexpected{file.error()};
    return *file ? read_credential(**file) : std::string{};
}

std::expected<std::string, std::string> policy_from(const Flags& flags,
                                                    const Environment& environment)
{
    if (!flags.policy.empty()) return flags.policy;
    const auto named = given(environment, "PURSE_POLICY");
    if (!named) return std::unexpected{named.error()};
    if (*named) return **named;
    const auto folder = folder_under(environment, "XDG_CONFIG_HOME", ".config");
    if (!folder) return {};
    auto file = *folder + "/policy.jsonc";
    std::error_code error;
    return fs::exists(file, error) ? file : std::string{};
}

std::expected<std::string, std::string> state_from(const Flags& flags,
                                                   const Environment& environment)
{
    if (!flags.state.empty()) return flags.state;
    const auto named = given(environment, "PURSE_STATE");
    if (!named) return std::unexpected{named.error()};
    return *named ? **named : folder_under(environment, "XDG_STATE_HOME", ".local/state");
}
}  // namespace

std::string Settings::ledger_file() const
{
    return state_folder + "/" + kLedgerFile;
}

std::string Settings::head_key_file() const
{
    return state_folder + "/" + kHeadKeyFile;
}

std::expected<Settings, std::string> settle_settings(const Flags& flags,
                                                     const Environment& environment)
{
    Settings settings;
    auto state = state_from(flags, environment);
    if (!state) return std::unexpected{state.error()};
    settings.state_folder = std::move(*state);
    auto policy = policy_from(flags, environment);
    if (!policy) return std::unexpected{policy.error()};
    settings.policy_file = std::move(*policy);
    // The journal names where a document came from; a relative path would say little.
    std::error_code error;
    if (!settings.policy_file.empty())
        if (auto whole = fs::absolute(settings.policy_file, error); !error)
            settings.policy_file = whole.lexically_normal().string();
    const auto wallet = given(environment, "PURSE_WALLET");
    if (flags.wallet.empty() && !wallet) return std::unexpected{wallet.error()};
    settings.wallet_file = !flags.wallet.empty() ? flags.wallet : wallet->value_or("");
    settings.wallet_is_named = !settings.wallet_file.empty();
    if (!settings.wallet_is_named) settings.wallet_file = settings.state_folder + "/" + kWalletFile;
    auto credential = credential_from(flags, environment);
    if (!credential) return std::unexpected{credential.error()};
    settings.credential = std::move(*credential);

    const auto operator_url = given(environment, "PURSE_OPERATOR_URL");
    if (!operator_url) return std::unexpected{operator_url.error()};
    settings.operator_url = operator_url->value_or("");

    const auto level =
        !flags.log_level.empty() ? std::optional{flags.log_level} : environment("PURSE_LOG");
    if (level) {
        const auto known = parse_log_level(*level);
        if (!known)
            return std::unexpected{"the log level is \"" + *level +
                                   "\"; known are debug, info, warn, error and off"};
        settings.log_level = *known;
    }
    return settings;
}

}  // namespace purse::server
