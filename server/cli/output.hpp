// SPDX-License-Identifier: Apache-2.0
// Where a command writes, and how: answers to `out`, hints and troubles to `err`.
#pragma once

#include <ostream>
#include <string_view>

#include "server/settings.hpp"

namespace purse::server::cli {

/// What a command ends with.
enum Exit : int {
    kDone = 0,
    kNo = 1,     ///< it could not be done, or the answer is no
    kWrong = 2,  ///< the command line or a document is wrong
};

/// Words for people, or JSON (one line) for machines.
enum class Form { words, json };

/// What the reader's screen can show.
struct Style {
    bool colours = false;
    bool utf8 = false;
};

enum class Colour { none, bold, green, yellow, red };

struct Output {
    std::ostream& out;
    std::ostream& err;
    Style style;
};

/// As the terminal behind standard output and the environment (NO_COLOR, TERM, LC_ALL, LC_CTYPE,
/// LANG) have it; plain when `is_terminal` says no.
enum class Screen { terminal, other };
Style style_of(Screen screen, const Environment& environment);

/// The text in a colour, when there are colours.
std::string painted(const Style& style, Colour colour, std::string_view text);

/// "purse: <what>" on `err`; returns the exit code given.
int complain(Output& output, Exit code, std::string_view what);

/// "purse: <what>" on `err`, for what is no trouble.
void hint(Output& output, std::string_view what);

}  // namespace purse::server::cli
