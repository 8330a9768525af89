// SPDX-License-Identifier: Apache-2.0
#include "ledger/calendar.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace purse {

namespace {
using std::chrono::days;
using std::chrono::floor;
using std::chrono::microseconds;
using std::chrono::sys_days;
using std::chrono::sys_time;

sys_time<microseconds> to_chrono(Instant at) noexcept { return sys_time<microseconds>{microseconds{at.us}}; }

Instant from_chrono(sys_time<microseconds> at) noexcept { return {at.time_since_epoch().count()}; }

sys_days month_start(Instant at) noexcept
{
    const std::chrono::year_month_day date{floor<days>(to_chrono(at))};
    return sys_days{date.year() / date.month() / 1};
}

sys_days week_start(Instant at) noexcept
{
    const auto day = floor<days>(to_chrono(at));
    return day - (std::chrono::weekday{day} - std::chrono::Monday);
}

struct Unit {
    std::string_view name;
    std::int64_t us;
};
constexpr std::array kUnits{Unit{"w", 604'800'000'000}, Unit{"d", 86'400'000'000}, Unit{"h", 3'600'000'000},
                            Unit{"m", 60'000'000},      Unit{"s", 1'000'000},      Unit{"ms", 1'000}};
// Ten years: longer than any budget, short enough that sums of two stay far from overflow.
constexpr std::int64_t kSpanMaxUs = 3'660 * kUnits[1].us;
}  // namespace

Instant window_start(Window window, Instant at) noexcept
{
    switch (window) {
    case Window::hour: return from_chrono(floor<std::chrono::hours>(to_chrono(at)));
    case Window::day: return from_chrono(floor<days>(to_chrono(at)));
    case Window::week: return from_chrono(week_start(at));
    case Window::month: return from_chrono(month_start(at));
    case Window::lifetime:
    case Window::rolling: break;
    }
    return {};
}

Instant window_end(Window window, Instant at) noexcept
{
    switch (window) {
    case Window::hour: return window_start(window, at) + Span::hours(1);
    case Window::day: return window_start(window, at) + Span::days(1);
    case Window::week: return window_start(window, at) + Span::days(7);
    case Window::month: return from_chrono(month_start(window_start(window, at) + Span::days(32)));
    case Window::lifetime:
    case Window::rolling: break;
    }
    return Instant::never();
}

std::string to_rfc3339(Instant at)
{
    const auto day = floor<days>(to_chrono(at));
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{to_chrono(at) - day};
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                  static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
                  static_cast<int>(time.subseconds().count()));
    return text.data();
}

std::string to_words(Instant at)
{
    auto text = to_rfc3339(at);
    text[10] = ' ';
    text.resize(text.find('.'));
    return text + " UTC";
}

std::string to_string(Span span)
{
    for (const auto& unit : kUnits)
        if (span.us >= unit.us && span.us % unit.us == 0)
            return std::to_string(span.us / unit.us).append(unit.name);
    return std::to_string(span.us / 1'000) + "ms";
}

std::optional<Span> parse_span(std::string_view text) noexcept
{
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    const auto [stop, ec] = std::from_chars(text.data(), end, number);
    if (ec != std::errc{}) return std::nullopt;
    const std::string_view name{stop, end};
    for (const auto& unit : kUnits) {
        if (unit.name != name) continue;
        std::int64_t us = 0;
        if (__builtin_mul_overflow(number, unit.us, &us) || us < 1'000 || us > kSpanMaxUs)
            return std::nullopt;
        return Span{us};
    }
    return std::nullopt;
}

}  // namespace purse
