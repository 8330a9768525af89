// SPDX-License-Identifier: Apache-2.0
// A fuzz input for a connection: what the peer sends, then a line "%%", then what happens while it
// sends, a letter each. Plain text, so that a corpus file can be read and written by hand.
#pragma once

#include <cstddef>
#include <string_view>

namespace purse::fuzz {

struct Script {
    std::string_view text;
    std::string_view acts;  ///< may be empty: then all the text comes at once
};

inline Script script_of(std::string_view input)
{
    constexpr std::string_view kMark = "\n%%\n";
    const auto mark = input.rfind(kMark);
    if (mark == std::string_view::npos) return {.text = input, .acts = {}};
    return {.text = input.substr(0, mark), .acts = input.substr(mark + kMark.size())};
}

/// "a" is one byte of the text, "b" two, "c" four and so on to "k"; 0 for any other act.
inline std::size_t piece_of(char act)
{
    return act >= 'a' && act <= 'k' ? std::size_t{1} << (act - 'a') : 0;
}

}  // namespace purse::fuzz
