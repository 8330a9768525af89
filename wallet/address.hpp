// SPDX-License-Identifier: Apache-2.0
// An account on an EVM chain: 20 bytes. Its text has a checksum in the case of its letters
// (ERC-55).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace purse {

struct Address {
    std::array<std::uint8_t, 20> bytes{};
    constexpr auto operator<=>(const Address&) const = default;
};

/// The bytes of an address as a view, for hashing and storing.
inline std::string_view as_bytes(const Address& address) noexcept
{
    return {reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size()};
}

/// Why a text is no address.
enum class AddressError : std::uint8_t {
    not_an_address,  ///< not 0x and 40 hexadecimal digits
    bad_checksum,    ///< upper and lower case mixed, but not as ERC-55 has it: a digit is wrong
};

/// A sentence that says what was wrong and what is expected.
std::string_view message(AddressError error) noexcept;

/// Reads "0x" and 40 hexadecimal digits: all lower case, all upper case, or ERC-55.
std::expected<Address, AddressError> parse_address(std::string_view text);

/// "0x" and lower case: the form that the ledger keeps.
std::string to_string(const Address& address);

/// The form of ERC-55, for people.
std::string to_checksummed(const Address& address);

}  // namespace purse
