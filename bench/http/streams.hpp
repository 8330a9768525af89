// SPDX-License-Identifier: Apache-2.0
// What many idle streams cost a server: memory, and the patience of others.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "bench/child.hpp"
#include "bench/http/connection.hpp"

namespace purse::bench {

struct StreamMemory {
    double before_mib = 0;  ///< resident with one session that has made a call
    double after_mib = 0;   ///< resident with all streams open
    double kib_each = 0;
};

/// Opens `count` streams, each with a connection of its own: in the legacy era a session and its
/// GET, in the modern era a subscriptions/listen.
std::vector<Connection> open_streams(const Peer& peer, unsigned count);
/// How many of them the server has closed.
unsigned closed_streams(const std::vector<Connection>& streams);

/// Makes one call, reads the memory, opens the streams into `streams`, reads it again.
StreamMemory measure_streams(const Child& server, const Peer& peer, unsigned count,
                             std::vector<Connection>& streams);

struct ProbeResult {
    std::vector<std::int64_t> nanoseconds;
    std::uint64_t refusals = 0;  ///< answers that are not 200
};

/// GETs `path` again and again, with pauses, on one connection, and takes its times.
ProbeResult probe(const Peer& peer, const std::string& path, std::chrono::milliseconds duration);

}  // namespace purse::bench
