// SPDX-License-Identifier: Apache-2.0
// The results of MCP's methods as JSON text, in the shape each version knows. The lists are made
// once a version; after that every method is const and thread-safe.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "server/mcp/era.hpp"
#include "server/mcp/jsonrpc.hpp"
#include "tools/tool.hpp"

namespace purse::server {

class Replies {
public:
    Replies(std::span<const tools::Tool> tools, std::string_view program_version);

    /// Result of initialize, for the version that was negotiated.
    std::string initialize(Version version) const;
    /// Result of server/discover: modern versions only, as clients compare it with -32022's list.
    const std::string& discover() const { return discover_; }
    /// Result of tools/list: only what the version knows.
    const std::string& tools(Version version) const;
    /// The whole answer to a tools/call: text for a person, then the structured result as text,
    /// and as structuredContent for versions that have it.
    std::string call(const RequestId& id, Version version, const tools::Result& result) const;
    /// First and last frame of a subscription.
    std::string acknowledged(const RequestId& id) const;
    std::string subscription_ended(const RequestId& id) const;

private:
    std::string program_version_;
    std::string server_meta_;  // the serverInfo member of the `_meta` of modern results
    std::string discover_;
    std::array<std::string, kVersionCount> tools_;
};

/// JSON text without the white space between tokens: a frame is one line.
std::string compact(std::string_view json);

}  // namespace purse::server
