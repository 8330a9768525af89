// SPDX-License-Identifier: Apache-2.0
// How a settled debt reaches its payee.
#pragma once

#include <cstdint>
#include <string_view>

namespace purse {

enum class Rail : std::uint8_t {
    book,  ///< the ledger's own double-entry books: the debt is the settlement, no chain is
           ///< involved
};

/// "book".
std::string_view wire_name(Rail rail) noexcept;

/// The state of a settlement on this rail the moment its commit is durable: "settled".
std::string_view settlement_after_commit(Rail rail) noexcept;

}  // namespace purse
