// SPDX-License-Identifier: Apache-2.0
// MCP on standard input and output: one JSON-RPC message a line. The calling thread reads and
// never waits for a tool; answers leave through the outbox from whichever thread made them.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "server/limits.hpp"
#include "server/log.hpp"
#include "server/mcp/session.hpp"
#include "server/stdio/outbox.hpp"

namespace purse::server {

struct StdioOptions {
    int in_fd = 0;     ///< may be blocking: it is read only when there is something
    int stop_fd = -1;  ///< becomes readable (a signalfd, a pipe) to ask for the end; -1: none
    /// How long a peer may leave the last answers unread.
    std::chrono::milliseconds patience = kLastWordsPatience;
    /// Called about twice a second while calls are in flight.
    std::function<void()> tick = [] {};
    /// Called once, when no more input will be read and calls may still be in flight.
    std::function<void()> ending = [] {};
};

enum class StdioEnd {
    input,   ///< the peer closed our input
    stop,    ///< stop_fd asked
    output,  ///< the peer no longer reads
};

/// Serves until one of the ends, then waits for every call that was begun and writes the last
/// answers. `outbox` is the session's transport. SIGPIPE must be ignored.
StdioEnd run_stdio(Session& session, const std::shared_ptr<Outbox>& outbox, StdioOptions options,
                   Log& log);

}  // namespace purse::server
