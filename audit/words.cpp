// SPDX-License-Identifier: Apache-2.0
#include "audit/words.hpp"

#include <array>
#include <charconv>
#include <chrono>

namespace purse::auditor {

namespace {
constexpr std::int64_t kMicro = 1'000'000;
constexpr std::size_t kDecimals = 6;
constexpr std::int64_t kDayMicros = 86'400 * kMicro;

std::int64_t digits(std::string_view text)
{
    std::int64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, fault] = std::from_chars(text.data(), end, value);
    if (fault != std::errc{} || stop != end || text.front() == '-')
        throw Unreadable{"\"" + std::string{text} + "\" is no number"};
    return value;
}

std::chrono::sys_days day_of(std::int64_t micros)
{
    const std::chrono::microseconds since{micros};
    return std::chrono::sys_days{std::chrono::floor<std::chrono::days>(since)};
}

std::int64_t micros_of(std::chrono::sys_days day)
{
    return day.time_since_epoch().count() * kDayMicros;
}
}  // namespace

std::int64_t micro_of(std::string_view decimal)
{
    const auto dot = decimal.find('.');
    const auto whole = digits(decimal.substr(0, dot));
    if (dot == std::string_view::npos) return whole * kMicro;
    std::string part{decimal.substr(dot + 1)};
    if (part.empty() || part.size() > kDecimals)
        throw Unreadable{"\"" + std::string{decimal} + "\" is no amount of USDC"};
    part.append(kDecimals - part.size(), '0');
    return whole * kMicro + digits(part);
}

std::string usdc(std::int64_t micro)
{
    auto part = std::to_string(micro % kMicro);
    part.insert(0, kDecimals - part.size(), '0');
    while (part.size() > 2 && part.back() == '0') part.pop_back();
    return std::to_string(micro / kMicro) + "." + part;
}

std::int64_t time_of(std::string_view rfc3339)
{
    constexpr std::string_view kForm = "0000-00-00T00:00:00.000000Z";
    bool good = rfc3339.size() == kForm.size();
    for (std::size_t i = 0; good && i < kForm.size(); ++i)
        if (kForm[i] != '0') good = rfc3339[i] == kForm[i];
    if (!good) throw Unreadable{"\"" + std::string{rfc3339} + "\" is no time"};
    const auto part = [&](std::size_t from, std::size_t count) {
        return digits(rfc3339.substr(from, count));
    };
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(part(0, 4))},
                                           std::chrono::month{static_cast<unsigned>(part(5, 2))},
                                           std::chrono::day{static_cast<unsigned>(part(8, 2))}};
    if (!date.ok()) throw Unreadable{"\"" + std::string{rfc3339} + "\" is no day"};
    const auto seconds = (part(11, 2) * 60 + part(14, 2)) * 60 + part(17, 2);
    return micros_of(date) + seconds * kMicro + part(20, 6);
}

std::string rfc3339_of(std::int64_t micros)
{
    const auto day = day_of(micros);
    const std::chrono::year_month_day date{day};
    const auto rest = micros - micros_of(day);
    const auto padded = [](std::int64_t number, std::size_t width) {
        auto text = std::to_string(number);
        return text.insert(0, width - text.size(), '0');
    };
    const auto seconds = rest / kMicro;
    return padded(static_cast<int>(date.year()), 4) + "-" +
           padded(static_cast<unsigned>(date.month()), 2) + "-" +
           padded(static_cast<unsigned>(date.day()), 2) + "T" + padded(seconds / 3'600, 2) + ":" +
           padded(seconds / 60 % 60, 2) + ":" + padded(seconds % 60, 2) + "." +
           padded(rest % kMicro, kDecimals) + "Z";
}

std::int64_t span_of(std::string_view text)
{
    struct Unit {
        std::string_view name;
        std::int64_t micros;
    };
    constexpr std::array<Unit, 6> kUnits{{{"ms", 1'000},
                                          {"s", kMicro},
                                          {"m", 60 * kMicro},
                                          {"h", 3'600 * kMicro},
                                          {"d", kDayMicros},
                                          {"w", 7 * kDayMicros}}};
    const auto unit = text.find_first_not_of("0123456789");
    if (unit != std::string_view::npos && unit > 0)
        for (const auto& known : kUnits)
            if (text.substr(unit) == known.name) return digits(text.substr(0, unit)) * known.micros;
    throw Unreadable{"\"" + std::string{text} + "\" is no span"};
}

std::int64_t span_in_kind(std::string_view kind)
{
    const auto space = kind.find(' ');
    return space == std::string_view::npos ? 0 : span_of(kind.substr(space + 1));
}

bool counts_calls(std::string_view kind) noexcept
{
    return kind.starts_with("count ") || kind.starts_with("loop ");
}

std::int64_t window_start(std::string_view kind, std::int64_t now)
{
    constexpr std::int64_t kHourMicros = 3'600 * kMicro;
    if (kind == "hourly") return now - now % kHourMicros;
    const auto day = day_of(now);
    if (kind == "daily") return micros_of(day);
    if (kind == "weekly") {
        const std::chrono::weekday weekday{day};
        return micros_of(day - (weekday - std::chrono::Monday));
    }
    if (kind == "monthly") {
        const std::chrono::year_month_day date{day};
        return micros_of(date.year() / date.month() / 1);
    }
    return 0;
}

std::string text_of(const boost::json::object& object, std::string_view name)
{
    const auto* value = object.if_contains(name);
    if (value == nullptr) return {};
    if (!value->is_string()) throw Unreadable{"\"" + std::string{name} + "\" is no text"};
    return std::string{value->as_string()};
}

std::string required_text(const boost::json::object& object, std::string_view name)
{
    if (!object.contains(name)) throw Unreadable{"has no \"" + std::string{name} + "\""};
    return text_of(object, name);
}

std::int64_t required_number(const boost::json::object& object, std::string_view name)
{
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_int64())
        throw Unreadable{"has no whole number \"" + std::string{name} + "\""};
    return value->as_int64();
}

}  // namespace purse::auditor
