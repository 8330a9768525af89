// SPDX-License-Identifier: Apache-2.0
#include "policy/reader.hpp"

#include <algorithm>

#include "ledger/calendar.hpp"
#include "policy/limits.hpp"
#include "policy/name.hpp"

namespace purse::policy {

namespace {
bool is_plain(std::string_view member) noexcept
{
    return !member.empty() && member.size() <= limits::kNameCharsMax &&
           std::ranges::all_of(
               member, [](char c) { return is_alnum(c) || c == '_' || c == '-' || c == '$'; });
}

std::string_view words_for(MoneyError error) noexcept
{
    switch (error) {
        case MoneyError::empty: return "is empty";
        case MoneyError::not_decimal: return "is not a plain decimal";
        case MoneyError::too_precise: return "has more than six decimals";
        case MoneyError::too_large: return "is above 1000000000000";
    }
    return "is not an amount";
}

/// Two digits as a number; -1 for anything else.
int two_digits(std::string_view text) noexcept
{
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() != 2 || !is_digit(text[0]) || !is_digit(text[1])) return -1;
    return (text[0] - '0') * 10 + (text[1] - '0');
}
}  // namespace

Reader::Step::Step(Reader& reader, std::string_view member)
    : reader_{reader},
      size_before_{reader.path_.size()}
{
    if (is_plain(member))
        reader_.path_.append(".").append(member);
    else
        reader_.path_.append("[").append(quoted(member)).append("]");
}

Reader::Step::Step(Reader& reader, std::size_t index)
    : reader_{reader},
      size_before_{reader.path_.size()}
{
    reader_.path_.append("[").append(std::to_string(index)).append("]");
}

void Reader::wrong(std::string what, std::string expected)
{
    if (is_full()) return;
    mistakes_.push_back({.path = path_, .what = std::move(what), .expected = std::move(expected)});
}

void Reader::unknown(std::string_view kind, std::string_view name, const Nearest& nearest)
{
    auto what = "there is no " + std::string{kind} + " " + quoted(name);
    if (const auto better = nearest.found()) what += "; did you mean " + quoted(*better) + "?";
    wrong(std::move(what));
}

bool Reader::is(const json::Value& value, json::Kind kind, std::string_view expected)
{
    if (value.is(kind)) return true;
    wrong("is " + std::string{json::describe(value.kind())}, std::string{expected});
    return false;
}

std::optional<Money> Reader::money(const json::Value& value)
{
    static constexpr std::string_view kExpected = "an amount of USDC such as \"0.10\"";
    if (!value.is(json::Kind::number) && !is(value, json::Kind::string, kExpected))
        return std::nullopt;
    const auto amount = Money::parse(value.text());
    if (amount) return *amount;
    wrong(quoted(value.text()) + " " + std::string{words_for(amount.error())},
          std::string{kExpected});
    return std::nullopt;
}

std::optional<Span> Reader::span(const json::Value& value, SpanRange range)
{
    const auto expected = "a time span from " + purse::to_string(range.min) + " to " +
                          purse::to_string(range.max) +
                          " such as \"90s\", \"2m\", \"1h\" or \"1d\"";
    if (!is(value, json::Kind::string, expected)) return std::nullopt;
    const auto span = parse_span(value.text());
    if (span && *span >= range.min && *span <= range.max) return span;
    wrong(quoted(value.text()) + (span ? " is out of range" : " is not a time span"), expected);
    return std::nullopt;
}

std::optional<std::int64_t> Reader::integer(const json::Value& value, NumberRange range)
{
    const auto expected =
        "a whole number from " + std::to_string(range.min) + " to " + std::to_string(range.max);
    if (!is(value, json::Kind::number, expected)) return std::nullopt;
    const auto number = value.integer();
    if (number && *number >= range.min && *number <= range.max) return number;
    wrong(
        clipped(value.text()) + (number ? " is out of range" : " is not a whole number that fits"),
        expected);
    return std::nullopt;
}

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

std::optional<bool> Reader::boolean(const json::Value& value)
{
    if (!is(value, json::Kind::boolean, "true or false")) return std::nullopt;
    return value.truth();
}

std::optional<std::string_view> Reader::text(const json::Value& value, std::string_view expected)
{
    if (!is(value, json::Kind::string, expected)) return std::nullopt;
    return value.text();
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

std::span<const json::Value> Reader::items(const json::Value& value, json::Kind kind,
                                           std::size_t count_max)
{
    if (!is(value, kind, json::describe(kind))) return {};
    const auto items = value.items();
    if (items.size() <= count_max) return items;
    wrong("has " + std::to_string(items.size()) + " entries",
          "at most " + std::to_string(count_max));
    return {};
}

std::span<const json::Value> Reader::array(const json::Value& value, std::size_t count_max)
{
    return items(value, json::Kind::array, count_max);
}

std::span<const json::Value> Reader::object(const json::Value& value, std::size_t count_max)
{
    return items(value, json::Kind::object, count_max);
}

}  // namespace purse::policy
