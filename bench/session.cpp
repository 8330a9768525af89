// SPDX-License-Identifier: Apache-2.0
#include "bench/session.hpp"

#include <poll.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "bench/wire.hpp"

namespace purse::bench {

namespace {

constexpr std::chrono::seconds kFirstAnswerLimit{30};
constexpr int kSettleMilliseconds = 300;

std::vector<std::string> with_state(std::vector<std::string> words, const std::string& folder)
{
    constexpr std::string_view kPlace = "{state}";
    for (auto& word : words) {
        const auto at = word.find(kPlace);
        if (at != std::string::npos) word.replace(at, kPlace.size(), folder);
    }
    return words;
}

ChildOptions child_options(const Options& options, std::vector<std::string> command,
                           const State& state)
{
    ChildOptions result{.command = with_state(std::move(command), state.folder + "/state"),
                        .environment = {{"PURSE_STATE", state.folder + "/state"}},
                        .stderr_file = state.folder + "/stderr"};
    if (!options.policy.empty()) result.environment.emplace_back("PURSE_POLICY", options.policy);
    if (!state.credential.empty())
        result.environment.emplace_back("PURSE_CREDENTIAL", state.credential);
    return result;
}

double milliseconds_since(SteadyClock::time_point start)
{
    return std::chrono::duration<double, std::milli>(SteadyClock::now() - start).count();
}

double mib(std::int64_t kib)
{
    return static_cast<double>(kib) / 1024;
}

/// Lets a server come to rest before its memory is read.
void rest()
{
    pollfd never{-1, 0, 0};
    ::poll(&never, 1, kSettleMilliseconds);
}

}  // namespace

State make_state(const Options& options, const ServerSpec& spec, const std::string& folder)
{
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    State state{.folder = folder, .credential = {}};
    if (!spec.prepare.empty()) {
        state.credential = output_of(child_options(options, spec.prepare, state));
        std::ofstream(folder + "/credential") << state.credential << '\n';
    }
    return state;
}

State reuse_state(const std::string& folder)
{
    State state{.folder = folder, .credential = {}};
    std::ifstream file(folder + "/credential");
    std::getline(file, state.credential);
    return state;
}

void remove_state(const State& state)
{
    std::filesystem::remove_all(state.folder);
}

std::unique_ptr<Child> start(const Options& options, const ServerSpec& spec, const State& state)
{
    auto child = child_options(options, spec.command, state);
    child.end_by = spec.end_by;
    return std::make_unique<Child>(child);
}

void initialize(Child& server)
{
    server.send(opening());
    const auto line = server.read_line(kFirstAnswerLimit);
    if (answer_id(line) != 0 || line.find("\"protocolVersion\"") == std::string_view::npos)
        throw std::runtime_error("initialize was answered with " + std::string(line));
}

void call_once(Child& server, std::uint64_t id)
{
    std::string request;
    append_preauthorize(request, id, {});
    server.send(request);
    const auto line = server.read_line(kFirstAnswerLimit);
    if (answer_id(line) != id) throw std::runtime_error("a wrong id: " + std::string(line));
    require_ok(line);
}

StartFigures measure_start(const Options& options, const ServerSpec& spec, const State& state)
{
    StartFigures figures;
    {
        const auto begun = SteadyClock::now();
        const auto server = start(options, spec, state);
        initialize(*server);
        figures.first_answer_ms = milliseconds_since(begun);
        call_once(*server, 1);
        figures.first_call_ms = milliseconds_since(begun);
        rest();
        figures.called_mib = mib(server->resident_kib());
    }
    const auto server = start(options, spec, state);
    initialize(*server);
    rest();
    figures.idle_mib = mib(server->resident_kib());
    return figures;
}

}  // namespace purse::bench
