// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/shadow.hpp"

#include <algorithm>
#include <chrono>

namespace purse::sim {

namespace {
constexpr Us kSecond = 1'000'000;
constexpr Us kHour = 3'600 * kSecond;
constexpr Us kDay = 24 * kHour;

Us floor_to(Us at, Us length)
{
    return at - ((at % length) + length) % length;
}

Us window_of(Calendar kind, Us at)
{
    switch (kind) {
        case hourly: return floor_to(at, kHour);
        case daily: return floor_to(at, kDay);
        // 1970 began on a Thursday; weeks begin on Mondays.
        case weekly: return floor_to(at + 3 * kDay, 7 * kDay) - 3 * kDay;
        case monthly: {
            const std::chrono::sys_days day{std::chrono::days{floor_to(at, kDay) / kDay}};
            const std::chrono::year_month_day date{day};
            return (day - std::chrono::days{unsigned{date.day()} - 1}).time_since_epoch().count() *
                   kDay;
        }
        default: return 0;
    }
}

}  // namespace

const char* name_of(State state)
{
    static constexpr std::array kNames{"open",    "settled",           "voided",
                                       "expired", "awaiting_approval", "denied"};
    return kNames.at(static_cast<std::size_t>(state));
}

Expected refusal(const std::string& reason, const std::string& rule)
{
    Expected expected;
    expected.reasons.insert(reason + " " + rule);
    return expected;
}

std::string span_name(Seconds span)
{
    for (const auto& [length, unit] :
         {std::pair{604'800, "w"}, {86'400, "d"}, {3'600, "h"}, {60, "m"}})
        if (span % length == 0) return std::to_string(span / length) + unit;
    return std::to_string(span) + "s";
}

std::string Shadow::Cap::bucket() const
{
    return rules->name + " " + kind + " " + scope + "@" + std::to_string(window);
}

// ---- time and what the operator does ----

void Shadow::set_time(Us now)
{
    now_ = now;
    std::vector<int> due;
    for (const int place : open_)
        if (holds_[index(place)].expires <= now) due.push_back(place);
    for (const int place : due) {
        auto& hold = holds_[index(place)];
        if (hold.state == State::awaiting) {
            hold.why_not = "approval_expired";
            hold.decided = now;
            end(hold, State::denied, 0);
        } else {
            end(hold, State::expired, 0);
        }
    }
}

void Shadow::issue(int credential, Us expires)
{
    credentials_[credential] = {.expires = expires, .revoked = false};
}

bool Shadow::revoke(int credential)
{
    const auto found = credentials_.find(credential);
    return found != credentials_.end() && !std::exchange(found->second.revoked, true);
}

bool Shadow::expire(int credential, Us at)
{
    const auto found = credentials_.find(credential);
    if (found == credentials_.end() || found->second.revoked) return false;
    found->second.expires = at;
    return true;
}

std::multiset<std::string> Shadow::stranger(const Who& who) const
{
    if (who.credential == -2) return {"credential_missing purse"};
    if (!credentials_.contains(who.credential)) return {"credential_unknown purse"};
    return {};
}

std::multiset<std::string> Shadow::who_refusals(const Who& who) const
{
    auto reasons = stranger(who);
    if (!reasons.empty()) return reasons;
    const auto& credential = credentials_.at(who.credential);
    if (credential.revoked) reasons.insert("credential_revoked");
    if (credential.expires <= now_) reasons.insert("credential_expired");
    if (reasons.empty() && policy_->agent(who.agent) == nullptr)
        reasons.insert("agent_unknown agent/" + who.agent);
    return reasons;
}

bool Shadow::is_frozen(const std::string& agent) const
{
    Case the{.charged = policy_->charged(*policy_->agent(agent)),
             .bought = {},
             .ask = {},
             .agent = agent};
    std::multiset<std::string> reasons;
    check_frozen(the, reasons);
    return !reasons.empty();
}
// ---- caps ----

std::vector<Shadow::Cap> Shadow::caps(const Case& the) const
{
    std::vector<Cap> caps;
    const auto what = (the.bought.name.empty() ? the.bought.payee : the.bought.name) + " " +
                      std::to_string(the.ask.amount);
    for (const auto* rules : the.charged) {
        const bool is_own = rules == the.charged.front();
        const auto add = [&](Cap cap) {
            cap.rules = rules;
            caps.push_back(std::move(cap));
        };
        if (rules->loop)
            add({.kind = "loop " + span_name(rules->loop->span),
                 .scope = is_own ? what : the.agent + " " + what,
                 .limit = rules->loop->limit,
                 .span = rules->loop->span * kSecond,
                 .is_count = true,
                 .is_loop = true});
        for (const auto& count : rules->count)
            add({.kind = "count " + span_name(count.span),
                 .scope = {},
                 .limit = count.limit,
                 .span = count.span * kSecond,
                 .is_count = true});
        for (std::size_t i = 0; i < rules->caps.size(); ++i) {
            const auto kind = static_cast<Calendar>(i);
            const bool is_counted = kind >= daily && kind <= lifetime;
            const bool is_scoped = kind == per_task || kind == per_workflow;
            if (!rules->caps[i] && !is_counted && !(is_scoped && is_own)) continue;
            const auto& id = kind == per_task ? the.ask.task : the.ask.workflow;
            if (is_scoped && id.empty()) continue;
            add({.kind = kCalendarNames[i],
                 .scope = is_scoped ? (kind == per_task ? "task/" : "workflow/") + id : "",
                 .limit = rules->caps[i].value_or(-1),
                 .window = window_of(kind, now_)});
        }
        for (const auto& rolling : rules->rolling)
            add({.kind = "rolling " + span_name(rolling.span),
                 .scope = {},
                 .limit = rolling.limit,
                 .span = rolling.span * kSecond});
        if (rules->approval && rules->approval->new_payee)
            add({.kind = "payee", .scope = "payee/" + the.bought.payee, .is_payee = true});
    }
    return caps;
}

Shadow::Sums Shadow::rolling_sums(const std::vector<Rolling>& entries) const
{
    Sums sums;
    // Later charges leave later: from the last back to the first that has left.
    for (auto entry = entries.rbegin(); entry != entries.rend() && entry->leaves > now_; ++entry) {
        const auto& hold = holds_[index(entry->hold)];
        ++sums.calls;
        if (hold.state == State::open || hold.state == State::awaiting)
            sums.held += hold.amount;
        else if (entry->is_late || !hold.late)
            sums.spent += hold.captured;
    }
    return sums;
}

Shadow::Sums Shadow::used(const Cap& cap) const
{
    if (cap.span == 0) {
        const auto found = sums_.find(cap.bucket());
        return found == sums_.end() ? Sums{} : found->second;
    }
    const auto found = rolling_.find(cap.bucket());
    if (found == rolling_.end()) return {};
    const auto sums = rolling_sums(found->second);
    return cap.is_count ? Sums{.spent = sums.calls} : sums;
}

bool Shadow::is_full(const Cap& cap, Micro amount) const
{
    if (cap.limit < 0) return false;
    const auto sums = used(cap);
    return sums.held + sums.spent + (cap.is_count ? 1 : amount) > cap.limit;
}

void Shadow::charge(int place, const Cap& cap, bool is_late)
{
    auto& hold = holds_[index(place)];
    const auto bucket = cap.bucket();
    if (cap.span > 0) {
        rolling_[bucket].push_back({.hold = place, .leaves = now_ + cap.span, .is_late = is_late});
    } else {
        auto& sums = sums_[bucket];
        (is_late ? sums.spent : sums.held) += is_late ? hold.captured : hold.amount;
    }
    if (!is_late && !cap.is_count)
        hold.charges.push_back({.bucket = bucket,
                                .rule = cap.rules->name,
                                .kind = cap.kind,
                                .limit = cap.limit,
                                .leaves = cap.span > 0 ? now_ + cap.span : 0});
}

void Shadow::move(const Hold& hold, Micro held, Micro spent)
{
    for (const auto& charge : hold.charges) {
        if (charge.leaves != 0) continue;
        auto& sums = sums_[charge.bucket];
        sums.held += held;
        sums.spent += spent;
    }
}
// ---- pay_budget_status ----

std::multiset<UsedLine> Shadow::lines(const std::string& agent, const std::string& task,
                                      const std::string& workflow) const
{
    Case the{.charged = policy_->charged(*policy_->agent(agent)),
             .bought = {},
             .ask = {},
             .agent = agent};
    the.ask.task = task;
    the.ask.workflow = workflow;
    std::multiset<UsedLine> lines;
    for (const auto& cap : caps(the)) {
        if (cap.is_loop || cap.is_payee) continue;
        if (cap.limit < 0 && cap.rules != the.charged.front()) continue;
        const auto sums = used(cap);
        lines.insert({.name = cap.rules->name + " " + cap.kind + " " + cap.scope,
                      .limit = cap.limit,
                      .spent = sums.spent,
                      .held = sums.held});
    }
    return lines;
}

bool Shadow::is_like(const Shadow& other) const
{
    return policy_ == other.policy_ && credentials_ == other.credentials_ &&
           freezes_ == other.freezes_ && known_.size() == other.known_.size() &&
           std::ranges::equal(holds_, other.holds_,
                              [](const Hold& a, const Hold& b) { return a.is_like(b); });
}

std::int64_t Shadow::captured_of(const std::string& payee) const
{
    std::int64_t sum = 0;
    for (const auto& hold : holds_)
        if (hold.payee == payee) sum += hold.captured;
    return sum;
}

}  // namespace purse::sim
