// SPDX-License-Identifier: Apache-2.0
// Keeps one call in flight on each of many connections and takes their times.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "bench/child.hpp"
#include "bench/http/request.hpp"

namespace purse::bench {

enum class HttpOperation : std::uint8_t {
    pair,    ///< pay_preauthorize, and pay_settle as soon as the hold is answered
    status,  ///< pay_budget_status
};

struct HttpLoad {
    HttpOperation operation = HttpOperation::pair;
    unsigned connections = 1;
    std::chrono::milliseconds warm_up{300};
    std::chrono::milliseconds duration{3000};
    std::uint64_t refusals_max = 0;  ///< answers with status 429 or 503 that do not end the run
};

struct HttpLoadResult {
    std::vector<std::int64_t> nanoseconds;  ///< of each measured operation, in order of their ends
    double seconds = 0;
    std::uint64_t refusals = 0;  ///< warm-up included
    double server_cpu_us = 0;    ///< a call; a pair is two
    double driver_cpu_us = 0;    ///< a call: what the driver itself has cost
    double rate() const { return static_cast<double>(nanoseconds.size()) / seconds; }
};

/// Opens the connections, and the sessions of the legacy era, before it measures.
/// Throws at the first answer that is not a yes, quoting it.
HttpLoadResult run_http_load(const Child& server, const Peer& peer, const HttpLoad& load);

}  // namespace purse::bench
