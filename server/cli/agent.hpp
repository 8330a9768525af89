// SPDX-License-Identifier: Apache-2.0
// purse agent list, purse agent show: who may spend, under which caps, how much is used.
// They only look: the policy in force stays, and no ledger is made.
#pragma once

#include <string>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

struct AgentListOptions {
    Form form = Form::words;
};
int list_agents(App& app, const AgentListOptions& options, Output& output);

struct AgentShowOptions {
    std::string name;
    Form form = Form::words;
};
int show_agent(App& app, const AgentShowOptions& options, Output& output);

}  // namespace purse::server::cli
