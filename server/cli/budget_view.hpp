// SPDX-License-Identifier: Apache-2.0
// Budgets in print, for people and for machines.
#pragma once

#include <boost/json/array.hpp>
#include <string>
#include <vector>

#include "server/budget_view.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

/// A table of the caps with a limit. Nothing is printed when there are none.
void print_caps(Output& output, const std::vector<BudgetView>& views, Instant now);
/// A table of what was spent in each calendar window, capped or not, of budgets in use.
void print_usage(Output& output, const std::vector<BudgetView>& views);

/// Members of the tools' "caps", and "each" where a cap counts for each of something.
boost::json::array caps_json(const std::vector<BudgetView>& views);

/// "daily 5.00, perTransaction 1.00, count 1m 60": the limits in one line; "none".
std::string caps_words(const BudgetView& view);

}  // namespace purse::server::cli
