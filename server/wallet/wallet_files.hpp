// SPDX-License-Identifier: Apache-2.0
// The wallet of a state folder: its document, the accounts it names, its password and its keys.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wallet/curve.hpp"
#include "wallet/nodes.hpp"
#include "wallet/secret.hpp"
#include "wallet/settings.hpp"
#include "wallet/signer.hpp"

namespace purse::server {

/// Reads one environment variable; nothing when it is unset or empty.
using WalletEnvironment = std::function<std::optional<std::string>(const char* name)>;

struct Wallet {
    std::string file;    ///< the document
    std::string folder;  ///< where it is: its own paths are relative to here
    WalletSettings settings;
    Address treasury;
};

/// The wallet at `file`. Nothing: there is none, and so no chain (unless the file `must_exist`).
/// The error says what is wrong with the document or with the treasury's keystore.
enum class Absent { is_fine, is_an_error };
std::expected<std::optional<Wallet>, std::string> find_wallet(const std::string& file,
                                                              Absent absent);

/// The account of a key, without its password.
std::expected<Address, std::string> account_of(const KeySource& key, const std::string& folder);

/// PURSE_WALLET_PASSWORD_FILE, the document's passwordFile, PURSE_WALLET_PASSWORD, in this order.
/// A file must be readable by its owner alone; a line end at its end does not count. The error
/// names all three when there is none.
std::expected<SecretText, std::string> wallet_password(const Wallet& wallet,
                                                       const WalletEnvironment& environment);
/// The password in one file, as above.
std::expected<SecretText, std::string> read_password(const std::string& file);

struct WalletKeys {
    std::unique_ptr<TreasurySigner> treasury;
    std::vector<std::unique_ptr<RelayerSigner>> relayers;
};

/// Opens every key; about a second each at the standard cost.
std::expected<WalletKeys, std::string> open_keys(const Wallet& wallet, const Curve& curve,
                                                 const WalletEnvironment& environment);

/// The nodes that the document names; nothing is asked yet.
std::expected<std::unique_ptr<Nodes>, std::string> open_nodes(const Wallet& wallet,
                                                              const Clock& clock, Entropy& entropy);

}  // namespace purse::server
