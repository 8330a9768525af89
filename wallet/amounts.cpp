// SPDX-License-Identifier: Apache-2.0
#include "wallet/amounts.hpp"

#include <algorithm>

namespace purse {

namespace {
// A word of the chain's machine; nobody sends more digits, and none has more to say.
constexpr std::size_t kQuantityDigitsMax = 64;
constexpr std::size_t kDecimalDigitsMax = 78;

std::string in_base(Wei value, unsigned base)
{
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    do {
        text += kDigits[static_cast<unsigned>(value % base)];
        value /= base;
    } while (value != 0);
    std::ranges::reverse(text);
    return text;
}

std::optional<unsigned> digit(char c, unsigned base) noexcept
{
    unsigned value = base;
    if (c >= '0' && c <= '9') value = static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') value = static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') value = static_cast<unsigned>(c - 'A') + 10;
    if (value >= base) return std::nullopt;
    return value;
}

std::optional<Wei> from_base(std::string_view digits, unsigned base) noexcept
{
    constexpr auto kMax = ~Wei{0};
    if (digits.empty()) return std::nullopt;
    Wei value = 0;
    for (const char c : digits) {
        const auto next = digit(c, base);
        if (!next || value > (kMax - *next) / base) return std::nullopt;
        value = value * base + *next;
    }
    return value;
}
}  // namespace

std::string to_quantity(Wei value)
{
    return "0x" + in_base(value, 16);
}

std::optional<Wei> parse_quantity(std::string_view text)
{
    if (!text.starts_with("0x") || text.size() > 2 + kQuantityDigitsMax) return std::nullopt;
    return from_base(text.substr(2), 16);
}

std::string to_decimal(Wei value)
{
    return in_base(value, 10);
}

std::optional<Wei> parse_decimal(std::string_view text)
{
    if (text.size() > kDecimalDigitsMax) return std::nullopt;
    return from_base(text, 10);
}

}  // namespace purse
