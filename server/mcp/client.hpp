// SPDX-License-Identifier: Apache-2.0
// What a client says it can do: in `initialize`, or in the envelope of each modern request. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/json.hpp"
#include "tools/tool.hpp"

namespace purse::server {

/// What a server may only ask of a client that has declared it.
struct ClientAbilities {
    bool elicits_forms = false;
    bool elicits_urls = false;
    bool samples = false;
    bool lists_roots = false;
    bool shows_apps = false;  ///< the extension io.modelcontextprotocol/ui

    bool operator==(const ClientAbilities&) const = default;
    /// As one number, for a session id; of() is the way back. Unknown bits are ignored.
    std::uint8_t bits() const noexcept;
    static ClientAbilities of(std::uint8_t bits) noexcept;
};

/// Reads a ClientCapabilities object; nullptr and anything odd declare nothing. An `elicitation`
/// without modes means forms alone (2025-11-25, elicitation, capabilities).
ClientAbilities read_abilities(const json::Value* capabilities);

/// "name/version" of a clientInfo object, bounded and without control characters; else empty.
std::string client_name(const json::Value* client_info);

/// Whether the client can be sent a request of that method, with these params; when it cannot,
/// `missing` is the ClientCapabilities object that would be needed, as JSON text.
struct AbilityCheck {
    bool able = false;
    std::string_view missing;
};
AbilityCheck check_ability(const ClientAbilities& abilities, std::string_view method,
                           const json::Value& params);

/// Who sends a message. Shared by the calls of a session.
struct Peer {
    tools::Caller caller;
    ClientAbilities abilities;
};

}  // namespace purse::server
