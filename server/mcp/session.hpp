// SPDX-License-Identifier: Apache-2.0
// What one client's messages share: the version it negotiated, what it can do, what is in flight.
// Every message is judged by itself, so both eras may mix. Messages come from one thread, each with
// the transport for its answers; tools may answer on any.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/mcp/asks.hpp"
#include "server/mcp/calls.hpp"
#include "server/mcp/era.hpp"
#include "server/mcp/jsonrpc.hpp"
#include "server/mcp/protocol.hpp"
#include "server/mcp/transport.hpp"
#include "tools/tool.hpp"

namespace purse::server {

/// What is known before the first message.
struct SessionStart {
    tools::Caller caller;  ///< `client` is filled in from clientInfo
    /// Of a session that goes on, or a legacy message without one; nothing: initialize is to come.
    std::optional<Version> negotiated;
    ClientAbilities abilities;
};

class Session {
public:
    using Path = std::shared_ptr<Transport>;
    using Document = std::shared_ptr<const json::Document>;

    Session(Protocol& protocol, SessionStart start);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// One frame. Never throws for what it says, never waits for a tool.
    void receive(std::string_view frame, const Path& path);
    /// The same, already read as JSON.
    void receive(const Document& document, const Path& path);
    /// Answers a frame that was longer than is allowed.
    void refuse_long_line(const Path& path);
    /// No more frames will come: closes what is open until cancelled (subscriptions, questions).
    void end();
    /// About twice a second, where there is a clock: gives up questions nobody answers.
    void tick();

    std::optional<Version> negotiated() const { return negotiated_; }
    const Peer& peer() const { return *peer_; }
    /// Nothing is in flight and no question is open.
    bool idle() const { return calls_.empty(); }

private:
    /// Where an answer goes: out at once, or into its place in a batch.
    struct Target {
        Path path;
        std::shared_ptr<Batch> batch;
        std::size_t place = 0;
    };

    void receive_batch(const Document& document, const Path& path);
    std::optional<RpcError> why_no_batch(std::span<const Message> messages) const;
    bool in_use(const RequestId& id) const;
    void receive_message(const Document& document, const Message& message, const Target& target);
    void notification(const Message& message);
    void legacy(const Document& document, const Message& message, const Target& target);
    void modern(const Document& document, const Message& message, const Envelope& envelope,
                const Target& target);
    void initialize(const Message& message, const Target& target);
    void set_log_level(const Message& message, const Target& target);
    void listen(const Message& message, const Target& target);
    void cancel(const Message& message);
    void start(CallFacts facts, const Target& target);
    static void fail(const Message& message, const Target& target, const RpcError& error);
    static void answer(const Target& target, std::string frame, std::optional<ErrorCode> error);

    struct Listening {
        RequestId id;
        std::weak_ptr<Transport> path;
    };

    Protocol& protocol_;
    Calls calls_;
    std::shared_ptr<Asks> asks_;
    std::vector<Listening> listening_;
    std::optional<Version> negotiated_;  // by the last initialize; for legacy messages only
    LogSeverity log_from_ = LogSeverity::info;
    std::shared_ptr<const Peer> peer_;  // of legacy messages
};

}  // namespace purse::server
