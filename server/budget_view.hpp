// SPDX-License-Identifier: Apache-2.0
// Budgets with their caps and what is counted against them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/books.hpp"
#include "policy/document.hpp"

namespace purse::server {

struct CapLine {
    CapState state;    ///< of a cap with scopes only the limit: each task has its own counter
    std::string each;  ///< "payment", "task", "workflow", "loop"; empty: one counter
    const CapRule* rule = nullptr;  ///< of what has one counter
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

/// Looks up what views that were made without books count.
void count(Books& books, std::span<BudgetView> views);

}  // namespace purse::server
