// SPDX-License-Identifier: Apache-2.0
// Values that several tests use: the public development accounts and readable hexadecimal.
#pragma once

#include <string>
#include <string_view>

#include "ledger/hash.hpp"
#include "wallet/address.hpp"

namespace purse::test {

/// Bytes of hexadecimal digits, with or without 0x in front; a mistake throws.
inline std::string bytes_of(std::string_view hex)
{
    if (hex.starts_with("0x")) hex.remove_prefix(2);
    return from_hex(hex).value();
}

inline Digest digest_of(std::string_view hex)
{
    return to_digest(bytes_of(hex)).value();
}

inline std::string hex(const Digest& digest)
{
    return to_hex(as_bytes(digest));
}

inline Address address(std::string_view text)
{
    return parse_address(text).value();
}

/// Everybody knows these: the first two accounts of Anvil and Hardhat.
inline constexpr std::string_view kKnownKey =
    "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
inline constexpr std::string_view kKnownAddress = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
inline constexpr std::string_view kOtherAddress = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

inline constexpr std::string_view kSepoliaUsdc = "0x036CbD53842c5426634e7929541eC2318f3dCF7e";

}  // namespace purse::test
