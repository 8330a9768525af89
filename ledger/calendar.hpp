// SPDX-License-Identifier: Apache-2.0
// UTC calendar windows and RFC 3339 times.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/clock.hpp"

namespace purse {

/// The stretches of time over which a cap counts.
enum class Window : std::uint8_t {
    lifetime,  ///< for ever
    hour,      ///< UTC clock hour
    day,       ///< UTC day, from 00:00
    week,      ///< ISO week: from Monday 00:00 UTC
    month,     ///< UTC month, from the first 00:00
    rolling,   ///< the last `span`, ending now; exact
};

/// The start of the calendar window that holds `at`; Instant{0} for lifetime and rolling.
Instant window_start(Window window, Instant at) noexcept;

/// The start of the next calendar window; Instant::never() for lifetime and rolling.
Instant window_end(Window window, Instant at) noexcept;

/// "2026-11-23T17:04:05.000123Z", always six decimals: sorts as text.
std::string to_rfc3339(Instant at);

/// The moment of a text in exactly the form to_rfc3339() writes; nothing for any other.
std::optional<Instant> from_rfc3339(std::string_view text) noexcept;

/// "2026-11-23 17:04:05 UTC", for people; whole seconds.
std::string to_words(Instant at);

/// "lifetime", "hour", "day", "week", "month", "rolling".
std::string_view wire_name(Window window) noexcept;
/// Inverse of wire_name.
std::optional<Window> window_of(std::string_view name) noexcept;

/// "1h", "90s", "2m", "1d", "250ms": the largest unit that divides it. Inverse of parse_span.
std::string to_string(Span span);

/// Reads a whole number and a unit of ms, s, m, h, d or w ("90s", "1h", "30d"). At least 1 ms,
/// at most 3,660 days; anything else is nothing.
std::optional<Span> parse_span(std::string_view text) noexcept;

}  // namespace purse
