// SPDX-License-Identifier: Apache-2.0
// All figures of one run and the tables that show them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bench/load.hpp"
#include "bench/options.hpp"
#include "bench/session.hpp"

namespace purse::bench {

/// One phase of one round.
struct PhaseFigures {
    double rate = 0;
    double p50_ms = 0;
    double p99_ms = 0;
    double cpu_us = 0;
};

struct PhaseKey {
    Operation operation{};
    unsigned depth = 0;
    auto operator<=>(const PhaseKey&) const = default;
};

struct Run {
    std::map<PhaseKey, std::map<std::string, std::vector<PhaseFigures>>> phases;  ///< by server
    std::map<std::string, std::vector<StartFigures>> starts;                      ///< by server
    std::map<unsigned, std::vector<PhaseFigures>> commits;                        ///< by group size
    std::map<std::string, std::vector<StartFigures>> history;  ///< "empty", "1,000,000 holds"
};

/// `nanoseconds` of operations to milliseconds, rate and percentiles.
PhaseFigures figures_of(const std::vector<std::int64_t>& nanoseconds, double rate);

/// The name under which the null server runs.
inline constexpr const char* kNullServer = "null";

std::string report(const Options& options, const Run& run);

}  // namespace purse::bench
