// SPDX-License-Identifier: Apache-2.0
#include "ledger/document_reader.hpp"

#include <algorithm>

#include "ledger/calendar.hpp"

namespace purse {

namespace {
// Longer names, and such with other characters, stand in quotes in a path.
constexpr std::size_t kPlainCharsMax = 64;

bool is_plain(std::string_view member) noexcept
{
    return !member.empty() && member.size() <= kPlainCharsMax &&
           std::ranges::all_of(member, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '_' || c == '-' || c == '$';
           });
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
}  // namespace

DocumentReader::Step::Step(DocumentReader& reader, std::string_view member)
    : reader_{reader},
      size_before_{reader.path_.size()}
{
    if (is_plain(member))
        reader_.path_.append(".").append(member);
    else
        reader_.path_.append("[").append(quoted(member)).append("]");
}

DocumentReader::Step::Step(DocumentReader& reader, std::size_t index)
    : reader_{reader},
      size_before_{reader.path_.size()}
{
    reader_.path_.append("[").append(std::to_string(index)).append("]");
}

void DocumentReader::wrong(std::string what, std::string expected)
{
    if (is_full()) return;
    mistakes_.push_back({.path = path_, .what = std::move(what), .expected = std::move(expected)});
}

void DocumentReader::unknown(std::string_view kind, std::string_view name, const Nearest& nearest)
{
    auto what = "there is no " + std::string{kind} + " " + quoted(name);
    if (const auto better = nearest.found()) what += "; did you mean " + quoted(*better) + "?";
    wrong(std::move(what));
}

bool DocumentReader::is(const json::Value& value, json::Kind kind, std::string_view expected)
{
    if (value.is(kind)) return true;
    wrong("is " + std::string{json::describe(value.kind())}, std::string{expected});
    return false;
}

std::optional<Money> DocumentReader::money(const json::Value& value)
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

std::optional<Span> DocumentReader::span(const json::Value& value, SpanRange range)
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

std::optional<std::int64_t> DocumentReader::integer(const json::Value& value, NumberRange range)
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

std::optional<bool> DocumentReader::boolean(const json::Value& value)
{
    if (!is(value, json::Kind::boolean, "true or false")) return std::nullopt;
    return value.truth();
}

std::optional<std::string_view> DocumentReader::text(const json::Value& value,
                                                     std::string_view expected)
{
    if (!is(value, json::Kind::string, expected)) return std::nullopt;
    return value.text();
}

std::span<const json::Value> DocumentReader::items(const json::Value& value, json::Kind kind,
                                                   std::size_t count_max)
{
    if (!is(value, kind, json::describe(kind))) return {};
    const auto items = value.items();
    if (items.size() <= count_max) return items;
    wrong("has " + std::to_string(items.size()) + " entries",
          "at most " + std::to_string(count_max));
    return {};
}

std::span<const json::Value> DocumentReader::array(const json::Value& value, std::size_t count_max)
{
    return items(value, json::Kind::array, count_max);
}

std::span<const json::Value> DocumentReader::object(const json::Value& value, std::size_t count_max)
{
    return items(value, json::Kind::object, count_max);
}

}  // namespace purse
