// SPDX-License-Identifier: Apache-2.0
// Measures MCP payment servers over HTTP, several in turn in one run, and prints one report.
// See ../README.md.
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <future>
#include <iostream>
#include <stdexcept>

#include "bench/floor.hpp"
#include "bench/http/connection.hpp"
#include "bench/http/http_load.hpp"
#include "bench/http/http_options.hpp"
#include "bench/http/http_report.hpp"
#include "bench/http/streams.hpp"
#include "bench/report.hpp"
#include "bench/session.hpp"

namespace purse::bench {

namespace {

constexpr unsigned kBusyConnections = 64;
constexpr std::uint64_t kManyRefusals = 1'000'000'000;

/// A server that listens, with a fresh state folder. Both end with it; the folder stays when a
/// measurement fails.
class Running {
public:
    Running(const HttpOptions& options, const Target& target)
        : state_(make_state(options.common, target.spec,
                            options.common.folder + '/' + target.spec.name)),
          peer_{.port = free_port(), .protocol = target.protocol, .credential = state_.credential}
    {
        auto spec = target.spec;
        constexpr std::string_view kPlace = "{port}";
        for (auto& word : spec.command) {
            const auto at = word.find(kPlace);
            if (at != std::string::npos)
                word.replace(at, kPlace.size(), std::to_string(peer_.port));
        }
        child_ = start(options.common, spec, state_);
        await_listener(peer_.port);
    }
    ~Running()
    {
        child_->close();
        // What failed can be read in the server's log.
        if (std::uncaught_exceptions() > 0) return;
        std::error_code ignored;
        std::filesystem::remove_all(state_.folder, ignored);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    const Child& child() const { return *child_; }
    const Peer& peer() const { return peer_; }

private:
    State state_;
    Peer peer_;
    std::unique_ptr<Child> child_;
};

void measure_phase(const HttpOptions& options, const Target& target, const Running& server,
                   const HttpPhase& phase, HttpRun& run)
{
    if (target.protocol == Protocol::raw && phase.operation == HttpOperation::pair) return;
    const auto result = run_http_load(server.child(), server.peer(),
                                      {.operation = phase.operation,
                                       .connections = phase.connections,
                                       .warm_up = options.common.warm_up,
                                       .duration = options.common.duration});
    run.phases[phase][target.spec.name].push_back(figures_of(result));
}

/// What a durable commit costs now: disks that others use have their moods.
void measure_floor(const HttpOptions& options, HttpRun& run)
{
    const auto result = measure_commits(
        {.folder = options.common.folder, .group = 1, .duration = options.common.warm_up});
    run.commits.push_back(figures_of(result.nanoseconds, result.rate));
}

/// All servers are up; each phase goes through all of them in turn, and the order turns around
/// from phase to phase: what the machine is at that moment, it is for all of them.
void measure_load(const HttpOptions& options, HttpRun& run)
{
    std::vector<std::pair<const Target*, std::unique_ptr<Running>>> servers;
    for (const auto& target : options.targets)
        servers.emplace_back(&target, std::make_unique<Running>(options, target));
    for (const auto operation : options.operations)
        for (const auto connections : options.common.depths) {
            if (operation == HttpOperation::pair) measure_floor(options, run);
            for (const auto& [target, server] : servers)
                measure_phase(options, *target, *server, {operation, connections}, run);
            std::ranges::reverse(servers);
        }
}

HealthFigures measure_health(const HttpOptions& options, const Target& target,
                             const Running& server, const std::vector<Connection>& streams)
{
    const auto& peer = server.peer();
    auto probing = std::async(std::launch::async, [&] {
        return probe(peer, target.health, options.common.warm_up + options.common.duration);
    });
    const auto load = run_http_load(server.child(), peer,
                                    {.operation = HttpOperation::status,
                                     .connections = kBusyConnections,
                                     .warm_up = options.common.warm_up,
                                     .duration = options.common.duration,
                                     .refusals_max = kManyRefusals});
    const auto probes = probing.get();
    const auto times = figures_of(probes.nanoseconds, 0);
    constexpr double kMillion = 1e6;
    return {.p50_ms = times.p50_ms,
            .p99_ms = times.p99_ms,
            .most_ms = static_cast<double>(std::ranges::max(probes.nanoseconds)) / kMillion,
            .probes = static_cast<double>(probes.nanoseconds.size()),
            .refused_probes = static_cast<double>(probes.refusals),
            .calls_rate = load.rate(),
            .refused_calls = static_cast<double>(load.refusals),
            .closed_streams = static_cast<double>(closed_streams(streams))};
}

void measure_idle_streams(const HttpOptions& options, const Target& target, HttpRun& run)
{
    const Running server(options, target);
    std::vector<Connection> streams;
    run.memory[target.spec.name].push_back(
        measure_streams(server.child(), server.peer(), target.streams, streams));
    if (target.health.empty()) return;
    run.health[target.spec.name].push_back(measure_health(options, target, server, streams));
}

HttpRun measure(const HttpOptions& options)
{
    HttpRun run;
    std::filesystem::create_directories(options.common.folder);
    for (int round = 0; round < options.common.rounds; ++round) {
        std::cerr << "round " << round + 1 << " of " << options.common.rounds << '\n';
        measure_load(options, run);
        for (const auto& target : options.targets)
            if (target.streams > 0) measure_idle_streams(options, target, run);
    }
    return run;
}

/// Each stream is a descriptor here and one in the server, which inherits the limit.
void raise_descriptor_limit(const HttpOptions& options)
{
    constexpr rlim_t kOthers = 512;
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    for (const auto& target : options.targets)
        if (target.streams + kOthers > limit.rlim_cur)
            throw std::invalid_argument("only " + std::to_string(limit.rlim_cur) +
                                        " descriptors: fewer --streams, or raise ulimit -Hn");
}

}  // namespace

}  // namespace purse::bench

int main(int argc, char** argv)
{
    using namespace purse::bench;
    ::signal(SIGPIPE, SIG_IGN);
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.empty() || arguments.front() == "--help") {
        std::cout << http_usage();
        return arguments.empty() ? 2 : 0;
    }
    try {
        const auto options = parse_http_options(arguments);
        raise_descriptor_limit(options);
        std::cout << http_report(options, measure(options));
        return 0;
    } catch (const std::invalid_argument& wrong) {
        std::cerr << "purse_http_bench: " << wrong.what() << '\n' << http_usage();
        return 2;
    } catch (const std::exception& failed) {
        std::cerr << "purse_http_bench: " << failed.what() << '\n';
        return 1;
    }
}
