// SPDX-License-Identifier: Apache-2.0
#include "policy/hours.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

#include "policy/limits.hpp"

namespace purse::policy {

namespace {
using std::chrono::microseconds;
using std::chrono::seconds;

constexpr int kDayMinutes = 24 * 60;
constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kDayUs = kDayMinutes * kMinuteUs;
constexpr std::int64_t kDaysInWeek = 7;
// 1970-01-01 was a Thursday, the day after three since Monday.
constexpr std::int64_t kEpochWeekday = 3;
constexpr std::array<std::string_view, 7> kDayNames{"Mon", "Tue", "Wed", "Thu",
                                                    "Fri", "Sat", "Sun"};

/// A stretch of time in which a zone's clock runs evenly.
struct Stretch {
    Instant begin;
    Instant end;  ///< exclusive
    Span offset;  ///< local clock minus UTC
};

Stretch stretch_at(const Hours& hours, Instant at)
{
    if (hours.zone == nullptr) return {{0}, Instant::never(), {}};
    const auto moment =
        std::chrono::floor<seconds>(date::sys_time<microseconds>{microseconds{at.us}});
    const auto info = hours.zone->get_info(moment);
    const auto us_of = [](date::sys_seconds time) {
        // The first and the last stretch of a zone reach beyond what microseconds can say.
        constexpr auto kLimit = Instant::never().us / 1'000'000;
        const auto count =
            std::clamp<std::int64_t>(time.time_since_epoch().count(), -kLimit, kLimit);
        return Instant{count * 1'000'000};
    };
    return {us_of(info.begin), us_of(info.end), {microseconds{info.offset}.count()}};
}

std::int64_t floor_div(std::int64_t value, std::int64_t by) noexcept
{
    return value / by - (value % by < 0 ? 1 : 0);
}

bool has_day(const Hours& hours, std::int64_t day) noexcept
{
    const auto weekday = (day + kEpochWeekday) % kDaysInWeek;
    return (hours.days >> ((weekday + kDaysInWeek) % kDaysInWeek) & 1) != 0;
}

/// By the local clock: `local_us` counts as if the zone were UTC.
bool open_at_local(const Hours& hours, std::int64_t local_us) noexcept
{
    const auto day = floor_div(local_us, kDayUs);
    const auto minute = (local_us - day * kDayUs) / kMinuteUs;
    if (hours.from_minute < hours.to_minute)
        return has_day(hours, day) && minute >= hours.from_minute && minute < hours.to_minute;
    return (has_day(hours, day) && minute >= hours.from_minute) ||
           (has_day(hours, day - 1) && minute < hours.to_minute);
}

/// All moments in (at, until] at which this entry might open or close.
void collect_edges(const Hours& hours, Instant at, Instant until, std::vector<Instant>& edges)
{
    for (auto from = at; from <= until;) {
        const auto stretch = stretch_at(hours, from);
        const auto last = std::min(stretch.end, until);
        const auto day_end = floor_div((last + stretch.offset).us, kDayUs);
        for (auto day = floor_div((from + stretch.offset).us, kDayUs) - 1; day <= day_end; ++day)
            for (const int minute : {hours.from_minute, hours.to_minute}) {
                const Instant edge{day * kDayUs + minute * kMinuteUs - stretch.offset.us};
                if (edge > at && edge >= stretch.begin && edge <= last) edges.push_back(edge);
            }
        // The clock is set: what it then shows may be open or closed.
        if (stretch.end > until) return;
        edges.push_back(stretch.end);
        from = stretch.end;
    }
}

std::string words_for_days(std::uint8_t days)
{
    std::string text;
    for (std::size_t first = 0; first < kDayNames.size(); ++first) {
        if ((days >> first & 1) == 0) continue;
        auto last = first;
        while (last + 1 < kDayNames.size() && (days >> (last + 1) & 1) != 0) ++last;
        if (!text.empty()) text += ',';
        text += kDayNames[first];
        if (last > first) text.append(last == first + 1 ? "," : "-").append(kDayNames[last]);
        first = last;
    }
    return text;
}

std::string words_for_minute(int minute)
{
    const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return two(minute / 60) + ":" + two(minute % 60);
}
}  // namespace

std::optional<const date::time_zone*> find_zone(std::string_view name)
{
    if (name == "UTC") return nullptr;
    try {
        const auto* zone = date::locate_zone(std::string{name});
        // Reads the zone's file now: a decision must not be where that fails.
        static_cast<void>(zone->get_info(date::sys_seconds{}));
        return zone;
    } catch (const std::runtime_error&) {
        return std::nullopt;
    }
}

bool open_at(std::span<const Hours> times, Instant at)
{
    return times.empty() || std::ranges::any_of(times, [at](const Hours& hours) {
               return open_at_local(hours, (at + stretch_at(hours, at).offset).us);
           });
}

std::optional<Instant> next_change(std::span<const Hours> times, Instant at)
{
    std::vector<Instant> edges;
    for (const auto& hours : times) collect_edges(hours, at, at + limits::kHoursSearch, edges);
    std::ranges::sort(edges);
    const bool is_open = open_at(times, at);
    const auto change =
        std::ranges::find_if(edges, [&](Instant edge) { return open_at(times, edge) != is_open; });
    if (change == edges.end()) return std::nullopt;
    return *change;
}

std::string to_string(std::span<const Hours> times)
{
    std::string text;
    for (const auto& hours : times) {
        if (!text.empty()) text += "; ";
        text += words_for_days(hours.days) + " " + words_for_minute(hours.from_minute) + "-" +
                words_for_minute(hours.to_minute) + " " + hours.zone_name;
    }
    return text;
}

}  // namespace purse::policy
