// SPDX-License-Identifier: Apache-2.0
// Where a session's frames leave: the port that stdio (and tests) implement. Thread-safe.
// It counts the calls whose answers are still to come, so that a reader can hold back
// and an ending can wait for them.
#pragma once

#include <string_view>

namespace purse::server {

class Transport {
public:
    virtual ~Transport() = default;
    /// One whole JSON-RPC message (or batch), without a line end. Never blocks for the peer.
    virtual void send(std::string_view frame) = 0;
    /// A call was begun; exactly one end_call() follows.
    virtual void begin_call() = 0;
    /// A call is over, with its answer or, when nothing may be sent for it, with an empty frame.
    /// The last thing a call does with its session.
    virtual void end_call(std::string_view frame) = 0;
};

}  // namespace purse::server
