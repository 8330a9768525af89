// SPDX-License-Identifier: Apache-2.0
// The command line of `purse policy replay` and `purse policy suggest`.
#pragma once

#include <CLI/App.hpp>
#include <functional>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

/// Adds the commands to `purse policy`. The one that is given is put into `chosen`, to be run after
/// all is read; both live as long as the parser.
void add_policy_trials(CLI::App* policy, std::function<int(App&, Output&)>& chosen);

}  // namespace purse::server::cli
