// SPDX-License-Identifier: Apache-2.0
#include "server/http/date.hpp"

#include <chrono>

namespace purse::server::http {

namespace {
void append_padded(std::string& text, std::int64_t number, std::size_t width)
{
    const auto digits = std::to_string(number);
    if (digits.size() < width) text.append(width - digits.size(), '0');
    text += digits;
}
}  // namespace

std::string date_of(std::int64_t unix_seconds)
{
    namespace chrono = std::chrono;
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const chrono::sys_seconds moment{chrono::seconds{unix_seconds}};
    const auto midnight = chrono::floor<chrono::days>(moment);
    const chrono::year_month_day day{midnight};
    const chrono::hh_mm_ss time{moment - midnight};
    std::string text = kDays[chrono::weekday{midnight}.c_encoding()];
    text += ", ";
    append_padded(text, static_cast<unsigned>(day.day()), 2);
    text.append(" ").append(kMonths[static_cast<unsigned>(day.month()) - 1]).append(" ");
    append_padded(text, static_cast<int>(day.year()), 4);
    text += ' ';
    append_padded(text, time.hours().count(), 2);
    text += ':';
    append_padded(text, time.minutes().count(), 2);
    text += ':';
    append_padded(text, time.seconds().count(), 2);
    return text += " GMT";
}

void Date::refresh()
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).count();
    if (seconds == seconds_) return;
    seconds_ = seconds;
    text_ = date_of(seconds);
}

}  // namespace purse::server::http
