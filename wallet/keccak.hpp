// SPDX-License-Identifier: Apache-2.0
// Keccak-256 as Ethereum uses it (the padding of before FIPS 202: not SHA3-256), by Crypto++.
#pragma once

#include <initializer_list>
#include <string_view>

#include "ledger/hash.hpp"

namespace purse {

/// Keccak-256 over the concatenation of the parts.
Digest keccak256(std::initializer_list<std::string_view> parts);

Digest keccak256(std::string_view bytes);

}  // namespace purse
