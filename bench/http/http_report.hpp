// SPDX-License-Identifier: Apache-2.0
// All figures of one run over HTTP and the tables that show them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bench/http/http_load.hpp"
#include "bench/http/http_options.hpp"
#include "bench/http/streams.hpp"
#include "bench/report.hpp"

namespace purse::bench {

/// The names under which the ratios look for servers.
inline constexpr const char* kPurse = "purse";
inline constexpr const char* kPurseModern = "purse-modern";
inline constexpr const char* kSdkV1 = "sdk-v1";
inline constexpr const char* kSdkV2 = "sdk-v2";
inline constexpr const char* kCeiling = "ceiling";

/// One phase of one round.
struct HttpFigures {
    double rate = 0;
    double p50_ms = 0;
    double p99_ms = 0;
    double server_cpu_us = 0;
    double driver_cpu_us = 0;
};

struct HttpPhase {
    HttpOperation operation{};
    unsigned connections = 0;
    auto operator<=>(const HttpPhase&) const = default;
};

/// One probe of a server's health in one round.
struct HealthFigures {
    double p50_ms = 0;
    double p99_ms = 0;
    double most_ms = 0;
    double probes = 0;
    double refused_probes = 0;
    double calls_rate = 0;
    double refused_calls = 0;
    double closed_streams = 0;
};

struct HttpRun {
    std::map<HttpPhase, std::map<std::string, std::vector<HttpFigures>>> phases;  ///< by server
    std::vector<PhaseFigures> commits;  ///< SQLite alone, between the phases of pairs
    std::map<std::string, std::vector<StreamMemory>> memory;   ///< by server
    std::map<std::string, std::vector<HealthFigures>> health;  ///< by server
};

HttpFigures figures_of(const HttpLoadResult& result);

std::string http_report(const HttpOptions& options, const HttpRun& run);

}  // namespace purse::bench
