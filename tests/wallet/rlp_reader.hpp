// SPDX-License-Identifier: Apache-2.0
// The reading half of RLP, for tests: strict, so that what it reads was canonical.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace purse::test {

struct RlpItem {
    bool is_list = false;
    std::string text;
    std::vector<RlpItem> items;
};

namespace rlp_detail {
inline void demand(bool holds, const char* what)
{
    if (!holds) throw std::runtime_error{what};
}

inline std::string_view take(std::string_view& rest, std::size_t count)
{
    demand(count <= rest.size(), "RLP ends too early");
    const auto taken = rest.substr(0, count);
    rest.remove_prefix(count);
    return taken;
}

inline std::size_t length(std::string_view& rest, std::size_t form)
{
    if (form <= 55) return form;
    const auto bytes = take(rest, form - 55);
    demand(bytes.front() != 0, "a length of RLP begins with zero");
    std::size_t length = 0;
    for (const char c : bytes) length = length << 8 | static_cast<std::uint8_t>(c);
    demand(length > 55, "a length of RLP has the long form");
    return length;
}

inline RlpItem next(std::string_view& rest)
{
    const auto lead = static_cast<std::uint8_t>(take(rest, 1).front());
    RlpItem item;
    if (lead < 0x80) {
        item.text = static_cast<char>(lead);
    } else if (lead < 0xc0) {
        item.text = take(rest, length(rest, lead - 0x80U));
        demand(item.text.size() != 1 || static_cast<std::uint8_t>(item.text[0]) >= 0x80,
               "a byte of RLP has a header that it needs not");
    } else {
        item.is_list = true;
        auto payload = take(rest, length(rest, lead - 0xc0U));
        while (!payload.empty()) item.items.push_back(next(payload));
    }
    return item;
}
}  // namespace rlp_detail

/// Exactly one item; throws when the text is anything else.
inline RlpItem read_rlp(std::string_view text)
{
    auto item = rlp_detail::next(text);
    rlp_detail::demand(text.empty(), "bytes follow the RLP");
    return item;
}

/// A canonical integer of at most 64 bits.
inline std::uint64_t number(const RlpItem& item)
{
    rlp_detail::demand(!item.is_list && item.text.size() <= 8, "no integer of 64 bits");
    rlp_detail::demand(!item.text.starts_with('\0'), "an integer begins with zero");
    std::uint64_t value = 0;
    for (const char c : item.text) value = value << 8 | static_cast<std::uint8_t>(c);
    return value;
}

}  // namespace purse::test
