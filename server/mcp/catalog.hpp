// SPDX-License-Identifier: Apache-2.0
// Port: what stands behind the protocol. Written once, in the modern shape; the eras are
// adapted around it. A call may be answered at once or later, on any thread.
#pragma once

#include <string_view>

#include "server/mcp/call.hpp"
#include "server/mcp/offer.hpp"

namespace purse::server {

class Catalog {
public:
    virtual ~Catalog() = default;
    virtual const Offer& offer() const = 0;

    // Each takes over the responder if it knows the name (then it answers through it, exactly
    // once) and returns true; else it leaves the responder alone and returns false.

    /// `arguments` is an object, or nullptr for none.
    virtual bool call_tool(std::string_view name, const json::Value* arguments,
                           Responder& responder) = 0;
    virtual bool read_resource(std::string_view, Responder&) { return false; }
    /// `arguments` is an object, or nullptr for none.
    virtual bool get_prompt(std::string_view, const json::Value*, Responder&) { return false; }
    /// `params` as the specification has them for completion/complete; only `ref` was checked.
    virtual bool complete(const json::Value&, Responder&) { return false; }

    /// About twice a second, where there is a clock.
    virtual void tick() {}
    /// The process is to end: what is waited for is answered as it stands.
    virtual void stop_waiting() {}
};

}  // namespace purse::server
