// SPDX-License-Identifier: Apache-2.0
// Keystores as files: nobody else may read them, and none is ever overwritten or half written.
#pragma once

#include <expected>
#include <string>

#include "wallet/keystore.hpp"

namespace purse {

/// Reads a keystore. Refuses what is no regular file (also a link to one), belongs to another user
/// or gives any right to group or others; the error says what to do.
std::expected<Keystore, KeystoreError> load_keystore(const std::string& path);

/// Writes a key under a password to a file that does not exist yet, mode 0600. It is written beside
/// and made durable, read back and opened with the password; only then does it get its name. On an
/// error nothing is left behind, but for the last one: a folder that cannot be made durable.
std::expected<void, KeystoreError> save_keystore(const std::string& path, const Curve& curve,
                                                 const SecretKey& key, const SecretText& password,
                                                 const ScryptCost& cost, Entropy& entropy);

}  // namespace purse
