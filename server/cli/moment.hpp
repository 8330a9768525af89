// SPDX-License-Identifier: Apache-2.0
// Moments as a person writes them on a command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/calendar.hpp"

namespace purse::server::cli {

/// "2026-11-20", "2026-11-20T17:04", "2026-11-20T17:04:05", with up to six decimals, with or
/// without a "Z", always UTC; or a span such as "7d": so long before `now`. Nothing for any other.
std::optional<Instant> parse_moment(std::string_view text, Instant now);

/// For CLI11: what is wrong with such a text; empty: nothing.
std::string check_moment(const std::string& text);

}  // namespace purse::server::cli
