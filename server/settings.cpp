// SPDX-License-Identifier: Apache-2.0
#include "server/settings.hpp"

#include <filesystem>
#include <fstream>

#include "server/limits.hpp"

namespace purse::server {

namespace {
namespace fs = std::filesystem;

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
    if (const auto secret = environment("PURSE_CREDENTIAL")) return *secret;
    if (const auto file = environment("PURSE_CREDENTIAL_FILE")) return read_credential(*file);
    return std::string{};
}

std::string policy_from(const Flags& flags, const Environment& environment)
{
    if (!flags.policy.empty()) return flags.policy;
    if (const auto file = environment("PURSE_POLICY")) return *file;
    const auto folder = folder_under(environment, "XDG_CONFIG_HOME", ".config");
    if (!folder) return {};
    auto file = *folder + "/policy.jsonc";
    std::error_code error;
    return fs::exists(file, error) ? file : std::string{};
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
    if (!flags.state.empty())
        settings.state_folder = flags.state;
    else if (const auto folder = environment("PURSE_STATE"))
        settings.state_folder = *folder;
    else if (auto found = folder_under(environment, "XDG_STATE_HOME", ".local/state"))
        settings.state_folder = std::move(*found);
    else
        return std::unexpected{found.error()};

    settings.policy_file = policy_from(flags, environment);
    // The journal names where a document came from; a relative path would say little.
    std::error_code error;
    if (!settings.policy_file.empty())
        if (auto whole = fs::absolute(settings.policy_file, error); !error)
            settings.policy_file = whole.lexically_normal().string();
    settings.wallet_file =
        !flags.wallet.empty() ? flags.wallet : environment("PURSE_WALLET").value_or("");
    settings.wallet_is_named = !settings.wallet_file.empty();
    if (!settings.wallet_is_named) settings.wallet_file = settings.state_folder + "/" + kWalletFile;
    auto credential = credential_from(flags, environment);
    if (!credential) return std::unexpected{credential.error()};
    settings.credential = std::move(*credential);

    settings.operator_url = environment("PURSE_OPERATOR_URL").value_or("");

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
