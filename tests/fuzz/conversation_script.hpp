// SPDX-License-Identifier: Apache-2.0
// A fuzz input as lines of a conversation (tests/server/conversations): "> " is what the client
// sends, any other line is left to the target.
#pragma once

#include <boost/json/parse.hpp>
#include <string>
#include <string_view>

#include "tests/fuzz/check.hpp"

namespace purse::fuzz {

/// Takes off the first line, without its end.
inline std::string_view take_line(std::string_view& text)
{
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    return line;
}

inline void check_json(std::string_view text, const char* what)
{
    boost::system::error_code error;
    boost::json::parse_options options;
    options.max_depth = 64;
    boost::json::parse(text, error, {}, options);
    check(!error && text.find('\n') == std::string_view::npos, what);
}

}  // namespace purse::fuzz
