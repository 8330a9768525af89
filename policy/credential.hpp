// SPDX-License-Identifier: Apache-2.0
// Credentials: the secret that proves who spends. A secret exists once, in the answer of
// issue(); only its SHA-256 is ever stored. Nothing here prints, logs or repeats a secret.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/entropy.hpp"
#include "ledger/store.hpp"
#include "policy/name.hpp"

namespace purse::policy {

struct IssueRequest {
    std::string agent;  ///< must be a name that is_name() accepts
    Instant now;
    Instant expires_at = Instant::never();
    std::string note;
};

struct IssuedCredential {
    std::string secret;  ///< "purse_<agent>_" and 52 base-32 characters: 256 random bits
    CredentialRow row;   ///< id: "cred_" and 10 base-32 characters
};

/// Throws what `entropy` throws.
IssuedCredential issue(const IssueRequest& request, Entropy& entropy);

/// SHA-256 of the whole secret, as CredentialRow::hash holds it.
Digest credential_hash(std::string_view secret);

/// The agent a secret says it belongs to, for error messages: proves nothing. Nothing when the
/// text does not have the form of a secret.
std::optional<std::string_view> parse_handle(std::string_view secret) noexcept;

}  // namespace purse::policy
