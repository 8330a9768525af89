// SPDX-License-Identifier: Apache-2.0
#include "server/note.hpp"

#include "ledger/json.hpp"

namespace purse::server {

namespace {
// A sentence or two; longer stories have better places.
constexpr std::size_t kNoteBytesMax = 500;
}  // namespace

std::optional<std::string> note_trouble(std::string_view note)
{
    if (note.size() > kNoteBytesMax)
        return "the note has " + std::to_string(note.size()) + " bytes; at most " +
               std::to_string(kNoteBytesMax) + " are kept";
    std::string quoted;
    json::append_quoted(quoted, note);
    if (!json::parse(quoted)) return "the note is not UTF-8 text";
    return std::nullopt;
}

}  // namespace purse::server
