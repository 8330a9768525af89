// SPDX-License-Identifier: Apache-2.0
// purse policy ...: checks a document, puts one in force, shows one that is stored.
#pragma once

#include <optional>
#include <string>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

/// Touches no ledger. Every mistake is a line on `err`; exit code 2.
int check_policy(const std::string& file, Output& output);

int apply_policy(App& app, const std::string& file, Output& output);

struct PolicyShowOptions {
    std::optional<std::int64_t> version;  ///< nothing: the one in force
    Form form = Form::words;
};
/// The text as it is stored, on `out`; what is known about it on `err`.
int show_policy(App& app, const PolicyShowOptions& options, Output& output);

}  // namespace purse::server::cli
