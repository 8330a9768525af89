// SPDX-License-Identifier: Apache-2.0
// What the headers of an HTTP request say about the message in its body. Pure. MCP 2026-07-28,
// transports, "Standard Request Headers".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/http/message.hpp"
#include "server/mcp/era.hpp"
#include "server/mcp/jsonrpc.hpp"

namespace purse::server {

/// A header's text: as it stands, or decoded where it is written =?base64?...?=. Nothing when that
/// is malformed.
std::optional<std::string> decode_header(std::string_view value);

/// Whether an Accept header takes a media type. No header, and "*/*", take all.
bool accepts(const http::Request& request, std::string_view media_type);

/// Whether the body is JSON by its Content-Type. No header is taken for JSON.
bool is_json(const http::Request& request);

/// Why a modern request's headers do not fit its body (-32020), in two parts because the version is
/// judged between them: what is there and differs, and what is missing.
std::optional<RpcError> why_headers_differ(const http::Request& request, const Message& message,
                                           const Envelope& envelope);
std::optional<RpcError> why_headers_lack(const http::Request& request, const Message& message);

/// The secret of "Authorization: Bearer ..."; empty when there is none. Nothing for another scheme.
std::optional<std::string_view> bearer_of(const http::Request& request);

}  // namespace purse::server
