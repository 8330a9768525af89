// SPDX-License-Identifier: Apache-2.0
#include "ledger/money.hpp"

namespace purse {

namespace {
constexpr int kDecimals = 6;
constexpr std::int64_t kMicroPerUnit = 1'000'000;
// 10^12 USDC has 13 digits; more leading digits than this cannot be an amount.
constexpr std::size_t kDigitsMax = 32;

constexpr bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}
}  // namespace

std::string_view message(MoneyError error) noexcept
{
    switch (error) {
        case MoneyError::empty: return "is empty; expected a decimal amount such as \"0.08\"";
        case MoneyError::not_decimal:
            return "is not a plain decimal; expected digits with at most one dot, such as \"0.08\" "
                   "(no sign, exponent, separator or currency)";
        case MoneyError::too_precise:
            return "has more than six decimals; the smallest amount is 0.000001 USDC";
        case MoneyError::too_large: return "is too large; the largest amount is 1000000000000 USDC";
    }
    return "is not an amount";
}

std::expected<Money, MoneyError> Money::parse(std::string_view text) noexcept
{
    if (text.empty()) return std::unexpected{MoneyError::empty};
    if (text.size() > kDigitsMax) {
        for (const char c : text)
            if (!is_digit(c) && c != '.') return std::unexpected{MoneyError::not_decimal};
        return std::unexpected{MoneyError::too_large};
    }
    std::int64_t micro = 0;
    int decimals = -1;  // -1: before the dot
    bool any_digit = false;
    bool too_large = false;
    for (const char c : text) {
        if (c == '.') {
            if (decimals >= 0 || !any_digit) return std::unexpected{MoneyError::not_decimal};
            decimals = 0;
            any_digit = false;  // "5." is not a decimal either
            continue;
        }
        if (!is_digit(c)) return std::unexpected{MoneyError::not_decimal};
        any_digit = true;
        if (decimals >= 0) ++decimals;
        if (too_large || decimals > kDecimals) continue;  // keep looking for worse characters
        if (__builtin_mul_overflow(micro, std::int64_t{10}, &micro) ||
            __builtin_add_overflow(micro, std::int64_t{c - '0'}, &micro))
            too_large = true;
    }
    if (!any_digit) return std::unexpected{MoneyError::not_decimal};
    if (decimals > kDecimals) return std::unexpected{MoneyError::too_precise};
    for (int d = decimals < 0 ? 0 : decimals; d < kDecimals && !too_large; ++d)
        too_large = __builtin_mul_overflow(micro, std::int64_t{10}, &micro);
    if (too_large || micro > Money::max().micro()) return std::unexpected{MoneyError::too_large};
    return Money{micro};
}

std::string Money::to_string() const
{
    const bool negative = micro_ < 0;
    const auto magnitude =
        negative ? ~static_cast<std::uint64_t>(micro_) + 1 : static_cast<std::uint64_t>(micro_);
    std::string text = negative ? "-" : "";
    text += std::to_string(magnitude / kMicroPerUnit);
    text += '.';
    std::string decimals = std::to_string(magnitude % kMicroPerUnit);
    text.append(static_cast<std::size_t>(kDecimals) - decimals.size(), '0');
    while (decimals.size() > 1 && decimals.back() == '0') decimals.pop_back();
    text += decimals;
    // Two decimals at least, so that amounts read as money.
    const auto dot = text.find('.');
    while (text.size() - dot - 1 > 2 && text.back() == '0') text.pop_back();
    while (text.size() - dot - 1 < 2) text += '0';
    return text;
}

}  // namespace purse
