// SPDX-License-Identifier: Apache-2.0
#include "server/operator/overview.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <set>

#include "ledger/approvals.hpp"
#include "ledger/calendar.hpp"
#include "server/operator/limits.hpp"
#include "tools/refusal.hpp"

namespace purse::server {

namespace {
constexpr std::string_view kAgentPrefix = "agent/";
// The counters every budget has, capped or not.
constexpr std::array<std::string_view, 4> kUsageKinds{"daily", "weekly", "monthly", "lifetime"};

bool is_usage(std::string_view kind)
{
    return std::ranges::find(kUsageKinds, kind) != kUsageKinds.end();
}

std::string usdc_of(std::int64_t micro)
{
    return Money::from_micro(micro).to_string();
}

boost::json::object limit_json(const CapLine& line)
{
    auto cap = tools::to_json(line.state);
    for (const auto* counted : {"budget", "spent", "held", "available", "usedPercent"})
        cap.erase(counted);
    cap["each"] = line.each;
    return cap;
}

boost::json::object cap_json(const CapLine& line)
{
    auto cap = tools::to_json(line.state);
    cap.erase("budget");
    cap["scope"] = line.state.scope;
    return cap;
}
}  // namespace

Overview Overview::begin(Books& books, RulesCache& rules)
{
    Overview view;
    view.now_ = books.now();
    view.seq_ = books.meta().seq;
    view.freezes_ = books.rows().freezes();
    view.approvals_waiting_ = Approvals{books}.waiting(kListedMax).size();
    view.holds_open_ = books.rows().due_holds(Instant::never(), kHoldsCountedMax).size();
    for (const auto& hold : books.rows().open_holds({}, kHoldsByBudgetMax, kHoldsByBudgetMax))
        ++view.holds_by_agent_[hold.who.agent];
    auto in_force = rules.in(books);
    if (in_force)
        view.rules_ = std::move(*in_force);
    else
        view.trouble_ = in_force.error();
    if (view.rules_) view.choose_budgets(books);
    return view;
}

/// Agents that have a hold or have ever paid come first; the rest only as far as there is room.
void Overview::choose_budgets(Books& books)
{
    std::set<std::string, std::less<>> used;
    for (const auto& [agent, count] : holds_by_agent_) used.insert(agent);
    for (const auto& account : books.rows().accounts(kAgentPrefix, kBudgetsShownMax))
        used.insert(account.name.substr(kAgentPrefix.size()));
    std::vector<const policy::Agent*> chosen;
    for (const bool is_wanted_used : {true, false})
        for (const auto& agent : rules_->document->agents())
            if (used.contains(agent.name) == is_wanted_used && chosen.size() < kBudgetsShownMax)
                chosen.push_back(&agent);
    is_truncated_ = chosen.size() < rules_->document->agents().size();
    // Own budgets come first, then shared ones; at the bound it is agents that are left out.
    budgets_ = budget_views(nullptr, chosen);
    if (budgets_.size() <= kBudgetsShownMax) return;
    is_truncated_ = true;
    const auto shared = budgets_.size() - chosen.size();
    const auto own = shared >= kBudgetsShownMax ? 0 : kBudgetsShownMax - shared;
    budgets_.erase(budgets_.begin() + static_cast<std::ptrdiff_t>(own),
                   budgets_.begin() + static_cast<std::ptrdiff_t>(chosen.size()));
    budgets_.resize(std::min(budgets_.size(), kBudgetsShownMax));
}

bool Overview::count_some(Books& books)
{
    std::size_t counters = 0;
    const auto first = counted_;
    while (counted_ < budgets_.size() && counters < kCountersPieceMax)
        counters += budgets_[counted_++].caps.size();
    count(books, std::span{budgets_}.subspan(first, counted_ - first));
    return counted_ < budgets_.size();
}

bool Overview::is_frozen(const policy::Budget& budget) const
{
    return budget.frozen || std::ranges::any_of(freezes_, [&](const FreezeRow& row) {
               return row.target == "all" || row.target == budget.name;
           });
}

boost::json::object Overview::budget_json(const BudgetView& view) const
{
    const auto& budget = *view.budget;
    const bool is_agent = budget.name.starts_with(kAgentPrefix);
    boost::json::object json{{"name", budget.name},
                             {"kind", is_agent ? "agent" : "budget"},
                             {"description", budget.description},
                             {"frozen", is_frozen(budget)}};
    boost::json::array related;
    std::size_t holds = 0;
    for (const auto& agent : rules_->document->agents()) {
        if (is_agent && agent.name != std::string_view{budget.name}.substr(kAgentPrefix.size()))
            continue;
        if (std::ranges::find(agent.charged, &budget) == agent.charged.end()) continue;
        const auto found = holds_by_agent_.find(agent.name);
        holds += found == holds_by_agent_.end() ? 0 : found->second;
        if (is_agent) {
            for (const auto* other : agent.charged)
                if (other != &budget) related.emplace_back(other->name);
            break;
        }
        related.emplace_back(agent.name);
    }
    json[is_agent ? "budgets" : "agents"] = std::move(related);
    json["holdsOpen"] = holds;
    boost::json::array caps;
    boost::json::array usage;
    boost::json::array limits;
    for (const auto& line : view.caps) {
        if (line.rule == nullptr) {
            if (line.state.limit != kNoLimit) limits.push_back(limit_json(line));
            continue;
        }
        if (line.state.limit != kNoLimit) caps.push_back(cap_json(line));
        if (!is_usage(line.state.kind)) continue;
        auto used = cap_json(line);
        for (const auto* capped : {"limit", "available", "usedPercent"}) used.erase(capped);
        usage.push_back(std::move(used));
    }
    json["caps"] = std::move(caps);
    json["usage"] = std::move(usage);
    json["limits"] = std::move(limits);
    return json;
}

boost::json::object Overview::json(Rail rail) const
{
    std::int64_t held = 0;
    std::int64_t spent = 0;
    boost::json::array budgets;
    for (const auto& view : budgets_) {
        budgets.push_back(budget_json(view));
        if (!view.budget->name.starts_with(kAgentPrefix)) continue;
        held += view.held();
        spent += view.spent("daily");
    }
    boost::json::object json{{"asOf", to_rfc3339(now_)},
                             {"seq", seq_},
                             {"rail", wire_name(rail)},
                             {"currency", "USDC"},
                             {"policy", nullptr}};
    if (rules_)
        json["policy"] = boost::json::object{{"version", rules_->version},
                                             {"source", rules_->source},
                                             {"appliedAt", to_rfc3339(rules_->applied_at)}};
    if (!trouble_.empty()) json["policyTrouble"] = trouble_;
    json["frozen"] = server::freezes_json(freezes_, rules_.get());
    json["approvalsWaiting"] = approvals_waiting_;
    json["holdsOpen"] = holds_open_;
    json["totals"] =
        boost::json::object{{"heldNow", usdc_of(held)}, {"spentToday", usdc_of(spent)}};
    json["budgets"] = std::move(budgets);
    json["truncated"] = is_truncated_;
    return json;
}

boost::json::array freezes_json(const std::vector<FreezeRow>& freezes, const Rules* rules)
{
    boost::json::array json;
    for (const auto& row : freezes)
        json.push_back(boost::json::object{{"target", row.target},
                                           {"since", to_rfc3339(row.since)},
                                           {"note", row.note},
                                           {"byPolicy", false}});
    if (rules == nullptr) return json;
    std::set<std::string_view> seen;
    for (const auto& agent : rules->document->agents())
        for (const auto* budget : agent.charged)
            if (budget->frozen && seen.size() < kBudgetsShownMax &&
                seen.insert(budget->name).second)
                json.push_back(boost::json::object{{"target", budget->name},
                                                   {"since", to_rfc3339(rules->applied_at)},
                                                   {"note", ""},
                                                   {"byPolicy", true}});
    return json;
}

}  // namespace purse::server
