// SPDX-License-Identifier: Apache-2.0
// An operator's note goes into the journal for ever: it must be short text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace purse::server {

/// Why the note cannot be kept; nothing: it can.
std::optional<std::string> note_trouble(std::string_view note);

}  // namespace purse::server
