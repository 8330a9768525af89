// SPDX-License-Identifier: Apache-2.0
#include "server/cli/budget_view.hpp"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <unordered_map>

#include "server/cli/text.hpp"
#include "tools/refusal.hpp"

namespace purse::server::cli {

namespace {
constexpr int kYellowPercent = 80;
constexpr int kRedPercent = 95;
// The counters every budget has, capped or not, and what a person calls them.
constexpr std::array<std::string_view, 4> kCalendarKinds{"daily", "weekly", "monthly", "lifetime"};

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

Colour colour_of(int percent)
{
    if (percent >= kRedPercent) return Colour::red;
    return percent >= kYellowPercent ? Colour::yellow : Colour::green;
}

std::string resets(const CapState& cap, Instant now)
{
    if (!cap.resets_at) return cap.window == Window::lifetime ? "never" : "";
    return relative(*cap.resets_at, now) + ", " + to_words(*cap.resets_at);
}

std::vector<Cell> cells_of(const Output& output, const CapLine& line, Instant now)
{
    const auto& cap = line.state;
    const auto limit = amount_of(cap.unit, cap.limit);
    if (line.each == "loop") return {"", cap.kind, "", "", "", "", limit, "equal payments"};
    if (!line.each.empty()) return {"", cap.kind, "", "", "", "", limit, "each " + line.each};
    const auto percent = cap.used_percent();
    return {"",
            cap.kind,
            {bar(output.style, percent), colour_of(percent)},
            amount_of(cap.unit, cap.held),
            amount_of(cap.unit, cap.spent),
            amount_of(cap.unit, cap.available()),
            limit,
            resets(cap, now)};
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
    std::vector<Leg> legs;
    for (const auto* budget : in_order(agents)) {
        BudgetView view{.budget = budget, .caps = {}};
        if (budget->per_tx) view.caps.push_back(payment_limit(*budget));
        for (const auto& rule : budget->caps) {
            const auto each = each_of(scopes[&rule]);
            // Counters of each task are many, and without a limit there is nothing to say.
            if (!each.empty() && rule.limit == kNoLimit) continue;
            if (each.empty()) legs.push_back({.rule = &rule, .scope = {}});
            view.caps.push_back({.state = limit_only(rule), .each = each});
        }
        views.push_back(std::move(view));
    }
    if (books == nullptr) return views;
    const auto answer = books->status({.agent = {}, .legs = legs});
    auto next = answer.caps.begin();
    for (auto& view : views)
        for (auto& line : view.caps)
            if (line.each.empty()) line.state = *next++;
    return views;
}

void print_caps(Output& output, const std::vector<BudgetView>& views, Instant now)
{
    Table table{{{"Budget"},
                 {"Cap"},
                 {"Used"},
                 {"Held", Align::right},
                 {"Spent", Align::right},
                 {"Left", Align::right},
                 {"Limit", Align::right},
                 {"Resets"}}};
    for (const auto& view : views) {
        bool is_first = true;
        for (const auto& line : view.caps) {
            if (line.state.limit == kNoLimit) continue;
            auto cells = cells_of(output, line, now);
            if (is_first) cells.front() = view.budget->name;
            is_first = false;
            table.row(std::move(cells));
        }
    }
    if (!table.empty()) table.print(output.out, output.style);
}

void print_usage(Output& output, const std::vector<BudgetView>& views)
{
    const auto usdc = [](std::int64_t micro) { return Money::from_micro(micro).to_string(); };
    Table table{{{"Spent so far"},
                 {"Today", Align::right},
                 {"This week", Align::right},
                 {"This month", Align::right},
                 {"Ever", Align::right},
                 {"Held now", Align::right}}};
    for (const auto& view : views) {
        if (!view.is_used()) continue;
        std::vector<Cell> cells{view.budget->name};
        for (const auto kind : kCalendarKinds) cells.emplace_back(usdc(view.spent(kind)));
        cells.emplace_back(usdc(view.held()));
        table.row(std::move(cells));
    }
    if (!table.empty()) table.print(output.out, output.style);
}

boost::json::array caps_json(const std::vector<BudgetView>& views)
{
    boost::json::array caps;
    for (const auto& view : views)
        for (const auto& line : view.caps) {
            auto cap = tools::to_json(line.state);
            if (!line.each.empty()) {
                for (const auto* counted : {"spent", "held", "available", "usedPercent"})
                    cap.erase(counted);
                cap["each"] = line.each;
            }
            caps.push_back(std::move(cap));
        }
    return caps;
}

std::string caps_words(const BudgetView& view)
{
    std::string words;
    for (const auto& line : view.caps) {
        if (line.state.limit == kNoLimit) continue;
        if (!words.empty()) words += ", ";
        words += line.state.kind + " " + amount_of(line.state.unit, line.state.limit);
    }
    return words.empty() ? "none" : words;
}

}  // namespace purse::server::cli
