// SPDX-License-Identifier: Apache-2.0
// Writes the head of a response, and a chunk's frame, into a string that is used again and again.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "server/http/message.hpp"

namespace purse::server::http {

/// How the receiver learns where the body ends, and what becomes of the connection.
struct ResponseFrame {
    enum class Body { sized, chunked, until_close };
    enum class After { keep, say_keep, close };
    Body body = Body::sized;
    After after = After::keep;
};

/// Appends status line and headers, the empty line included.
void append_head(std::string& text, const Response& response, ResponseFrame frame,
                 std::string_view date);

/// Whether the status allows a body at all.
bool has_body(int status) noexcept;

/// Appends `bytes` as one chunk; nothing when there are none, for an empty chunk ends the body.
void append_chunk(std::string& text, std::string_view bytes);

constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace purse::server::http
