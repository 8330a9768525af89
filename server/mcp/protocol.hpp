// SPDX-License-Identifier: Apache-2.0
// MCP's methods, once for all versions and doors: finds what a request asks for, has the
// catalog answer it, and puts the answer into the shape of the request's version. Knows no
// connection. Thread-safe.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/clock.hpp"
#include "ledger/entropy.hpp"
#include "server/log.hpp"
#include "server/mcp/asks.hpp"
#include "server/mcp/call.hpp"
#include "server/mcp/catalog.hpp"
#include "server/mcp/notices.hpp"
#include "server/mcp/replies.hpp"
#include "server/mcp/seal.hpp"

namespace purse::server {

class Protocol {
public:
    struct Ports {
        Catalog& catalog;
        Entropy& entropy;
        const Clock& clock;
        Log& log;
    };
    explicit Protocol(const Ports& ports);
    Protocol(const Protocol&) = delete;
    Protocol& operator=(const Protocol&) = delete;

    const Replies& replies() const { return replies_; }
    const Offer& offer() const { return ports_.catalog.offer(); }
    Notices& notices() { return notices_; }
    Log& log() { return ports_.log; }

    /// Whether requests of that method are answered in that version (initialize is the session's,
    /// subscriptions/listen is listen()).
    bool serves(std::string_view method, Version version) const;

    /// Begins a call on its transport and has it answered, at once or later.
    void start(const std::shared_ptr<Call>& call);
    /// The outcome of what was asked: an answer, or questions to the client.
    void finish(const std::shared_ptr<Call>& call, Outcome outcome);
    /// About twice a second, where there is a clock: tells those who want to know that their call
    /// still waits.
    void tick();
    /// Goes on with a call whose questions were answered.
    void resume(Asks::Arrival arrival);
    /// Ends one whose questions will have no answer.
    void give_up(Asks::Waiting waiting, Unanswered why);

    /// The facts of a modern request.
    CallFacts modern_facts(std::shared_ptr<const json::Document> document, const Message& message,
                           const Envelope& envelope, tools::Caller caller,
                           std::shared_ptr<Transport> transport);

    /// subscriptions/listen: the transport is told what is granted, then of each change.
    std::expected<void, RpcError> listen(const std::shared_ptr<Transport>& transport,
                                         const Message& message);
    /// Ends a subscription with its result. Nothing happens when there is none.
    void end_listening(Transport& transport, const RequestId& id);
    /// Ends one without a word, as its client asked.
    void stop_listening(const Transport& transport, const RequestId& id);

private:
    bool route(const std::shared_ptr<Call>& call);
    void run(const std::shared_ptr<Call>& call);
    void list(const std::shared_ptr<Call>& call, List which);
    void call_named(const std::shared_ptr<Call>& call);
    void read_resource(const std::shared_ptr<Call>& call);
    void complete(const std::shared_ptr<Call>& call);
    void watch(const std::shared_ptr<Call>& call);
    bool take_inputs(const std::shared_ptr<Call>& call);

    void ask(const std::shared_ptr<Call>& call, NeedsInput needs);
    void ask_modern(const std::shared_ptr<Call>& call, const NeedsInput& needs);
    void ask_legacy(const std::shared_ptr<Call>& call, NeedsInput needs);
    void cannot_ask(const std::shared_ptr<Call>& call, const NeedsInput& needs,
                    std::string_view why);

    const Ports ports_;
    const Replies replies_;
    StateSeal seal_;
    Notices notices_;
    struct Watched {
        std::weak_ptr<Call> call;
        std::size_t ticks = 0;
    };
    Guarded<std::vector<Watched>> watched_;  // calls whose clients want to hear of progress
};

/// Errors that more than one place gives.
RpcError method_not_found(std::string_view method);
RpcError invalid_params(std::string message);
RpcError invalid_request(std::string message);
std::string error_frame(const RequestId& id, const RpcError& error);

/// A member of a message's params; nullptr when it is not there.
const json::Value* param(const Message& message, std::string_view key);

}  // namespace purse::server
