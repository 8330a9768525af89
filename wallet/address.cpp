// SPDX-License-Identifier: Apache-2.0
#include "wallet/address.hpp"

#include <algorithm>

#include "wallet/keccak.hpp"

namespace purse {

namespace {
constexpr std::size_t kTextBytes = 42;

bool is_lower(char c) noexcept
{
    return c >= 'a' && c <= 'f';
}

bool is_upper(char c) noexcept
{
    return c >= 'A' && c <= 'F';
}
}  // namespace

std::string_view message(AddressError error) noexcept
{
    switch (error) {
        case AddressError::not_an_address:
            return "is not an address: expected 0x and 40 hexadecimal digits";
        case AddressError::bad_checksum:
            return "has a mistake in it: upper and lower case are mixed, but not as its checksum "
                   "(ERC-55) has them";
    }
    return "is not an address";
}

std::expected<Address, AddressError> parse_address(std::string_view text)
{
    if (text.size() != kTextBytes || !text.starts_with("0x"))
        return std::unexpected{AddressError::not_an_address};
    const auto digits = text.substr(2);
    const auto bytes = from_hex(digits);
    if (!bytes) return std::unexpected{AddressError::not_an_address};
    Address address;
    std::ranges::copy(*bytes, address.bytes.begin());
    const bool mixed =
        std::ranges::any_of(digits, is_lower) && std::ranges::any_of(digits, is_upper);
    if (mixed && to_checksummed(address) != text)
        return std::unexpected{AddressError::bad_checksum};
    return address;
}

std::string to_string(const Address& address)
{
    return "0x" + to_hex(as_bytes(address));
}

std::string to_checksummed(const Address& address)
{
    auto digits = to_hex(as_bytes(address));
    // A letter is a capital where the digit of the hash of the lower-case text is 8 or more.
    const auto hash = to_hex(as_bytes(keccak256(digits)));
    for (std::size_t i = 0; i < digits.size(); ++i)
        if (is_lower(digits[i]) && hash[i] >= '8')
            digits[i] = static_cast<char>(digits[i] - 'a' + 'A');
    return "0x" + digits;
}

}  // namespace purse
