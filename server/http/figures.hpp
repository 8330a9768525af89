// SPDX-License-Identifier: Apache-2.0
// What the HTTP server counts. For /metrics; read on the I/O thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace purse::server::http {

/// Counted since the start unless said otherwise.
struct ServerFigures {
    std::size_t connections = 0;  ///< open now
    std::size_t requests_in_progress = 0;
    std::size_t streams = 0;  ///< open now
    std::uint64_t accepted = 0;
    std::uint64_t refused_capacity = 0;  ///< connections and requests answered 503
    std::uint64_t timed_out = 0;  ///< closed for a slow header, body or reader, or for idleness
    std::uint64_t malformed = 0;  ///< requests that were no HTTP we take
};

}  // namespace purse::server::http
