// SPDX-License-Identifier: Apache-2.0
// The tools room behind the protocol: every call is handed to the toolbox, its results are put into
// MCP's words.
#pragma once

#include <string>

#include "server/approval_chat.hpp"
#include "server/mcp/catalog.hpp"
#include "tools/tool.hpp"

namespace purse::server {

class ToolboxCatalog final : public Catalog {
public:
    /// Told of the result of every tool call, on the thread that answers.
    using Observer = ApprovalChat::Observer;

    ToolboxCatalog(tools::Toolbox& toolbox, std::string version, Observer observer = {});

    const Offer& offer() const override { return offer_; }
    bool call_tool(std::string_view name, const json::Value* arguments,
                   Responder& responder) override;
    bool read_resource(std::string_view uri, Responder& responder) override;
    bool get_prompt(std::string_view name, const json::Value* arguments,
                    Responder& responder) override;
    void tick() override { approvals_.tick(); }
    void stop_waiting() override { approvals_.stop(); }

private:
    tools::Toolbox& toolbox_;
    Offer offer_;
    ApprovalChat approvals_;
};

}  // namespace purse::server
