// SPDX-License-Identifier: Apache-2.0
// HTTP requests to an MCP endpoint, written as text, in either of its eras.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/wire.hpp"

namespace purse::bench {

enum class Protocol : std::uint8_t {
    legacy,  ///< 2025-11-25: initialize, then calls in its session
    modern,  ///< 2026-07-28: no session, the envelope in each request
    raw,     ///< no MCP at all: the same request always, for the ceiling
};

/// The server that requests go to.
struct Peer {
    std::uint16_t port = 0;
    Protocol protocol = Protocol::legacy;
    std::string credential;  ///< may be empty
};

/// What a request says of its body in headers.
struct Subject {
    std::string_view method;   ///< Mcp-Method of the modern era
    std::string_view name;     ///< Mcp-Name of the modern era; may be empty
    std::string_view session;  ///< Mcp-Session-Id of the legacy era; may be empty
};

/// How calls are written for a protocol: with the modern envelope or without.
CallStyle style_of(Protocol protocol);

void append_post(std::string& out, const Peer& peer, const Subject& subject, std::string_view body);
/// A GET of an event stream of the session, or of a plain path when `session` is empty.
void append_get(std::string& out, const Peer& peer, std::string_view path,
                std::string_view session);

}  // namespace purse::bench
