// SPDX-License-Identifier: Apache-2.0
// Prices of gas as people write them: gwei, that is 10^9 wei, with up to nine decimals.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wallet/amounts.hpp"

namespace purse {

/// Reads digits with at most one dot and nine decimals, up to 10^9 gwei: "10", "0.05". The wei.
std::optional<Wei> parse_gwei(std::string_view text);

/// "10", "0.05": without zeros at the end. Inverse of parse_gwei.
std::string to_gwei(Wei value);

}  // namespace purse
