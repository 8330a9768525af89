// SPDX-License-Identifier: Apache-2.0
#include "server/cli/moment.hpp"

namespace purse::server::cli {

std::optional<Instant> parse_moment(std::string_view text, Instant now)
{
    if (const auto ago = parse_span(text)) return now - *ago;
    // What is left out is the earliest there is.
    static constexpr std::string_view kWhole = "0000-00-00T00:00:00.000000Z";
    static constexpr std::size_t kDate = 10;
    static constexpr std::size_t kMinute = 16;
    static constexpr std::size_t kSecond = 19;
    if (text.ends_with('Z')) text.remove_suffix(1);
    const auto size = text.size();
    const bool has_decimals = size > kSecond + 1 && size < kWhole.size() && text[kSecond] == '.';
    if (size != kDate && size != kMinute && size != kSecond && !has_decimals) return std::nullopt;
    return from_rfc3339(std::string{text} + std::string{kWhole.substr(size)});
}

std::string check_moment(const std::string& text)
{
    return parse_moment(text, {})
               ? std::string{}
               : "\"" + text +
                     "\" is not a time such as 2026-11-20, 2026-11-20T17:04:05Z (UTC), or 7d for "
                     "seven days ago";
}

}  // namespace purse::server::cli
