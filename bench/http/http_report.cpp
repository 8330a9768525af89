// SPDX-License-Identifier: Apache-2.0
#include "bench/http/http_report.hpp"

#include <algorithm>
#include <array>

#include "bench/figures.hpp"

namespace purse::bench {

namespace {

constexpr unsigned kRatioConnections = 64;

template <typename Figures>
std::vector<double> values_of(const std::vector<Figures>& all, double Figures::* member)
{
    std::vector<double> values;
    for (const auto& one : all) values.push_back(one.*member);
    return values;
}

template <typename Figures>
double median_of(const std::vector<Figures>& all, double Figures::* member)
{
    return median(values_of(all, member));
}

/// "12,345" and what it was at least and at most: "12,000..13,000".
template <typename Figures>
std::string range_of(const std::vector<Figures>& all, double Figures::* member, int digits)
{
    const auto values = values_of(all, member);
    const auto [least, most] = std::ranges::minmax(values);
    const auto show = [&](double x) { return digits == 0 ? grouped(x) : fixed(x, digits); };
    return show(least) + ".." + show(most);
}

const std::vector<HttpFigures>* figures_at(const HttpRun& run, const HttpPhase& phase,
                                           const std::string& server)
{
    const auto servers = run.phases.find(phase);
    if (servers == run.phases.end()) return nullptr;
    const auto found = servers->second.find(server);
    return found == servers->second.end() ? nullptr : &found->second;
}

const char* heading_of(HttpOperation operation)
{
    return operation == HttpOperation::pair ? "pairs (preauthorize, then settle)"
                                            : "budget status (ceiling: a fixed answer)";
}

void add_phases(std::string& out, const HttpOptions& options, const HttpRun& run)
{
    for (const auto operation : options.operations) {
        Table table({heading_of(operation), "connections", "per second", "least..most", "p50 ms",
                     "p99 ms", "server CPU us a call", "driver CPU us a call"});
        for (const auto connections : options.common.depths)
            for (const auto& target : options.targets) {
                const auto* all = figures_at(run, {operation, connections}, target.spec.name);
                if (all == nullptr) continue;
                table.row({target.spec.name, std::to_string(connections),
                           grouped(median_of(*all, &HttpFigures::rate)),
                           range_of(*all, &HttpFigures::rate, 0),
                           fixed(median_of(*all, &HttpFigures::p50_ms), 3),
                           fixed(median_of(*all, &HttpFigures::p99_ms), 3),
                           fixed(median_of(*all, &HttpFigures::server_cpu_us), 1),
                           fixed(median_of(*all, &HttpFigures::driver_cpu_us), 1)});
            }
        out += table.to_string() + '\n';
    }
}

struct RatioSpec {
    const char* server;
    const char* base;
    HttpOperation operation;
    double goal;  ///< 0: none
};

constexpr std::array kRatios{
    RatioSpec{kPurse, kSdkV1, HttpOperation::pair, 12},
    RatioSpec{kPurse, kSdkV2, HttpOperation::pair, 0},
    RatioSpec{kPurseModern, kSdkV1, HttpOperation::pair, 12},
    RatioSpec{kPurseModern, kSdkV2, HttpOperation::pair, 0},
    RatioSpec{kPurse, kSdkV1, HttpOperation::status, 7},
    RatioSpec{kPurseModern, kSdkV1, HttpOperation::status, 7},
    RatioSpec{kPurseModern, kSdkV2, HttpOperation::status, 0},
    RatioSpec{kPurse, kCeiling, HttpOperation::status, 0.5},
    RatioSpec{kPurseModern, kCeiling, HttpOperation::status, 0.5},
};

/// One value a round, where the machine was the same for both.
std::vector<double> ratios_of(const std::vector<HttpFigures>& all,
                              const std::vector<HttpFigures>& base, double HttpFigures::* member)
{
    std::vector<double> ratios;
    for (std::size_t i = 0; i < std::min(all.size(), base.size()); ++i)
        ratios.push_back((all[i].*member) / (base[i].*member));
    return ratios;
}

void add_ratios(std::string& out, const HttpRun& run)
{
    Table table({"ratios at 64 connections, each within a round", "rates", "least..most", "goal",
                 "", "server CPU a call"});
    bool any = false;
    for (const auto& spec : kRatios) {
        const HttpPhase phase{spec.operation, kRatioConnections};
        const auto* own = figures_at(run, phase, spec.server);
        const auto* base = figures_at(run, phase, spec.base);
        if (own == nullptr || base == nullptr) continue;
        const auto rates = ratios_of(*own, *base, &HttpFigures::rate);
        const auto [least, most] = std::ranges::minmax(rates);
        const auto middle = median(rates);
        const std::string what = spec.operation == HttpOperation::pair ? " pairs" : " status";
        table.row({spec.server + what + " / " + spec.base, fixed(middle, 2),
                   fixed(least, 2) + ".." + fixed(most, 2),
                   spec.goal > 0 ? "at least " + fixed(spec.goal, 1) : "",
                   spec.goal > 0 ? (middle >= spec.goal ? "met" : "MISSED") : "",
                   fixed(median(ratios_of(*own, *base, &HttpFigures::server_cpu_us)), 3)});
        any = true;
    }
    if (any) out += table.to_string() + '\n';
}

void add_floor(std::string& out, const HttpRun& run)
{
    if (run.commits.empty()) return;
    Table table({"floor: one durable commit, SQLite alone, between the phases", "per second",
                 "least..most", "p50 ms"});
    table.row({"WAL, FULL, one commit at a time",
               grouped(median_of(run.commits, &PhaseFigures::rate)),
               range_of(run.commits, &PhaseFigures::rate, 0),
               fixed(median_of(run.commits, &PhaseFigures::p50_ms), 3)});
    out += table.to_string() + '\n';
}

void add_memory(std::string& out, const HttpOptions& options, const HttpRun& run)
{
    if (run.memory.empty()) return;
    Table table({"memory of idle streams, each with its session", "streams", "before MiB",
                 "with them MiB", "KiB each", "least..most"});
    for (const auto& target : options.targets) {
        const auto found = run.memory.find(target.spec.name);
        if (found == run.memory.end()) continue;
        const auto& all = found->second;
        table.row({target.spec.name, grouped(target.streams),
                   fixed(median_of(all, &StreamMemory::before_mib), 1),
                   fixed(median_of(all, &StreamMemory::after_mib), 1),
                   fixed(median_of(all, &StreamMemory::kib_each), 2),
                   range_of(all, &StreamMemory::kib_each, 2)});
    }
    out += table.to_string() + '\n';
}

void add_health(std::string& out, const HttpOptions& options, const HttpRun& run)
{
    if (run.health.empty()) return;
    Table table({"health, all streams open, 64 connections busy", "probes", "p50 ms", "p99 ms",
                 "most ms", "refused", "status a second", "refused", "streams lost"});
    for (const auto& target : options.targets) {
        const auto found = run.health.find(target.spec.name);
        if (found == run.health.end()) continue;
        const auto& all = found->second;
        table.row({target.spec.name, grouped(median_of(all, &HealthFigures::probes)),
                   fixed(median_of(all, &HealthFigures::p50_ms), 3),
                   fixed(median_of(all, &HealthFigures::p99_ms), 3),
                   fixed(median_of(all, &HealthFigures::most_ms), 3),
                   grouped(median_of(all, &HealthFigures::refused_probes)),
                   grouped(median_of(all, &HealthFigures::calls_rate)),
                   grouped(median_of(all, &HealthFigures::refused_calls)),
                   grouped(median_of(all, &HealthFigures::closed_streams))});
    }
    out += table.to_string() + '\n';
}

}  // namespace

HttpFigures figures_of(const HttpLoadResult& result)
{
    const auto times = figures_of(result.nanoseconds, result.rate());
    return {.rate = times.rate,
            .p50_ms = times.p50_ms,
            .p99_ms = times.p99_ms,
            .server_cpu_us = result.server_cpu_us,
            .driver_cpu_us = result.driver_cpu_us};
}

std::string http_report(const HttpOptions& options, const HttpRun& run)
{
    const auto seconds = static_cast<double>(options.common.duration.count()) / 1000;
    std::string out = "Medians of " + std::to_string(options.common.rounds) + " rounds of " +
                      fixed(seconds, 1) + " s a phase, all servers in turn in each.\n\n";
    add_phases(out, options, run);
    add_ratios(out, run);
    add_floor(out, run);
    add_memory(out, options, run);
    add_health(out, options, run);
    return out;
}

}  // namespace purse::bench
