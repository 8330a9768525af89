// SPDX-License-Identifier: Apache-2.0
// One connection's protocol: takes frames, answers through the transport. Every message is
// judged by itself, so both eras may mix on one connection. Frames come from one thread;
// tools may answer on any. Outlives its calls: see Transport::end_call.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/log.hpp"
#include "server/mcp/calls.hpp"
#include "server/mcp/era.hpp"
#include "server/mcp/jsonrpc.hpp"
#include "server/mcp/replies.hpp"
#include "server/mcp/transport.hpp"
#include "tools/tool.hpp"

namespace purse::server {

struct SessionOptions {
    std::string version;   ///< the program's, for serverInfo
    tools::Caller caller;  ///< credential and session name; `client` is filled in from clientInfo
};

class Session {
public:
    Session(tools::Toolbox& toolbox, Transport& transport, SessionOptions options, Log& log);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// One line without its end. Never throws for what it says, never waits for a tool.
    void receive(std::string_view frame);
    /// Answers a line that was longer than kLineBytesMax.
    void refuse_long_line();
    /// No more frames will come: closes what is open until cancelled (subscriptions).
    void end();

private:
    /// Where an answer goes: out at once, or into its place in a batch.
    struct Target {
        std::shared_ptr<Batch> batch;
        std::size_t place = 0;
    };
    /// A request with what the era adapter found out about it.
    struct Request {
        const Message& message;
        Version version;
        const tools::Caller& caller;
        Target target;
    };

    void receive_batch(const json::Value& root);
    std::optional<RpcError> why_no_batch(std::span<const Message> messages) const;
    bool in_use(const RequestId& id) const;
    void receive_message(const Message& message, Target target);
    void notification(const Message& message);
    void legacy(const Message& message, Target target);
    void modern(const Message& message, const Envelope& envelope, Target target);

    void initialize(const Message& message, const Target& target);
    void list_tools(const Request& request);
    void call_tool(const Request& request);
    void listen(const Request& request);
    void cancel(const Message& message);

    void result(const Request& request, std::string_view result);
    void fail(const Message& message, const Target& target, const RpcError& error);
    void answer(const Target& target, std::string_view frame);
    const tools::Caller& modern_caller(const Envelope& envelope);

    tools::Toolbox& toolbox_;
    Transport& transport_;
    Log& log_;
    Replies replies_;
    Calls calls_;
    std::vector<RequestId> listening_;
    std::optional<Version> negotiated_;  // by the last initialize; for legacy messages only
    tools::Caller legacy_caller_;
    tools::Caller modern_caller_;
};

}  // namespace purse::server
