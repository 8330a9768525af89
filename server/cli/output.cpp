// SPDX-License-Identifier: Apache-2.0
#include "server/cli/output.hpp"

#include <algorithm>
#include <string>

#include "server/cli/text.hpp"

namespace purse::server::cli {

namespace {
bool speaks_utf8(const Environment& environment)
{
    for (const auto* variable : {"LC_ALL", "LC_CTYPE", "LANG"})
        if (auto locale = environment(variable)) {
            std::ranges::transform(*locale, locale->begin(), [](char c) {
                return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            });
            return locale->find("utf-8") != std::string::npos ||
                   locale->find("utf8") != std::string::npos;
        }
    return false;
}

std::string_view code_of(Colour colour)
{
    switch (colour) {
        case Colour::bold: return "\x1b[1m";
        case Colour::green: return "\x1b[32m";
        case Colour::yellow: return "\x1b[33m";
        case Colour::red: return "\x1b[31m";
        case Colour::none: break;
    }
    return {};
}
}  // namespace

Style style_of(Screen screen, const Environment& environment)
{
    if (screen != Screen::terminal) return {};
    const auto terminal = environment("TERM");
    return {.colours = !environment("NO_COLOR") && terminal && *terminal != "dumb",
            .utf8 = speaks_utf8(environment)};
}

std::string painted(const Style& style, Colour colour, std::string_view text)
{
    if (!style.colours || colour == Colour::none) return std::string{text};
    return std::string{code_of(colour)}.append(text).append("\x1b[0m");
}

int complain(Output& output, Exit code, std::string_view what)
{
    hint(output, what);
    return code;
}

void hint(Output& output, std::string_view what)
{
    // Several lines stay several: mistakes of a document come one a line.
    output.err << "purse: ";
    for (const char c : what)
        if (c == '\n')
            output.err << "\n  ";
        else
            output.err << c;
    output.err << '\n';
}

}  // namespace purse::server::cli
