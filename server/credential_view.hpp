// SPDX-License-Identifier: Apache-2.0
// Credentials as the operator sees them; never their secrets.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "ledger/store.hpp"

namespace purse::server {

/// Neither revoked nor expired.
bool is_live(const CredentialRow& row, Instant now) noexcept;
/// "live", "revoked" or "expired".
std::string_view credential_state(const CredentialRow& row, Instant now);
boost::json::object credential_json(const CredentialRow& row, Instant now);

}  // namespace purse::server
