// SPDX-License-Identifier: Apache-2.0
// The rules a command goes by: the policy in force, the freezes, and whether the operator's
// policy file says something else.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/books.hpp"
#include "server/app.hpp"
#include "server/cli/output.hpp"
#include "server/rules.hpp"

namespace purse::server::cli {

/// What would be in force at the first call to a new ledger: the policy file, else the sandbox.
std::expected<Rules, std::string> rules_to_come(const Settings& settings);

/// A sentence when the policy file of the settings has another text than the policy in force.
std::optional<std::string> difference(const Settings& settings, const Rules& in_force);

/// "there is no ledger in ... yet; ...", with exit code 1.
int complain_no_ledger(Output& output, const Settings& settings);

/// Runs a command's work in one transaction. What it prints is printed after the commit: a reader
/// that does not read (a pager) must not hold the ledger's lock.
int look(App& app, Output& output, const std::function<int(Books&, Output&)>& run);
int change(App& app, Output& output, const std::function<int(Books&, Output&)>& run);

/// Runs a command; a ledger that cannot be used becomes a message on `err` and exit code 1.
int guarded(Output& output, const Settings& settings, const std::function<int()>& run);

}  // namespace purse::server::cli
