// SPDX-License-Identifier: Apache-2.0
// purse audit: every balance, cap and window recomputed by code that shares none with the ledger.
#pragma once

#include <string>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

struct AuditOptions {
    std::string file;  ///< a whole export; "-": standard input; "": the ledger itself
    Form form = Form::words;
};
/// kDone: nothing is wrong. kNo: something is, and it is named. kWrong: nothing could be read.
int audit_books(App& app, const AuditOptions& options, Output& output);

}  // namespace purse::server::cli
