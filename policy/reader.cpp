// SPDX-License-Identifier: Apache-2.0
#include "policy/reader.hpp"

#include "policy/limits.hpp"
#include "policy/name.hpp"

namespace purse::policy {

namespace {
/// Two digits as a number; -1 for anything else.
int two_digits(std::string_view text) noexcept
{
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() != 2 || !is_digit(text[0]) || !is_digit(text[1])) return -1;
    return (text[0] - '0') * 10 + (text[1] - '0');
}
}  // namespace

std::optional<std::int64_t> Reader::percent_micro(const json::Value& value)
{
    static constexpr std::string_view kExpected =
        "a number from 0 to 100 with at most six decimals";
    static constexpr std::int64_t kHundredPercent = 100'000'000;
    if (!is(value, json::Kind::number, kExpected)) return std::nullopt;
    // The same exact reading as for money: a percentage also has six decimals.
    const auto percent = Money::parse(value.text());
    if (percent && percent->micro() <= kHundredPercent) return percent->micro();
    wrong(clipped(value.text()) + " is not a percentage", std::string{kExpected});
    return std::nullopt;
}

std::optional<std::string> Reader::description(const json::Value& value)
{
    const auto expected =
        "a text of at most " + std::to_string(limits::kDescriptionBytesMax) + " bytes";
    if (!is(value, json::Kind::string, expected)) return std::nullopt;
    if (value.text().size() <= limits::kDescriptionBytesMax) return std::string{value.text()};
    wrong("has " + std::to_string(value.text().size()) + " bytes", expected);
    return std::nullopt;
}

std::optional<std::string> Reader::name(const json::Value& value)
{
    static constexpr std::string_view kExpected =
        "1 to 64 letters, digits, '.', '_' or '-', the first a letter or digit";
    if (!is(value, json::Kind::string, kExpected)) return std::nullopt;
    if (is_name(value.text())) return std::string{value.text()};
    wrong(quoted(value.text()) + " is not a name", std::string{kExpected});
    return std::nullopt;
}

std::optional<std::string> Reader::address(const json::Value& value)
{
    static constexpr std::string_view kExpected = "an address: \"0x\" and 40 hexadecimal digits";
    if (!is(value, json::Kind::string, kExpected)) return std::nullopt;
    auto lower = lower_case(std::string{value.text()});
    if (!value.text().starts_with("0x") || !is_address(lower)) {
        wrong(quoted(value.text()) + " is not an address", std::string{kExpected});
        return std::nullopt;
    }
    if (lower.find_first_not_of('0', 2) == std::string::npos) {
        wrong("is the zero address, which nobody can be paid at", "the payee's address");
        return std::nullopt;
    }
    return lower;
}

std::optional<int> Reader::time_of_day(const json::Value& value)
{
    static constexpr std::string_view kExpected = "a time of day from \"00:00\" to \"24:00\"";
    if (!is(value, json::Kind::string, kExpected)) return std::nullopt;
    const auto text = value.text();
    if (text.size() == 5 && text[2] == ':') {
        const int hour = two_digits(text.substr(0, 2));
        const int minute = two_digits(text.substr(3, 2));
        const bool is_end_of_day = hour == 24 && minute == 0;
        if (is_end_of_day || (hour >= 0 && hour < 24 && minute >= 0 && minute < 60))
            return hour * 60 + minute;
    }
    wrong(quoted(text) + " is not a time of day", std::string{kExpected});
    return std::nullopt;
}

}  // namespace purse::policy
