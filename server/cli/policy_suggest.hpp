// SPDX-License-Identifier: Apache-2.0
// purse policy suggest: a document whose caps are drawn from what was spent.
#pragma once

#include <cstdint>
#include <string>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

struct PolicySuggestOptions {
    std::string from;            ///< see parse_moment(); empty: from the first
    std::string to;              ///< excluded; empty: to the last
    std::int64_t headroom = 25;  ///< percent on top of what was needed, 0 to 1,000
    Form form = Form::words;
};
/// The document on `out`; puts nothing in force. kNo when nothing was bought in that time.
int suggest_policy(App& app, const PolicySuggestOptions& options, Output& output);

}  // namespace purse::server::cli
