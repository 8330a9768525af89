// SPDX-License-Identifier: Apache-2.0
// purse approvals list|approve|deny: payments that wait for a person.
#pragma once

#include <string>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

enum class ApprovalScope { waiting, all };

struct ApprovalListOptions {
    ApprovalScope scope = ApprovalScope::waiting;
    Form form = Form::words;
};
/// Those that wait, the first to time out first; with `all`, the latest decided ones too.
int list_approvals(App& app, const ApprovalListOptions& options, Output& output);

struct ApprovalRulingOptions {
    std::string tx_id;
    std::string note;
    std::string by;  ///< who rules, for the record
};
int approve_payment(App& app, const ApprovalRulingOptions& options, Output& output);
int deny_payment(App& app, const ApprovalRulingOptions& options, Output& output);

}  // namespace purse::server::cli
