// SPDX-License-Identifier: Apache-2.0
// Any typed data (EIP-712) as JSON, the way eth_signTypedData_v4 takes it, and the digest that a
// signer must sign for it.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "ledger/hash.hpp"

namespace purse {

/// Where the object is wrong and what was expected: `message.to[2]: expected ...`.
struct TypedDataError {
    std::string what;
};

inline constexpr std::size_t kTypedDataBytesMax = 262'144;
/// Of JSON: objects and arrays, the outermost counted.
inline constexpr std::size_t kTypedDataDepthMax = 24;
inline constexpr std::size_t kTypedDataTypesMax = 64;
inline constexpr std::size_t kTypedDataMembersMax = 64;  ///< of one type

/// keccak256(0x1901 || hashStruct(domain) || hashStruct(message)) of the object
/// `{types, primaryType, domain, message}`. Stricter than some wallets, so that no two can read
/// one text differently: `types` names EIP712Domain, every member of a type has a value and every
/// value a member, integers are strings (decimal, or 0x and hexadecimal) or numbers below 2^53.
std::expected<Digest, TypedDataError> typed_data_digest(std::string_view json);

}  // namespace purse
