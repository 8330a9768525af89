// SPDX-License-Identifier: Apache-2.0
// Reads the head of a request, RFC 9112 taken strictly: what two readers could understand in two
// ways is refused, so that nobody can hide a second request in the first. Pure functions.
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <string_view>

#include "server/http/limits.hpp"
#include "server/http/message.hpp"

namespace purse::server::http {

/// How far a search for the end of a head has come.
struct HeadSearch {
    std::size_t scanned = 0;     ///< bytes that need not be looked at again
    std::size_t line_start = 0;  ///< of the line being read
};

enum class HeadEnd { found, missing, malformed };

/// Looks on from where the last search of these bytes ended. Found: `search.scanned` is the length
/// of the head, its empty line included. Malformed as soon as a line does not end in CR LF.
HeadEnd find_head_end(std::string_view bytes, HeadSearch& search) noexcept;

/// What the connection must know of a head; the rest is in Request.
struct Framing {
    std::size_t content_length = 0;
    bool chunked = false;
    bool keep_alive = true;
    bool http_1_0 = false;
    bool expects_continue = false;
};

/// Reads a whole head, empty line included, into the request's method, path, query and headers,
/// which are views of `head`; names are made lower case in place. The error is a status.
std::expected<Framing, int> read_head(std::span<char> head, const Limits& limits, Request& request);

}  // namespace purse::server::http
