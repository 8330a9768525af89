// SPDX-License-Identifier: Apache-2.0
#include "policy/hours_reader.hpp"

#include <algorithm>
#include <array>

#include "policy/limits.hpp"

namespace purse::policy {

namespace {
using json::Value;

constexpr int kDayMinutes = 24 * 60;
constexpr std::array<std::string_view, 7> kDays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

void read_days(Reader& reader, const Value& value, Hours& hours)
{
    hours.days = 0;
    std::size_t index = 0;
    for (const auto& item : reader.array(value, kDays.size())) {
        const Reader::Step step{reader, index++};
        static constexpr std::string_view kExpected = "one of mon, tue, wed, thu, fri, sat, sun";
        const auto name = reader.text(item, kExpected);
        if (!name) continue;
        const auto day = std::ranges::find(kDays, *name);
        if (day == kDays.end())
            reader.wrong(quoted(*name) + " is not a day", std::string{kExpected});
        else
            hours.days = static_cast<std::uint8_t>(hours.days | 1U << (day - kDays.begin()));
    }
    if (value.is(json::Kind::array) && value.items().empty())
        reader.wrong("has no day", "at least one day, or no \"days\" for every day");
}

void read_zone(Reader& reader, const Value& value, Hours& hours)
{
    static constexpr std::string_view kExpected =
        "a name of the IANA time zone database such as \"Europe/Berlin\"";
    const auto name = reader.text(value, kExpected);
    if (!name) return;
    if (const auto zone = find_zone(*name)) {
        hours.zone_name = std::string{*name};
        hours.zone = *zone;
    } else {
        reader.wrong(quoted(*name) + " is not a time zone of this system", std::string{kExpected});
    }
}

constexpr Field<Hours> kTimesFields[] = {
    {"days", read_days},
    {"from",
     [](Reader& r, const Value& v, Hours& h) {
         const auto minute = r.time_of_day(v);
         if (!minute) return;
         if (*minute == kDayMinutes)
             r.wrong("\"24:00\" is the end of a day", "\"00:00\" of the next one");
         else
             h.from_minute = *minute;
     }},
    {"to",
     [](Reader& r, const Value& v, Hours& h) {
         if (const auto minute = r.time_of_day(v)) h.to_minute = *minute;
     }},
    {"timeZone", read_zone},
};
}  // namespace

std::vector<Hours> read_times(Reader& reader, const Value& value)
{
    std::vector<Hours> times;
    std::size_t index = 0;
    for (const auto& item : reader.array(value, limits::kTimesMax)) {
        const Reader::Step step{reader, index++};
        Hours hours;
        if (!read_fields(reader, item, kTimesFields, hours)) continue;
        if (hours.from_minute == hours.to_minute)
            reader.wrong("opens and closes at the same time",
                         "a \"from\" that differs from \"to\"");
        times.push_back(std::move(hours));
    }
    if (value.is(json::Kind::array) && value.items().empty())
        reader.wrong("has no entry",
                     "at least one, or no \"times\" for always; to stop an agent use \"frozen\"");
    return times;
}

KnownFields known_times_fields()
{
    return {"times", names_of(kTimesFields)};
}

}  // namespace purse::policy
