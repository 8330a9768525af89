// SPDX-License-Identifier: Apache-2.0
#include "wallet/words.hpp"

#include <algorithm>

#include "ledger/require.hpp"

namespace purse {

Digest word(Wei value) noexcept
{
    Digest made{};
    for (auto at = made.rbegin(); value != 0; ++at, value >>= 8)
        *at = static_cast<std::uint8_t>(value);
    return made;
}

Digest word(const Address& address) noexcept
{
    Digest made{};
    std::ranges::copy_backward(address.bytes, made.end());
    return made;
}

Digest word(Money amount)
{
    require(amount.micro() >= 0, "no negative amount reaches a chain");
    return word(static_cast<Wei>(amount.micro()));
}

Digest word_of_text(std::string_view text)
{
    require(text.size() <= kWordBytes, "a text fits a word");
    Digest made{};
    std::ranges::copy(text, made.begin());
    return made;
}

std::optional<Address> address_of(const Digest& word) noexcept
{
    Address address;
    const auto first = word.end() - static_cast<std::ptrdiff_t>(address.bytes.size());
    if (std::any_of(word.begin(), first, [](std::uint8_t byte) { return byte != 0; }))
        return std::nullopt;
    std::copy(first, word.end(), address.bytes.begin());
    return address;
}

std::optional<Wei> number_of(const Digest& word) noexcept
{
    const auto first = word.end() - static_cast<std::ptrdiff_t>(sizeof(Wei));
    if (std::any_of(word.begin(), first, [](std::uint8_t byte) { return byte != 0; }))
        return std::nullopt;
    Wei value = 0;
    for (auto at = first; at != word.end(); ++at) value = value << 8 | *at;
    return value;
}

std::optional<Digest> word_at(std::string_view bytes, std::size_t offset) noexcept
{
    if (offset > bytes.size() || bytes.size() - offset < kWordBytes) return std::nullopt;
    return to_digest(bytes.substr(offset, kWordBytes));
}

}  // namespace purse
