// SPDX-License-Identifier: Apache-2.0
// How a settled debt reaches its payee.
#pragma once

#include <cstdint>
#include <string_view>

namespace purse {

enum class Rail : std::uint8_t {
    book,  ///< the ledger's own double-entry books: the debt is the settlement, no chain is
           ///< involved
    evm,   ///< USDC on an EVM chain, by the payout engine
};

/// "book", "evm".
std::string_view wire_name(Rail rail) noexcept;

}  // namespace purse
