// SPDX-License-Identifier: Apache-2.0
// The command line of `purse webhook`.
#pragma once

#include <CLI/App.hpp>
#include <functional>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

/// Adds the commands, as add_wallet() does.
void add_webhooks(CLI::App& root, std::function<int(App&, Output&)>& chosen);

}  // namespace purse::server::cli
