// SPDX-License-Identifier: Apache-2.0
// Repeats what others wrote, bounded and escaped: for messages.
#pragma once

#include <string>
#include <string_view>

namespace purse {

/// At most 80 bytes of it, not cut within a UTF-8 sequence; "..." stands for the rest.
std::string clipped(std::string_view text);

/// The clipped text as a JSON string, with its quotes.
std::string quoted(std::string_view text);

}  // namespace purse
