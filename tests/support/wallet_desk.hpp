// SPDX-License-Identifier: Apache-2.0
// A state folder on which wallets are made: cheap keystores, keys that come again with their seed.
#pragma once

#include <sys/stat.h>

#include <map>
#include <vector>

#include "server/cli/wallet.hpp"
#include "tests/support/cli_desk.hpp"
#include "tests/support/seeded_entropy.hpp"

namespace purse::test {

inline constexpr ScryptCost kCheapScrypt{.n = 2, .r = 1, .p = 1};

class WalletDesk : public CliDesk {
public:
    std::map<std::string, std::string> variables;
    std::vector<std::string> typed;  ///< what a person answers, in order; empty: no terminal
    std::vector<std::string> asked;
    SeededEntropy entropy;

    /// What must never be printed: given to every command and looked for in what it says.
    static constexpr const char* kPassword = "correct horse battery staple";
    static constexpr const char* kKey =
        "4646464646464646464646464646464646464646464646464646464646464646";
    static constexpr const char* kUrlSecret = "0123secret";

    server::cli::WalletPorts ports()
    {
        return {.environment = [this](const char* name) -> std::optional<std::string> {
                    const auto found = variables.find(name);
                    return found == variables.end() ? std::nullopt : std::optional{found->second};
                },
                .ask = [this](std::string_view question) -> std::expected<SecretText, std::string> {
                    asked.emplace_back(question);
                    if (typed.empty())
                        return std::unexpected{std::string{"there is no terminal to ask"}};
                    SecretText answer{typed.front()};
                    typed.erase(typed.begin());
                    return answer;
                },
                .entropy = entropy,
                .clock = app().clock()};
    }

    std::string write_private(const std::string& name, std::string_view text)
    {
        auto path = write(name, text);
        ::chmod(path.c_str(), 0600);
        return path;
    }

    server::cli::WalletNewOptions options()
    {
        return {.chain = "base-sepolia",
                .urls = {std::string{"http://127.0.0.1:1/"} + kUrlSecret},
                .password_file = write_private("password", std::string{kPassword} + "\n"),
                .cost = kCheapScrypt};
    }
    int make(const server::cli::WalletNewOptions& options)
    {
        return run(server::cli::new_wallet, options, ports());
    }
    server::cli::WalletImportOptions import_of(server::cli::WalletRole role)
    {
        return {.role = role, .key_file = write_private("key", kKey), .cost = kCheapScrypt};
    }
    int bring(const server::cli::WalletImportOptions& options)
    {
        return run(server::cli::import_key, options, ports());
    }

    std::string in_wallet(const std::string& name) const
    {
        return settings.state_folder + "/wallet/" + name;
    }
    bool said_a_secret() const
    {
        const auto all = out + err;
        return has(all, kPassword) || has(all, kKey) || has(all, kUrlSecret);
    }
    static mode_t mode_of(const std::string& path)
    {
        struct stat status{};
        return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
    }

    WalletDesk() { settings.wallet_file = settings.state_folder + "/wallet/wallet.json"; }
};

}  // namespace purse::test
