// SPDX-License-Identifier: Apache-2.0
#include "bench/history.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <thread>

#include "bench/figures.hpp"

namespace purse::bench {

namespace {

constexpr unsigned kFillDepth = 64;
constexpr std::uint64_t kFillStep = 100'000;
constexpr int kMeasuredStarts = 11;
/// The fill's calls must have left the policy's window of one minute: what they still cost
/// is a matter of the traffic a minute ago, not of the length of the ledger.
constexpr std::chrono::seconds kWindowPassed{65};

std::uint64_t holds_in(const std::string& folder)
{
    std::uint64_t count = 0;
    std::ifstream(folder + "/holds") >> count;
    return count;
}

const ServerSpec& measured_server(const Options& options)
{
    const auto found = std::ranges::find(options.servers, options.history_of, &ServerSpec::name);
    if (found == options.servers.end())
        throw std::invalid_argument("--history-of names no server of this run");
    return *found;
}

/// Fills in steps and notes each, so that a broken run loses little.
State filled_state(const Options& options, const ServerSpec& spec)
{
    const auto& folder = options.history_folder;
    auto holds = holds_in(folder);
    auto state = holds > 0 ? reuse_state(folder) : make_state(options, spec, folder);
    if (holds >= options.history) return state;
    while (holds < options.history) {
        std::cerr << "filling the ledger: " << grouped(static_cast<double>(holds)) << " of "
                  << grouped(static_cast<double>(options.history)) << " holds\n";
        const auto server = start(options, spec, state);
        initialize(*server);
        const LoadOptions load{.operation = Operation::pair,
                               .depth = kFillDepth,
                               .warm_up = std::chrono::milliseconds(0),
                               .duration = std::chrono::hours(1),
                               .most = std::min(kFillStep, options.history - holds),
                               .style = {}};
        holds += run_load(*server, load).finished;
        std::ofstream(folder + "/holds") << holds << '\n';
    }
    std::this_thread::sleep_for(kWindowPassed);
    return state;
}

}  // namespace

void measure_history(const Options& options, Run& run)
{
    const auto& spec = measured_server(options);
    const auto filled = filled_state(options, spec);
    // What left a rolling window since the last call is taken off by this one.
    std::cerr << "first call since the ledger was last used: "
              << fixed(measure_start(options, spec, filled).first_call_ms, 1) << " ms\n";
    const auto name = grouped(static_cast<double>(holds_in(options.history_folder))) + " holds";
    for (int i = 0; i < kMeasuredStarts; ++i) {
        const auto empty = make_state(options, spec, options.folder + "/empty");
        run.history["empty"].push_back(measure_start(options, spec, empty));
        remove_state(empty);
        run.history[name].push_back(measure_start(options, spec, filled));
    }
}

}  // namespace purse::bench
