// SPDX-License-Identifier: Apache-2.0
// What is wrong with a document that a person wrote, said so that its author can mend it at once.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace purse {

struct Mistake {
    std::string path;        ///< "$.agents.a.caps.daily"; "$" for the whole document
    std::string what;        ///< what is wrong
    std::string expected;    ///< what should stand there; may be empty
    std::size_t line = 0;    ///< from 1, for syntax errors only; 0: not known
    std::size_t column = 0;  ///< from 1, in bytes; 0: not known
};

/// What a person reads before mending the document and trying again.
inline constexpr std::size_t kMistakesMax = 20;

/// In the order of the document; at most kMistakesMax.
using Mistakes = std::vector<Mistake>;

/// One line: "$.agents.a.caps.daily: is not a plain decimal; expected ...".
std::string to_string(const Mistake& mistake);

/// One line a mistake, joined by newlines.
std::string to_string(const Mistakes& mistakes);

}  // namespace purse
