// SPDX-License-Identifier: Apache-2.0
// A server with its state folder: made, prepared, started, initialised.
#pragma once

#include <memory>
#include <string>

#include "bench/child.hpp"
#include "bench/options.hpp"

namespace purse::bench {

/// A state folder and the credential that is good for it.
struct State {
    std::string folder;      ///< holds "state", "credential" and "stderr"
    std::string credential;  ///< may be empty
};

/// A new, prepared state folder, in place of what was there.
State make_state(const Options& options, const ServerSpec& spec, const std::string& folder);
/// One that is there already.
State reuse_state(const std::string& folder);
void remove_state(const State& state);

/// Starts the server; not yet initialised.
std::unique_ptr<Child> start(const Options& options, const ServerSpec& spec, const State& state);
/// Sends the opening and checks its answer.
void initialize(Child& server);
/// One preauthorize call, checked. `id` must be new to the server.
void call_once(Child& server, std::uint64_t id);

struct StartFigures {
    double first_answer_ms = 0;  ///< spawn to the answer to initialize
    double first_call_ms = 0;    ///< spawn to the answer to the first tool call, sent right after
    double idle_mib = 0;         ///< resident, initialised
    double called_mib = 0;       ///< resident, after one tool call
};

StartFigures measure_start(const Options& options, const ServerSpec& spec, const State& state);

}  // namespace purse::bench
