// SPDX-License-Identifier: Apache-2.0
// purse wallet: makes the keys that pay over a chain and shows what they can do. No key, password
// or URL's secret is ever printed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/app.hpp"
#include "server/cli/output.hpp"
#include "server/cli/password.hpp"
#include "server/wallet/wallet_files.hpp"
#include "wallet/keystore.hpp"

namespace purse::server::cli {

/// What these commands take from around them.
struct WalletPorts {
    WalletEnvironment environment;
    AskSecret ask;
    Entropy& entropy;
    const Clock& clock;
};
/// The process's environment and terminal, the machine's entropy and clock.
WalletPorts wallet_ports(App& app);

/// The password for keystores that are to be made: a file that is named, the environment, else a
/// person. `source` says how servers come to it.
struct WalletPassword {
    SecretText text;
    std::string source;
};
std::expected<WalletPassword, std::string> new_password(const std::string& file,
                                                        const WalletPorts& ports);

struct WalletNewOptions {
    std::string chain;  ///< a known one; empty: described by the next four
    std::int64_t chain_id = 0;
    std::string token;
    std::string token_name;
    std::string token_version;
    std::vector<std::string> urls;
    bool insecure_http = false;
    std::int64_t relayers = 1;
    std::string password_file;
    std::string treasury_key_file;  ///< empty: a fresh key, or the keystore that was imported
    ScryptCost cost = kStandardScrypt;
    Form form = Form::words;
};
/// Makes the wallet of the settings, whole or not at all; overwrites nothing.
int new_wallet(App& app, const WalletNewOptions& options, const WalletPorts& ports, Output& output);

enum class WalletRole { treasury, relayer };

struct WalletImportOptions {
    WalletRole role = WalletRole::relayer;
    std::string key_file;            ///< this or the next: a raw key in hexadecimal
    std::string keystore;            ///< Web3 Secret Storage v3
    std::string from_password_file;  ///< of that keystore; empty: asked
    std::string password_file;       ///< of this wallet; empty: as servers find it, or asked
    ScryptCost cost = kStandardScrypt;
    Form form = Form::words;
};
/// Brings a key into a keystore of this wallet.
int import_key(App& app, const WalletImportOptions& options, const WalletPorts& ports,
               Output& output);

/// Treasury and relayers, one a line.
int show_addresses(App& app, Form form, Output& output);
/// The document in words, its files' permissions, and the chain check.
int show_wallet(App& app, Form form, const WalletPorts& ports, Output& output);
/// What chain and ledger say that there is.
int show_balance(App& app, Form form, const WalletPorts& ports, Output& output);

struct WalletCancelOptions {
    std::int64_t id = 0;
    std::string note;
};
/// Has the worker cancel a payout's authorization.
int cancel_payout(App& app, const WalletCancelOptions& options, Output& output);

// What they share.

/// Of the settings; otherwise it has been told why not.
std::expected<Wallet, int> wallet_of(const Settings& settings, Output& output);

/// "keystore treasury.json", "remote signer https://host".
std::string key_words(const KeySource& key);

/// What others could do with the wallet's files, a sentence each with how to mend it.
struct PermissionTrouble {
    std::string what;
    std::string mend;
    bool is_grave = false;  ///< servers refuse it
};
std::vector<PermissionTrouble> permission_troubles(const Wallet& wallet);

}  // namespace purse::server::cli
