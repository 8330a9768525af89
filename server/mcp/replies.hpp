// SPDX-License-Identifier: Apache-2.0
// The results of MCP's methods as JSON text, in the shape each version knows. The lists are made
// once a version; after that every method is const and thread-safe.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/mcp/call.hpp"
#include "server/mcp/era.hpp"
#include "server/mcp/jsonrpc.hpp"
#include "server/mcp/notices.hpp"
#include "server/mcp/offer.hpp"

namespace purse::server {

enum class List { tools, resources, resource_templates, prompts };
constexpr std::size_t kListCount = 4;

class Replies {
public:
    explicit Replies(const Offer& offer);

    /// Result of initialize, for the version that was negotiated.
    const std::string& initialize(Version version) const
    {
        return initialize_[static_cast<std::size_t>(version)];
    }
    /// Result of server/discover: modern versions only, as clients compare it with -32022's list.
    const std::string& discover() const { return discover_; }
    /// One page of a list: only what the version knows. nullptr: the cursor is not one of ours.
    const std::string* page(List list, Version version, std::string_view cursor) const;

    /// The whole answer to a tools/call: text for a person, then the structured result as text,
    /// and as structuredContent for versions that have it.
    std::string call(const RequestId& id, Version version, const tools::Result& result) const;
    /// The whole answer with any other result. `is_read`: of resources/read, whose modern results
    /// say how long they may be kept.
    struct Shape {
        Version version = kNewestLegacy;
        bool is_read = false;
    };
    std::string done(const RequestId& id, const Shape& shape, const Done& done) const;
    /// The modern answer that asks for more; an empty `state` is left out.
    std::string needs_input(const RequestId& id, const NeedsInput& needs,
                            std::string_view state) const;

    /// First and last frame of a subscription.
    std::string acknowledged(const RequestId& id, const NoticeFilter& granted) const;
    std::string subscription_ended(const RequestId& id) const;

private:
    void make_lists(const Offer& offer, Version version);

    std::array<std::string, kVersionCount> initialize_;
    std::string server_meta_;  // the serverInfo member of the `_meta` of modern results
    std::string discover_;
    std::array<std::array<std::vector<std::string>, kVersionCount>, kListCount> pages_;
};

/// JSON text without the white space between tokens: a frame is one line.
std::string compact(std::string_view json);

}  // namespace purse::server
