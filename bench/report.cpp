// SPDX-License-Identifier: Apache-2.0
#include "bench/report.hpp"

#include <functional>

#include "bench/figures.hpp"

namespace purse::bench {

namespace {

template <typename Figures>
double median_of(const std::vector<Figures>& all, double Figures::* member)
{
    std::vector<double> values;
    for (const auto& one : all) values.push_back(one.*member);
    return median(std::move(values));
}

template <typename Map, typename Key>
auto at_or_empty(const Map& map, const Key& key)
{
    const auto found = map.find(key);
    return found == map.end() ? typename Map::mapped_type{} : found->second;
}

std::string ratio(double value, double reference)
{
    return reference > 0 ? fixed(value / reference, 2) + "x" : "";
}

void add_phases(std::string& out, const Options& options, const Run& run)
{
    const auto& reference = options.servers.front().name;
    for (const auto operation : {Operation::preauthorize, Operation::pair}) {
        const std::string what = operation == Operation::pair ? "pairs (preauthorize, then settle)"
                                                              : "preauthorize alone";
        Table table({what, "in flight", "per second", "ratio", "p50 ms", "p99 ms", "CPU us each"});
        for (const auto depth : options.depths) {
            const auto servers = at_or_empty(run.phases, PhaseKey{operation, depth});
            const auto base = median_of(at_or_empty(servers, reference), &PhaseFigures::rate);
            for (const auto& spec : options.servers) {
                const auto figures = at_or_empty(servers, spec.name);
                const auto rate = median_of(figures, &PhaseFigures::rate);
                table.row({spec.name, std::to_string(depth), grouped(rate), ratio(rate, base),
                           fixed(median_of(figures, &PhaseFigures::p50_ms), 3),
                           fixed(median_of(figures, &PhaseFigures::p99_ms), 3),
                           fixed(median_of(figures, &PhaseFigures::cpu_us), 1)});
            }
        }
        out += table.to_string() + '\n';
    }
}

void add_starts(std::string& out, const Options& options, const Run& run)
{
    if (run.starts.empty()) return;
    Table table({"start, fresh state (median of " + std::to_string(options.starts) + ")",
                 "first answer ms", "ratio", "first call ms", "resident idle MiB", "ratio",
                 "after a call MiB"});
    const auto base = at_or_empty(run.starts, options.servers.front().name);
    for (const auto& spec : options.servers) {
        const auto figures = at_or_empty(run.starts, spec.name);
        const auto answer = median_of(figures, &StartFigures::first_answer_ms);
        const auto idle = median_of(figures, &StartFigures::idle_mib);
        table.row({spec.name, fixed(answer, 2),
                   ratio(answer, median_of(base, &StartFigures::first_answer_ms)),
                   fixed(median_of(figures, &StartFigures::first_call_ms), 2), fixed(idle, 1),
                   ratio(idle, median_of(base, &StartFigures::idle_mib)),
                   fixed(median_of(figures, &StartFigures::called_mib), 1)});
    }
    out += table.to_string() + '\n';
}

void add_floors(std::string& out, const Options& options, const Run& run)
{
    Table table({"floor: SQLite alone, WAL, FULL", "per second", "p50 ms", "p99 ms"});
    for (const auto& [group, figures] : run.commits)
        table.row({std::to_string(group) + " a commit",
                   grouped(median_of(figures, &PhaseFigures::rate)),
                   fixed(median_of(figures, &PhaseFigures::p50_ms), 3),
                   fixed(median_of(figures, &PhaseFigures::p99_ms), 3)});
    out += table.to_string() + '\n';

    const auto alone = at_or_empty(run.phases, PhaseKey{Operation::preauthorize, 1});
    const auto trip = median_of(at_or_empty(alone, kNullServer), &PhaseFigures::p50_ms);
    const auto commit = median_of(at_or_empty(run.commits, 1U), &PhaseFigures::p50_ms);
    if (trip <= 0 || commit <= 0) return;
    Table floor({"preauthorize, one at a time, against its floor", "p50 ms", "ratio to the floor"});
    floor.row({"floor: one commit + one null round trip (" + fixed(commit, 3) + " + " +
                   fixed(trip, 3) + ")",
               fixed(commit + trip, 3), "1.00x"});
    for (const auto& spec : options.servers) {
        if (spec.name == kNullServer) continue;
        const auto p50 = median_of(at_or_empty(alone, spec.name), &PhaseFigures::p50_ms);
        floor.row({spec.name, fixed(p50, 3), ratio(p50, commit + trip)});
    }
    out += floor.to_string() + '\n';
}

void add_history(std::string& out, const Options& options, const Run& run)
{
    if (run.history.empty()) return;
    Table table({options.history_of + ", by the length of its ledger", "first answer ms",
                 "first call ms", "resident idle MiB", "after a call MiB"});
    for (const auto& [name, figures] : run.history)
        table.row({name, fixed(median_of(figures, &StartFigures::first_answer_ms), 2),
                   fixed(median_of(figures, &StartFigures::first_call_ms), 2),
                   fixed(median_of(figures, &StartFigures::idle_mib), 1),
                   fixed(median_of(figures, &StartFigures::called_mib), 1)});
    out += table.to_string() + '\n';
}

}  // namespace

PhaseFigures figures_of(const std::vector<std::int64_t>& nanoseconds, double rate)
{
    constexpr double kMillion = 1e6;
    std::vector<double> ms;
    ms.reserve(nanoseconds.size());
    for (const auto one : nanoseconds) ms.push_back(static_cast<double>(one) / kMillion);
    return {
        .rate = rate, .p50_ms = percentile(ms, 0.50), .p99_ms = percentile(ms, 0.99), .cpu_us = 0};
}

std::string report(const Options& options, const Run& run)
{
    std::string out = "Medians of " + std::to_string(options.rounds) + " rounds of " +
                      fixed(static_cast<double>(options.duration.count()) / 1000, 1) +
                      " s a phase, servers in turn; ratios to " + options.servers.front().name +
                      ".\n\n";
    if (!run.phases.empty()) add_phases(out, options, run);
    add_starts(out, options, run);
    if (!run.commits.empty()) add_floors(out, options, run);
    add_history(out, options, run);
    return out;
}

}  // namespace purse::bench
