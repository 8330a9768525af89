// SPDX-License-Identifier: Apache-2.0
// Mcp-Session-Id: signed and self-describing, so that a session outlives the process that made it.
// Visible ASCII (MCP 2025-11-25, transports, "Session Management"). It names a session and proves
// nothing: each request brings its credential, which must be the one the session began with.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/clock.hpp"
#include "ledger/entropy.hpp"
#include "server/mcp/client.hpp"
#include "server/mcp/era.hpp"

namespace purse::server {

struct SessionFacts {
    Version version = kNewestLegacy;
    ClientAbilities abilities;
    Instant begun;
    std::string client;  ///< name and version of the client
    std::string name;    ///< of the session itself, random; also names it in the journal
};

class SessionIds {
public:
    /// `key`: secret, the same in every process that shall know the sessions.
    explicit SessionIds(std::string key) : key_{std::move(key)} {}

    /// A fresh name for a session: "http-" and 80 random bits.
    static std::string fresh_name(Entropy& entropy);

    std::string write(const SessionFacts& facts, std::string_view credential) const;
    /// Nothing for an id that is not ours, is too old at `now`, or began with another credential.
    std::optional<SessionFacts> read(std::string_view id, std::string_view credential,
                                     Instant now) const;

private:
    std::string key_;
};

}  // namespace purse::server
