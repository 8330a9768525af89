// SPDX-License-Identifier: Apache-2.0
// purse policy check, apply, show: checks a document, puts one in force, shows one that is stored.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "policy/document.hpp"
#include "server/app.hpp"
#include "server/cli/output.hpp"
#include "tools/till.hpp"

namespace purse::server::cli {

struct CheckedPolicy {
    tools::PolicyText text;
    std::shared_ptr<const policy::Document> document;
};
/// The document of a file; otherwise every mistake has been told on `err`, and the exit code.
std::expected<CheckedPolicy, int> read_policy(const std::string& file, Output& output);

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
