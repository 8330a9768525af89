// SPDX-License-Identifier: Apache-2.0
// Measures MCP payment servers over stdio, several in turn in one run, and prints one
// report. See README.md beside this file.
#include <signal.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <stdexcept>

#include "bench/floor.hpp"
#include "bench/history.hpp"
#include "bench/load.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "bench/session.hpp"

namespace purse::bench {

namespace {

void measure_load(const Options& options, const ServerSpec& spec, Run& run)
{
    const auto state = make_state(options, spec, options.folder + '/' + spec.name);
    const auto server = start(options, spec, state);
    initialize(*server);
    int phase = 0;
    for (const auto operation : {Operation::preauthorize, Operation::pair})
        for (const auto depth : options.depths) {
            LoadOptions load{.operation = operation,
                             .depth = depth,
                             .warm_up = options.warm_up,
                             .duration = options.duration,
                             .style = {}};
            ++phase;
            if (options.keyed) load.style.key_prefix = "phase-" + std::to_string(phase) + "-";
            const auto result = run_load(*server, load);
            auto figures = figures_of(result.nanoseconds, result.rate());
            figures.cpu_us = result.cpu_microseconds;
            run.phases[{operation, depth}][spec.name].push_back(figures);
        }
    server->close();
    remove_state(state);
}

void measure_floor(const Options& options, Run& run)
{
    constexpr unsigned kGroup = 64;
    for (const unsigned group : {1U, kGroup}) {
        const auto result = measure_commits(
            {.folder = options.folder, .group = group, .duration = options.duration});
        run.commits[group].push_back(figures_of(result.nanoseconds, result.rate));
    }
}

void measure_starts(const Options& options, Run& run)
{
    for (int i = 0; i < options.starts; ++i)
        for (const auto& spec : options.servers) {
            const auto state = make_state(options, spec, options.folder + '/' + spec.name);
            run.starts[spec.name].push_back(measure_start(options, spec, state));
            remove_state(state);
        }
}

Run measure(const Options& options)
{
    Run run;
    auto order = options.servers;
    for (int round = 0; round < options.rounds; ++round) {
        for (const auto& spec : order) {
            std::cerr << "round " << round + 1 << " of " << options.rounds << ": " << spec.name
                      << '\n';
            measure_load(options, spec, run);
        }
        measure_floor(options, run);
        std::ranges::reverse(order);  // nobody always comes first
    }
    if (options.starts > 0) std::cerr << "starts\n";
    measure_starts(options, run);
    if (options.history > 0) measure_history(options, run);
    return run;
}

}  // namespace

}  // namespace purse::bench

int main(int argc, char** argv)
{
    using namespace purse::bench;
    ::signal(SIGPIPE, SIG_IGN);
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.empty() || arguments.front() == "--help") {
        std::cout << usage();
        return arguments.empty() ? 2 : 0;
    }
    try {
        const auto options = parse_options(arguments);
        std::cout << report(options, measure(options));
        return 0;
    } catch (const std::invalid_argument& wrong) {
        std::cerr << "purse_bench: " << wrong.what() << '\n' << usage();
        return 2;
    } catch (const std::exception& failed) {
        std::cerr << "purse_bench: " << failed.what() << '\n';
        return 1;
    }
}
