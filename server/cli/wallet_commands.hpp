// SPDX-License-Identifier: Apache-2.0
// The command line of `purse wallet`.
#pragma once

#include <CLI/App.hpp>
#include <functional>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

/// Adds the commands. The one that is given is put into `chosen`, to be run after all is read; both
/// live as long as the parser.
void add_wallet(CLI::App& root, std::function<int(App&, Output&)>& chosen);

}  // namespace purse::server::cli
