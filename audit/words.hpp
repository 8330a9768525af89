// SPDX-License-Identifier: Apache-2.0
// The journal's words for amounts, times and spans, read once more and on purpose by code of the
// auditor's own. Every reader throws Unreadable, with what it could not read.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace purse::auditor {

struct Unreadable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Micro-USDC of "12.000001": digits, then at most six decimals.
std::int64_t micro_of(std::string_view decimal);
/// "12.000001" of micro-USDC, with at least two decimals.
std::string usdc(std::int64_t micro);
/// Microseconds since 1970 of "2026-11-23T17:04:05.000123Z".
std::int64_t time_of(std::string_view rfc3339);
/// The same text of it.
std::string rfc3339_of(std::int64_t micros);
/// Microseconds of "90s", "2m", "12h", "30d", "250ms", "2w".
std::int64_t span_of(std::string_view text);
/// The same of the length in a cap's kind, "rolling 1h", "count 1m", "loop 30s"; 0: it has none.
std::int64_t span_in_kind(std::string_view kind);
/// True for caps that count calls and not money.
bool counts_calls(std::string_view kind) noexcept;
/// When the calendar window of a cap of this kind began that `now` is in; 0 for all other kinds.
std::int64_t window_start(std::string_view kind, std::int64_t now);

/// A member that is text; without it "".
std::string text_of(const boost::json::object& object, std::string_view name);
/// A member that has to be there: text; a whole number.
std::string required_text(const boost::json::object& object, std::string_view name);
std::int64_t required_number(const boost::json::object& object, std::string_view name);

}  // namespace purse::auditor
