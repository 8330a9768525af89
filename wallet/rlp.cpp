// SPDX-License-Identifier: Apache-2.0
#include "wallet/rlp.hpp"

#include <algorithm>

namespace purse::rlp {

namespace {
constexpr std::uint8_t kStringBase = 0x80;
constexpr std::uint8_t kListBase = 0xc0;
// Longer ones say how many bytes their length takes.
constexpr std::size_t kShortMax = 55;

std::string big_endian(Wei value)
{
    std::string text;
    for (; value != 0; value >>= 8) text += static_cast<char>(static_cast<std::uint8_t>(value));
    std::ranges::reverse(text);
    return text;
}

std::string with_header(std::uint8_t base, std::string_view payload)
{
    std::string text;
    text.reserve(payload.size() + 9);
    if (payload.size() <= kShortMax) {
        text += static_cast<char>(base + payload.size());
    } else {
        const auto length = big_endian(payload.size());
        text += static_cast<char>(base + kShortMax + length.size());
        text += length;
    }
    text += payload;
    return text;
}
}  // namespace

std::string bytes(std::string_view value)
{
    if (value.size() == 1 && static_cast<std::uint8_t>(value.front()) < kStringBase)
        return std::string{value};
    return with_header(kStringBase, value);
}

std::string integer(Wei value)
{
    return bytes(big_endian(value));
}

std::string integer(std::string_view big_endian)
{
    const auto first = big_endian.find_first_not_of('\0');
    return bytes(first == std::string_view::npos ? std::string_view{} : big_endian.substr(first));
}

std::string list(std::string_view payload)
{
    return with_header(kListBase, payload);
}

}  // namespace purse::rlp
