// SPDX-License-Identifier: Apache-2.0
#include "server/budget_view.hpp"

#include <algorithm>
#include <unordered_map>

namespace purse::server {

namespace {
using Scopes = std::unordered_map<const CapRule*, policy::ScopeBy>;

std::string each_of(policy::ScopeBy scope)
{
    switch (scope) {
        case policy::ScopeBy::nothing: break;
        case policy::ScopeBy::task: return "task";
        case policy::ScopeBy::workflow: return "workflow";
        case policy::ScopeBy::purchase:
        case policy::ScopeBy::agent_purchase: return "loop";
        case policy::ScopeBy::payee: return "payee";
    }
    return {};
}

CapState limit_only(const CapRule& rule)
{
    return {.budget = rule.budget,
            .kind = rule.kind,
            .scope = {},
            .unit = rule.unit,
            .window = rule.window,
            .span = rule.span,
            .limit = rule.limit,
            .reason = rule.reason,
            .resets_at = {}};
}

CapLine payment_limit(const policy::Budget& budget)
{
    return {.state = {.budget = budget.name,
                      .kind = "perTransaction",
                      .scope = {},
                      .limit = budget.per_tx->micro(),
                      .resets_at = {}},
            .each = "payment"};
}

std::vector<const policy::Budget*> in_order(const std::vector<const policy::Agent*>& agents)
{
    std::vector<const policy::Budget*> own;
    std::vector<const policy::Budget*> shared;
    for (const auto* agent : agents)
        for (const auto* budget : agent->charged)
            (budget->name == "agent/" + agent->name ? own : shared).push_back(budget);
    // Shared budgets lie in one array, in document order.
    std::ranges::sort(shared);
    const auto rest = std::ranges::unique(shared);
    shared.erase(rest.begin(), rest.end());
    own.insert(own.end(), shared.begin(), shared.end());
    return own;
}
}  // namespace

bool BudgetView::is_used() const
{
    return std::ranges::any_of(
        caps, [](const CapLine& line) { return line.state.held + line.state.spent > 0; });
}

std::int64_t BudgetView::spent(std::string_view kind) const
{
    for (const auto& line : caps)
        if (line.state.kind == kind) return line.state.spent;
    return 0;
}

std::int64_t BudgetView::held() const
{
    for (const auto& line : caps)
        if (line.state.kind == "lifetime") return line.state.held;
    return 0;
}

std::vector<BudgetView> budget_views(Books* books, const std::vector<const policy::Agent*>& agents)
{
    Scopes scopes;
    for (const auto* agent : agents)
        for (const auto& charge : agent->charges) scopes.emplace(charge.rule, charge.scope);

    std::vector<BudgetView> views;
    for (const auto* budget : in_order(agents)) {
        BudgetView view{.budget = budget, .caps = {}};
        if (budget->per_tx) view.caps.push_back(payment_limit(*budget));
        for (const auto& rule : budget->caps) {
            const auto each = each_of(scopes[&rule]);
            // Counters of each task are many, and without a limit there is nothing to say.
            if (!each.empty() && rule.limit == kNoLimit) continue;
            view.caps.push_back(
                {.state = limit_only(rule), .each = each, .rule = each.empty() ? &rule : nullptr});
        }
        views.push_back(std::move(view));
    }
    if (books != nullptr) count(*books, views);
    return views;
}

void count(Books& books, std::span<BudgetView> views)
{
    for (auto& view : views)
        for (auto& line : view.caps)
            if (line.rule != nullptr) line.state = books.state({.rule = line.rule, .scope = {}});
}

}  // namespace purse::server
