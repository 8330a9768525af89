// SPDX-License-Identifier: Apache-2.0
// Times of day at which money may be spent, in any time zone of the system's database.
// Decided by the local clock, so days on which it changes are exact. The only place
// that knows the time zone library.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/clock.hpp"

namespace date {
class time_zone;
}

namespace purse::policy {

/// One entry of "times": from..to on some days of the week, by the clock of one zone.
struct Hours {
    std::uint8_t days = 0x7f;  ///< bit 0 is Monday; the day on which the entry opens
    int from_minute = 0;       ///< minutes after local midnight
    int to_minute = 24 * 60;   ///< exclusive; not above from_minute: it crosses midnight
    std::string zone_name = "UTC";
    const date::time_zone* zone =
        nullptr;  ///< nullptr: UTC; otherwise lives as long as the process
};

/// The zone of an IANA name ("Europe/Berlin"): nullptr for "UTC", which needs no database;
/// nothing when the name is unknown or the system has no time zone data.
std::optional<const date::time_zone*> find_zone(std::string_view name);

/// True when any entry is open at that moment; also true when there are no entries.
bool open_at(std::span<const Hours> times, Instant at);

/// The first moment after `at` at which open_at() changes, at most limits::kHoursSearch
/// ahead; nothing when it does not change until then.
std::optional<Instant> next_change(std::span<const Hours> times, Instant at);

/// "Mon-Fri 08:00-18:00 Europe/Berlin; Sat 10:00-12:00 UTC", for people.
std::string to_string(std::span<const Hours> times);

}  // namespace purse::policy
