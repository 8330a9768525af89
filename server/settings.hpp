// SPDX-License-Identifier: Apache-2.0
// Where things are and who calls: from a flag, else the environment, else a default
// under the XDG folders.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "server/log.hpp"

namespace purse::server {

/// What was given on the command line; empty: not given.
struct Flags {
    std::string state;
    std::string policy;
    std::string wallet;
    std::string credential_file;
    std::string log_level;
};

/// Reads one environment variable; nothing when it is unset or empty.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// Names in the state folder.
inline constexpr const char* kLedgerFile = "ledger.db";
inline constexpr const char* kHeadKeyFile = "journal.key";
inline constexpr const char* kWalletFile = "wallet/wallet.json";
inline constexpr const char* kPayoutLockFile = "payout.lock";
inline constexpr const char* kWebhookLockFile = "webhook.lock";
inline constexpr const char* kShadowLockFile = "shadow.lock";

struct Settings {
    std::string state_folder;
    std::string policy_file;       ///< empty: none; the policy in the ledger, or the built-in one
    std::string wallet_file;       ///< the wallet's document, which need not be there
    bool wallet_is_named = false;  ///< by a flag or the environment: it must be there
    std::string credential;        ///< the secret; empty: none
    std::string operator_url;  ///< where the operator page is, as the environment says; or empty
    LogLevel log_level = LogLevel::warn;

    std::string ledger_file() const;
    std::string head_key_file() const;
};

/// Settles all settings; an error's text when one cannot be used. A variable that is a bundle
/// host's placeholder ("${user_config.policy}") is not given; any other placeholder is an error.
/// Reads the credential's file, touches nothing else.
std::expected<Settings, std::string> settle_settings(const Flags& flags,
                                                     const Environment& environment);

}  // namespace purse::server
