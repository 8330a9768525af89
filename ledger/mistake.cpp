// SPDX-License-Identifier: Apache-2.0
#include "ledger/mistake.hpp"

namespace purse {

std::string to_string(const Mistake& mistake)
{
    std::string text = mistake.path;
    if (mistake.line > 0)
        text += " line " + std::to_string(mistake.line) + ":" + std::to_string(mistake.column);
    text += ": " + mistake.what;
    if (!mistake.expected.empty()) text += "; expected " + mistake.expected;
    return text;
}

std::string to_string(const Mistakes& mistakes)
{
    std::string text;
    for (const auto& mistake : mistakes) {
        if (!text.empty()) text += '\n';
        text += to_string(mistake);
    }
    return text;
}

}  // namespace purse
