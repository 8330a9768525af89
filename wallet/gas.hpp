// SPDX-License-Identifier: Apache-2.0
// What a transaction may cost: gas limits from a table (an estimate lies for batches whose items
// may fail) and fees by both caps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "wallet/amounts.hpp"
#include "wallet/node.hpp"

namespace purse {

/// Items of one batch, at most.
inline constexpr std::size_t kBatchMax = 50;

inline constexpr std::uint64_t kPayGas = 150'000;
inline constexpr std::uint64_t kCancelGas = 120'000;
inline constexpr std::uint64_t kEmptyGas = 21'000;
constexpr std::uint64_t batch_gas(std::size_t items) noexcept
{
    return 60'000 + 90'000 * items;
}

struct Fees {
    Wei max_fee = 0;  ///< wei a unit of gas, base fee and tip together
    Wei tip = 0;
    constexpr bool operator==(const Fees&) const noexcept = default;
};

/// What to offer now: twice the base fee and the tip, at most `ceiling`. Nothing: even the fee of
/// the next block is above it.
std::optional<Fees> market_fees(const FeeQuote& quote, Wei ceiling) noexcept;

/// What replaces an offer: the market, and an eighth more than before on both caps, for nodes
/// refuse less than a tenth. Nothing: that is above `ceiling`.
std::optional<Fees> raised_fees(const Fees& before, const FeeQuote& quote, Wei ceiling) noexcept;

}  // namespace purse
