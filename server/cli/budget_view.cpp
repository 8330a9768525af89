// SPDX-License-Identifier: Apache-2.0
#include "server/cli/budget_view.hpp"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>

#include "server/cli/text.hpp"
#include "tools/refusal.hpp"

namespace purse::server::cli {

namespace {
constexpr int kYellowPercent = 80;
constexpr int kRedPercent = 95;
// The counters every budget has, capped or not, and what a person calls them.
constexpr std::array<std::string_view, 4> kCalendarKinds{"daily", "weekly", "monthly", "lifetime"};

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
