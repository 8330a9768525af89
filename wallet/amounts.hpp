// SPDX-License-Identifier: Apache-2.0
// The chain's own money: wei pass 64 bits at 18.4 ETH, so they are counted in 128.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace purse {

__extension__ using Wei = unsigned __int128;

/// "0x0", "0x1a": a JSON-RPC quantity, without leading zeros.
std::string to_quantity(Wei value);

/// Reads a quantity; nothing when it is none or wider than 128 bits. Leading zeros are taken: some
/// nodes send them.
std::optional<Wei> parse_quantity(std::string_view text);

/// Decimal, for people and for the journal.
std::string to_decimal(Wei value);

/// Reads decimal digits only; nothing when it is none or does not fit.
std::optional<Wei> parse_decimal(std::string_view text);

}  // namespace purse
