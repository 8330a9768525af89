// SPDX-License-Identifier: Apache-2.0
// requestState of multi-round-trip requests: what we must remember between rounds, carried by the
// client. Authenticated for one caller, method and arguments, of limited life, and taken back
// once. The key lives as long as the process, so a restart makes older states void: the client is
// then asked anew. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "ledger/clock.hpp"
#include "ledger/entropy.hpp"
#include "server/mcp/guarded.hpp"

namespace purse::server {

/// HMAC-SHA-256 (RFC 2104) over the parts, each preceded by its length.
std::array<std::uint8_t, 32> hmac_sha256(std::string_view key,
                                         std::initializer_list<std::string_view> parts);
/// In time that does not depend on where two texts of one length differ.
bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

/// Base 64 for URLs, without padding (RFC 4648, section 5).
std::string to_base64url(std::string_view bytes);
/// Nothing for anything else, padding included.
std::optional<std::string> from_base64url(std::string_view text);

class StateSeal {
public:
    StateSeal(Entropy& entropy, const Clock& clock);

    /// What a state is good for: who asks, and a digest of what is asked.
    struct Purpose {
        std::string_view principal;
        std::string_view request;
    };
    std::string seal(std::string_view state, const Purpose& purpose);
    /// The state, once; or why not, for the client. Everything wrong is answered alike.
    std::expected<std::string, std::string> open(std::string_view sealed, const Purpose& purpose);

private:
    Entropy& entropy_;
    const Clock& clock_;
    std::string key_;
    // Nonces that were taken back, with the time until which they must be remembered.
    Guarded<std::unordered_map<std::string, std::int64_t>> burned_;
};

}  // namespace purse::server
