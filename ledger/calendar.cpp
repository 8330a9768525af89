// SPDX-License-Identifier: Apache-2.0
#include "ledger/calendar.hpp"

#include <array>
#include <charconv>
#include <chrono>

namespace purse {

namespace {
using std::chrono::days;
using std::chrono::floor;
using std::chrono::microseconds;
using std::chrono::sys_days;
using std::chrono::sys_time;

sys_time<microseconds> to_chrono(Instant at) noexcept
{
    return sys_time<microseconds>{microseconds{at.us}};
}

Instant from_chrono(sys_time<microseconds> at) noexcept
{
    return {at.time_since_epoch().count()};
}

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

struct SpanUnit {
    std::string_view name;
    std::int64_t us;
};
constexpr std::array kUnits{SpanUnit{"w", 604'800'000'000}, SpanUnit{"d", 86'400'000'000},
                            SpanUnit{"h", 3'600'000'000},   SpanUnit{"m", 60'000'000},
                            SpanUnit{"s", 1'000'000},       SpanUnit{"ms", 1'000}};
constexpr std::array<std::string_view, 6> kWindowNames{"lifetime", "hour",  "day",
                                                       "week",     "month", "rolling"};
constexpr std::string_view kTimePattern = "0000-00-00T00:00:00.000000Z";

void put_digits(std::string& text, std::size_t at, std::size_t count, std::int64_t number) noexcept
{
    for (std::size_t i = count; i-- > 0; number /= 10)
        text[at + i] = static_cast<char>('0' + number % 10);
}

std::int64_t get_digits(std::string_view text, std::size_t at, std::size_t count) noexcept
{
    std::int64_t number = 0;
    for (const char c : text.substr(at, count)) number = number * 10 + (c - '0');
    return number;
}
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
        case Window::month:
            return from_chrono(month_start(window_start(window, at) + Span::days(32)));
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
    std::string text = kTimePattern.data();
    // Written by hand: this runs several times for every decision.
    put_digits(text, 0, 4, static_cast<int>(date.year()));
    put_digits(text, 5, 2, static_cast<unsigned>(date.month()));
    put_digits(text, 8, 2, static_cast<unsigned>(date.day()));
    put_digits(text, 11, 2, time.hours().count());
    put_digits(text, 14, 2, time.minutes().count());
    put_digits(text, 17, 2, time.seconds().count());
    put_digits(text, 20, 6, time.subseconds().count());
    return text;
}

std::optional<Instant> from_rfc3339(std::string_view text) noexcept
{
    if (text.size() != kTimePattern.size()) return std::nullopt;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (kTimePattern[i] == '0' ? !digit : text[i] != kTimePattern[i]) return std::nullopt;
    }
    const std::chrono::year_month_day date{
        std::chrono::year{static_cast<int>(get_digits(text, 0, 4))},
        std::chrono::month{static_cast<unsigned>(get_digits(text, 5, 2))},
        std::chrono::day{static_cast<unsigned>(get_digits(text, 8, 2))}};
    const auto hour = get_digits(text, 11, 2);
    const auto minute = get_digits(text, 14, 2);
    const auto second = get_digits(text, 17, 2);
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    const auto midnight = from_chrono(sys_days{date});
    return midnight + Span::hours(hour) + Span::minutes(minute) + Span::seconds(second) +
           Span{get_digits(text, 20, 6)};
}

std::string to_words(Instant at)
{
    auto text = to_rfc3339(at);
    text[10] = ' ';
    text.resize(text.find('.'));
    return text + " UTC";
}

std::string_view wire_name(Window window) noexcept
{
    return kWindowNames[static_cast<std::size_t>(window)];
}

std::optional<Window> window_of(std::string_view name) noexcept
{
    for (std::size_t i = 0; i < kWindowNames.size(); ++i)
        if (kWindowNames[i] == name) return static_cast<Window>(i);
    return std::nullopt;
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
