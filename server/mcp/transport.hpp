// SPDX-License-Identifier: Apache-2.0
// Where frames leave: the port that the doors (and tests) implement. Thread-safe. One of
// it serves a connection on stdio, and a single exchange on HTTP. It counts the calls whose
// answers are still to come, so that a reader can hold back and an ending can wait for them.
#pragma once

#include <optional>
#include <string>

#include "server/mcp/jsonrpc.hpp"

namespace purse::server {

class Transport {
public:
    virtual ~Transport() = default;
    /// One whole message that answers nothing: a notice, or a request of ours. No line end.
    /// Never blocks for the peer; dropped when there is no way to the peer.
    virtual void send(std::string frame) = 0;
    /// The answer to what began no call; `error` is its code when it is an error.
    virtual void answer(std::string frame, std::optional<ErrorCode> error) = 0;
    /// A call was begun; exactly one end_call() follows.
    virtual void begin_call() = 0;
    /// A call is over, with its answer or, when nothing may be sent for it, with an empty frame.
    virtual void end_call(std::string frame, std::optional<ErrorCode> error) = 0;
    /// Whether the peer could answer a request of ours.
    virtual bool can_ask() const { return true; }
};

}  // namespace purse::server
