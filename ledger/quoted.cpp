// SPDX-License-Identifier: Apache-2.0
#include "ledger/quoted.hpp"

#include "ledger/json.hpp"

namespace purse {

namespace {
// Long enough to recognise what is meant, short enough for a line of a message.
constexpr std::size_t kBytesMax = 80;
}  // namespace

std::string clipped(std::string_view text)
{
    if (text.size() <= kBytesMax) return std::string{text};
    auto size = kBytesMax;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
    return std::string{text.substr(0, size)} + "...";
}

std::string quoted(std::string_view text)
{
    std::string out;
    json::append_quoted(out, clipped(text));
    return out;
}

}  // namespace purse
