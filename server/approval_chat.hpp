// SPDX-License-Identifier: Apache-2.0
// Puts a payment that needs a person's approval to the user of the chat, in the best way that the
// client has declared: the operator page opened for them, a form, or words with an address and the
// advice to ask again. MCP 2025-11-25 and 2026-07-28, elicitation.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/decisions.hpp"
#include "server/mcp/call.hpp"
#include "tools/tool.hpp"

namespace purse::server {

class ApprovalChat {
public:
    /// Told of each result that ends a call.
    using Observer = std::function<void(const tools::Result&)>;

    ApprovalChat(tools::Toolbox& toolbox, Observer observer);

    /// Answers a call with its result; one with a question is put to the user first.
    void answer(Responder responder, tools::Result result);
    /// Whether the call comes back from such a question.
    static bool is_back(const Call& call);
    /// Goes on with it.
    void resume(Responder responder);

    void tick() { decisions_.tick(); }
    /// As Catalog::stop_waiting.
    void stop() { decisions_.stop(); }

private:
    void ask(Responder responder, tools::Result result, Call::Mode mode);
    /// Puts what the user said to the ledger; `then` gets the result.
    void follow_up(Responder responder, const std::string& id, tools::Answered answered,
                   void (ApprovalChat::*then)(Responder, tools::Result));
    /// The result as it is.
    void end(Responder responder, tools::Result result);
    void wait_elsewhere(Responder responder, const std::string& id);
    /// A form stays open no longer than its question: somebody may decide on the page meanwhile.
    void watch_form(const std::shared_ptr<Call>& call, const std::string& id);

    tools::Toolbox& toolbox_;
    Observer observer_;
    Decisions decisions_;
};

}  // namespace purse::server
