// SPDX-License-Identifier: Apache-2.0
// The simple types of EIP-712 and how JSON values of theirs become words.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/hash.hpp"
#include "ledger/json.hpp"

namespace purse {

/// A type that needs no definition: `bits` is the width of numbers, `bytes` that of byte strings.
struct SimpleType {
    enum class Kind : std::uint8_t {
        boolean,
        address,
        unsigned_number,
        signed_number,
        fixed_bytes,
        bytes,
        text
    };
    Kind kind = Kind::boolean;
    unsigned size = 0;  ///< bits of a number (8 .. 256), bytes of fixed_bytes (1 .. 32)
};

/// "uint256", "bytes32", "address" ...; nothing for any other word. The aliases int and uint are
/// no types of EIP-712.
std::optional<SimpleType> simple_type(std::string_view name);

/// encodeData of one value; the error says what was expected.
std::expected<Digest, std::string> encode_simple(const SimpleType& type, const json::Value& value);

}  // namespace purse
