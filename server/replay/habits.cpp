// SPDX-License-Identifier: Apache-2.0
#include "server/replay/habits.hpp"

#include "policy/limits.hpp"
#include "policy/name.hpp"

namespace purse::server::replay {

namespace {
// A list of more names is none that a policy can have.
constexpr std::size_t kNamesMax = policy::limits::kListMax + 1;

void remember(std::set<std::string>& names, const std::string& name)
{
    if (names.size() < kNamesMax) names.insert(name);
}

/// Of `part` in `whole`, rounded up.
std::int64_t percent_up(std::int64_t part, std::int64_t whole)
{
    __extension__ using Wide = __int128;  // a hundredfold amount needs more than 64 bits
    return static_cast<std::int64_t>((static_cast<Wide>(part) * 100 + whole - 1) / whole);
}
}  // namespace

bool Habits::feed(const std::vector<JournalRow>& rows)
{
    for (const auto& row : rows) {
        if (row.at >= stretch_.to) return false;
        if (row.at < stretch_.from) continue;
        const Recorded recorded{row};
        const std::string id{recorded.text("txId")};
        const std::string agent{recorded.text("agent")};
        const auto kind = recorded.kind();
        if (const auto outcome = recorded.outcome()) {
            if (*outcome == Outcome::refused) {
                const auto known = agents_.find(agent);
                ++(known == agents_.end() ? refused_[agent] : known->second.refused);
                continue;
            }
            const Bought bought{.what = recorded.purchase(),
                                .is_waiting = *outcome == Outcome::asked};
            if (!bought.is_waiting) take(agent, id, bought, row.at);
            open_.emplace(id, bought);
        } else if (const auto found = open_.find(id); found == open_.end()) {
            continue;
        } else if (kind == "approval_granted") {
            take(agent, id, found->second, row.at);
        } else if (kind == "settled" || kind == "settled_late") {
            settle(recorded);
            open_.erase(found);
        } else if (kind == "voided" || kind.starts_with("approval_")) {
            open_.erase(found);
        }
    }
    return true;
}

void Habits::take(const std::string& agent, const std::string& id, const Bought& bought, Instant at)
{
    auto [found, is_new] = agents_.try_emplace(agent);
    auto& habit = found->second;
    if (is_new)
        if (const auto before = refused_.find(agent); before != refused_.end())
            habit.refused = before->second;
    const auto& what = bought.what;
    habit.requests.add(what.amount);
    if (what.amount > habit.largest) {
        habit.largest = what.amount;
        habit.largest_id = id;
        habit.largest_at = at;
    }
    if (!what.service.empty() && catalogue_.service(what.service) != nullptr)
        remember(habit.services, what.service);
    else
        habit.is_beyond_catalogue = true;
    if (policy::is_address(what.payee))
        remember(habit.payees, what.payee);
    else
        habit.is_paid_by_name = true;
}

void Habits::settle(const Recorded& recorded)
{
    auto& habit = agents_[std::string{recorded.text("agent")}];
    const auto actual = recorded.money("actual");
    const auto held = open_.find(recorded.text("txId"))->second.what.amount;
    habit.settled.add(actual);
    if (actual > habit.largest) {
        habit.largest = actual;
        habit.largest_id = std::string{recorded.text("txId")};
        habit.largest_at = recorded.at();
    }
    const auto excess = actual.minus(held).value_or(Money{});
    if (excess == Money{} || held == Money{}) return;
    const auto percent = percent_up(excess.micro(), held.micro());
    if (percent > habit.excess_percent) habit.excess_at = recorded.at();
    habit.excess_percent = std::max(habit.excess_percent, percent);
    habit.excess = std::max(habit.excess, excess);
}

}  // namespace purse::server::replay
