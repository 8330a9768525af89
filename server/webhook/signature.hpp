// SPDX-License-Identifier: Apache-2.0
// Signatures as the Standard Webhooks specification (1.0.0) has them, the symmetric kind.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace purse::server {

/// RFC 4648, section 4, with padding.
std::string to_base64(std::string_view bytes);

/// "whsec_" and the key in base 64: what a receiver is given.
std::string webhook_secret_text(std::string_view key);

/// "v1," and the HMAC-SHA256 of "id.timestamp.body" in base 64.
std::string webhook_signature(std::string_view key, std::string_view id, std::string_view timestamp,
                              std::string_view body);

}  // namespace purse::server
