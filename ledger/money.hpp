// SPDX-License-Identifier: Apache-2.0
// Money is a count of micro-USDC. It never passes through a double, never
// converts silently, and every sum that could leave its range says so.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace purse {

/// Why a text is not an amount. The wire names are those of `message()`.
enum class MoneyError {
    empty,
    not_decimal,  ///< anything but digits and one dot: signs, exponents, separators, spaces
    too_precise,  ///< more than six decimals: below one micro-USDC
    too_large,    ///< above Money::max()
};

/// A sentence that says what was wrong and what is expected.
std::string_view message(MoneyError error) noexcept;

/// An amount of USDC, in whole micro-USDC (USDC has six decimals), 0 .. 10^12 USDC when it
/// comes from outside.
class Money {
public:
    constexpr Money() noexcept = default;

    static constexpr Money from_micro(std::int64_t micro) noexcept { return Money{micro}; }

    /// The largest amount accepted from outside: 10^12 USDC. Nine of them fit 64 bits.
    static constexpr Money max() noexcept { return Money{1'000'000'000'000'000'000}; }

    /// Reads a plain decimal such as "0.08": digits, at most one dot, at most six decimals.
    /// No sign, exponent, separator or space. Trailing zeros beyond six decimals are refused too.
    static std::expected<Money, MoneyError> parse(std::string_view text) noexcept;

    constexpr std::int64_t micro() const noexcept { return micro_; }

    /// The decimal text, with at least two and at most six decimals: "5.00", "0.08", "0.000001".
    std::string to_string() const;

    /// The sum, or nothing when it leaves 64 bits.
    constexpr std::optional<Money> plus(Money other) const noexcept
    {
        std::int64_t sum = 0;
        if (__builtin_add_overflow(micro_, other.micro_, &sum)) return std::nullopt;
        return Money{sum};
    }

    /// The difference, or nothing when it would be negative.
    constexpr std::optional<Money> minus(Money other) const noexcept
    {
        if (other.micro_ > micro_) return std::nullopt;
        return Money{micro_ - other.micro_};
    }

    constexpr auto operator<=>(const Money&) const noexcept = default;

private:
    constexpr explicit Money(std::int64_t micro) noexcept : micro_{micro} {}

    std::int64_t micro_ = 0;
};

}  // namespace purse
