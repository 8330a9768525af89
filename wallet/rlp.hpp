// SPDX-License-Identifier: Apache-2.0
// RLP, Ethereum's serialization (Yellow Paper, appendix B): the writing half. Lists are made from
// inside out: what an item encodes to is appended to the payload of its list.
#pragma once

#include <string>
#include <string_view>

#include "wallet/amounts.hpp"

namespace purse::rlp {

/// A string of bytes.
std::string bytes(std::string_view value);

/// An unsigned integer: big-endian without leading zeros, so zero is the empty string.
std::string integer(Wei value);

/// An unsigned integer that is given big-endian; leading zeros are dropped.
std::string integer(std::string_view big_endian);

/// A list whose items are already encoded, one after the other.
std::string list(std::string_view payload);

}  // namespace purse::rlp
