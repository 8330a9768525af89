// SPDX-License-Identifier: Apache-2.0
// purse status: the whole ledger at a glance, in one consistent look. It changes nothing and
// works while servers run on the same ledger.
#pragma once

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

enum class Scope {
    used,  ///< on a large policy only budgets that are in use
    all,
};

struct StatusOptions {
    Form form = Form::words;
    Scope scope = Scope::used;
};
int show_status(App& app, const StatusOptions& options, Output& output);

}  // namespace purse::server::cli
