// SPDX-License-Identifier: Apache-2.0
// Budgets with their caps and what is counted against them, for people and for machines.
#pragma once

#include <boost/json/array.hpp>
#include <string>
#include <vector>

#include "ledger/books.hpp"
#include "policy/document.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

struct CapLine {
    CapState state;    ///< of a cap with scopes only the limit: each task has its own counter
    std::string each;  ///< "payment", "task", "workflow", "loop"; empty: one counter
};

struct BudgetView {
    const policy::Budget* budget = nullptr;
    std::vector<CapLine> caps;  ///< also those that only count (kNoLimit), in published order

    /// Whether anything is held or spent.
    bool is_used() const;
    /// What is spent under the counter of that kind; nothing when it has none.
    std::int64_t spent(std::string_view kind) const;
    std::int64_t held() const;
};

/// The agents' own budgets in their order, then the shared ones they are charged to. Without
/// books (nullptr) nothing is counted yet. The document outlives the views.
std::vector<BudgetView> budget_views(Books* books, const std::vector<const policy::Agent*>& agents);

/// A table of the caps with a limit. Nothing is printed when there are none.
void print_caps(Output& output, const std::vector<BudgetView>& views, Instant now);
/// A table of what was spent in each calendar window, capped or not, of budgets in use.
void print_usage(Output& output, const std::vector<BudgetView>& views);

/// Members of the tools' "caps", and "each" where a cap counts for each of something.
boost::json::array caps_json(const std::vector<BudgetView>& views);

/// "daily 5.00, perTransaction 1.00, count 1m 60": the limits in one line; "none".
std::string caps_words(const BudgetView& view);

}  // namespace purse::server::cli
