// SPDX-License-Identifier: Apache-2.0
// The MCP versions and how one message shows its era. Legacy (2024-11-05 to 2025-11-25) opens with
// `initialize`; modern (2026-07-28) carries an envelope in the `_meta` of every request. Pure.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "ledger/json.hpp"
#include "server/mcp/jsonrpc.hpp"

namespace purse::server {

/// In order of time: comparison asks "from this version on".
enum class Version : std::uint8_t {
    v2024_11_05,
    v2025_03_26,
    v2025_06_18,
    v2025_11_25,
    v2026_07_28,
};
constexpr std::size_t kVersionCount = 5;
constexpr Version kNewestLegacy = Version::v2025_11_25;
constexpr Version kModern = Version::v2026_07_28;

std::string_view name_of(Version version) noexcept;

/// What an initialize that asks for `requested` is answered: the same if it is a legacy version we
/// serve, else the newest legacy one. Never the modern version, which has no initialize.
Version negotiate(std::string_view requested) noexcept;

/// The version of that name; nothing for one we do not serve.
std::optional<Version> parse_version(std::string_view name) noexcept;

/// What a modern request says about itself. Values are of the right kinds.
struct Envelope {
    std::string_view version;                   ///< as the client names it
    const json::Value* capabilities = nullptr;  ///< an object
    const json::Value* client_info = nullptr;   ///< an object, or nullptr
    std::string_view log_level;                 ///< empty: no messages are wanted
};

/// Whether a message claims the modern era: its `_meta` names a protocol version.
bool has_claim(const json::Value* params) noexcept;

/// Nothing for a legacy request; the envelope of a modern one. An error (-32602) when it is
/// incomplete or malformed; its version is not judged yet.
std::expected<std::optional<Envelope>, RpcError> read_envelope(const json::Value* params);

/// -32022 with the versions we serve, when the envelope names another; else nothing.
std::optional<RpcError> why_not_served(const Envelope& envelope);

}  // namespace purse::server
