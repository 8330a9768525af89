// SPDX-License-Identifier: Apache-2.0
// Small files that are their user's alone: secrets, and what belongs beside them. Never read when
// others could, never half written.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "wallet/secret.hpp"

namespace purse::server {

/// Reads a secret. `what` names the file in errors: "the password file". Refuses what is no
/// regular file (also a link to one), belongs to another user, gives any right to group or others,
/// is empty or longer than `bytes_max`. Line ends at its end do not count.
std::expected<SecretText, std::string> read_secret(const std::string& file, std::string_view what,
                                                   std::size_t bytes_max);

/// Writes a file that does not exist yet, mode 0600, durable before it gets its name. On an error
/// nothing is left behind.
std::expected<void, std::string> create_private(const std::string& file, std::string_view text);

/// The same over a file that is there: a reader sees the old text or the new one.
std::expected<void, std::string> replace_private(const std::string& file, std::string_view text);

}  // namespace purse::server
