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

/// What a modern request says about itself.
struct Envelope {
    const json::Value* client_info = nullptr;  ///< an object, or nullptr
};

/// Whether a message claims the modern era: its `_meta` names a protocol version.
bool has_claim(const json::Value* params) noexcept;

/// Nothing for a legacy request; the envelope of a modern one. Errors, in this order: an incomplete
/// or malformed envelope (-32602), a version that is not served (-32022).
std::expected<std::optional<Envelope>, RpcError> read_envelope(const json::Value* params);

/// "name/version" of a clientInfo object, bounded and without control characters; else empty.
std::string client_name(const json::Value* client_info);

}  // namespace purse::server
