// SPDX-License-Identifier: Apache-2.0
#include "wallet/gas.hpp"

#include <algorithm>

namespace purse {

namespace {
constexpr Wei raised(Wei value) noexcept
{
    return (value * 9 + 7) / 8 + 1;
}
}  // namespace

std::optional<Fees> market_fees(const FeeQuote& quote, Wei ceiling) noexcept
{
    const auto tip = std::min(quote.tip, ceiling);
    if (quote.base_fee > ceiling || quote.base_fee + tip > ceiling) return std::nullopt;
    return Fees{.max_fee = std::min(2 * quote.base_fee + tip, ceiling), .tip = tip};
}

std::optional<Fees> raised_fees(const Fees& before, const FeeQuote& quote, Wei ceiling) noexcept
{
    const auto market = market_fees(quote, ceiling).value_or(Fees{.max_fee = ceiling, .tip = 0});
    const Fees after{.max_fee = std::max(market.max_fee, raised(before.max_fee)),
                     .tip = std::max(market.tip, raised(before.tip))};
    if (after.max_fee > ceiling || after.tip > after.max_fee) return std::nullopt;
    return after;
}

}  // namespace purse
