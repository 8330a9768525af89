// SPDX-License-Identifier: Apache-2.0
// Keeps a number of operations in flight against one server and takes their times.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

#include "bench/child.hpp"
#include "bench/wire.hpp"

namespace purse::bench {

enum class Operation : std::uint8_t {
    preauthorize,  ///< one hold
    pair,          ///< a hold and its settlement, which is sent as soon as the hold is answered
};

struct LoadOptions {
    Operation operation = Operation::preauthorize;
    unsigned depth = 1;  ///< operations in flight
    std::chrono::milliseconds warm_up{300};
    std::chrono::milliseconds duration{3000};  ///< the end of the measurement ...
    std::uint64_t most = std::numeric_limits<std::uint64_t>::max();  ///< ... or so many operations
    CallStyle style;
};

struct LoadResult {
    std::vector<std::int64_t> nanoseconds;  ///< of each measured operation, in order of their ends
    double seconds = 0;
    std::uint64_t finished = 0;   ///< operations, warm-up included
    double cpu_microseconds = 0;  ///< of the server, an operation
    double rate() const { return static_cast<double>(nanoseconds.size()) / seconds; }
};

/// The server has been initialised. Throws at the first answer that is not a yes.
LoadResult run_load(Child& server, const LoadOptions& options);

}  // namespace purse::bench
