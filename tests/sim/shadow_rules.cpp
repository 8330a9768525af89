// SPDX-License-Identifier: Apache-2.0
// The shadow's rules that need no counters, in the words of docs/policy.md, and what a person is
// asked.
#include <algorithm>

#include "tests/sim/shadow.hpp"

namespace purse::sim {

namespace {
constexpr Us kMinute = 60'000'000;
constexpr Us kDay = 24 * 60 * kMinute;

bool is_open(const std::vector<DrawnHours>& times, Us at)
{
    if (times.empty()) return true;
    // 1970 began on a Thursday; bit 0 is Monday.
    const auto day = static_cast<int>((at / kDay + 3) % 7);
    const auto minute = static_cast<int>(at % kDay / kMinute);
    return std::ranges::any_of(times, [&](const DrawnHours& hours) {
        return (hours.days >> day & 1) != 0 && minute >= hours.from && minute < hours.to;
    });
}
}  // namespace

void Shadow::check_frozen(const Case& the, std::multiset<std::string>& reasons) const
{
    if (freezes_.contains("all")) reasons.insert("frozen all");
    for (const auto* rules : the.charged) {
        if (rules->frozen) reasons.insert("frozen " + rules->name);
        if (freezes_.contains(rules->name)) reasons.insert("frozen " + rules->name);
    }
}

Shadow::Bought Shadow::buy(const Case& the, std::multiset<std::string>& reasons) const
{
    Bought bought{.name = the.ask.service, .payee = the.ask.payee};
    const auto& own = the.charged.front()->name;
    const auto any_payee_list = std::ranges::any_of(the.charged, [&](const DrawnRules* rules) {
        return rules->allow_payees && rules->allow_payees->has(the.ask.payee);
    });
    if (the.ask.service.empty()) {
        std::vector<const DrawnService*> owners;
        for (const auto& service : policy_->services)
            if (service.payee == the.ask.payee) owners.push_back(&service);
        if (owners.size() == 1) {
            bought.service = owners.front();
            bought.name = owners.front()->name;
        } else if (owners.size() > 1) {
            bought.is_told = false;
            reasons.insert("service_required payee/" + the.ask.payee);
        } else if (!any_payee_list) {
            reasons.insert("payee_unknown " + own);
        }
        return bought;
    }
    if (const auto* service = policy_->service(the.ask.service)) {
        bought.service = service;
        if (bought.payee.empty()) bought.payee = service->payee;
        if (bought.payee != service->payee) reasons.insert("payee_mismatch service/" + bought.name);
        return bought;
    }
    const bool any_service = the.charged.front()->allow_services &&
                             std::ranges::all_of(the.charged, [](const DrawnRules* rules) {
                                 return !rules->allow_services || rules->allow_services->any;
                             });
    if (!any_service) {
        bought.is_told = false;
        reasons.insert("service_unknown " + own);
        return bought;
    }
    if (bought.payee.empty() || bought.payee == "service:" + bought.name) {
        bought.payee = "service:" + bought.name;
        return bought;
    }
    for (const auto& service : policy_->services)
        if (service.payee == bought.payee) {
            reasons.insert("payee_mismatch service/" + service.name);
            return bought;
        }
    if (!any_payee_list || !bought.payee.starts_with("0x")) reasons.insert("payee_unknown " + own);
    return bought;
}

void Shadow::check_lists(const Case& the, std::multiset<std::string>& reasons) const
{
    const auto& bought = the.bought;
    for (const auto* rules : the.charged) {
        if (bought.service != nullptr && rules->deny_services &&
            rules->deny_services->has(bought.service->name))
            reasons.insert("service_denied " + rules->name);
        if (bought.is_told && rules->allow_services && !rules->allow_services->any &&
            (bought.service == nullptr || !rules->allow_services->has(bought.service->name)))
            reasons.insert("service_not_allowed " + rules->name);
        if (rules->deny_payees && rules->deny_payees->has(bought.payee))
            reasons.insert("payee_denied " + rules->name);
        if (!bought.payee.empty() && rules->allow_payees && !rules->allow_payees->has(bought.payee))
            reasons.insert("payee_not_allowed " + rules->name);
    }
}

void Shadow::check_hours(const Case& the, std::multiset<std::string>& reasons) const
{
    for (const auto* rules : the.charged)
        if (!is_open(rules->times, now_) && !(rules->approval && rules->approval->outside_hours))
            reasons.insert("outside_hours " + rules->name);
}

void Shadow::check_amount(const Case& the, std::multiset<std::string>& reasons) const
{
    const auto* service = the.bought.service;
    if (service != nullptr && service->ceiling && the.ask.amount > *service->ceiling)
        reasons.insert("price_above_ceiling service/" + service->name);
    for (const auto* rules : the.charged)
        if (rules->per_tx && the.ask.amount > *rules->per_tx)
            reasons.insert("transaction_limit_exceeded " + rules->name);
}

std::multiset<std::string> Shadow::static_refusals(Case& the) const
{
    std::multiset<std::string> reasons;
    check_frozen(the, reasons);
    the.bought = buy(the, reasons);
    check_lists(the, reasons);
    check_hours(the, reasons);
    for (const auto* rules : the.charged) {
        if (rules->caps[per_task] && the.ask.task.empty())
            reasons.insert("task_required " + rules->name);
        if (rules->caps[per_workflow] && the.ask.workflow.empty())
            reasons.insert("workflow_required " + rules->name);
    }
    check_amount(the, reasons);
    return reasons;
}
// ---- whether a person is asked, and how much may be captured ----

bool Shadow::asks_by_rule(const DrawnRules& rules, const Case& the) const
{
    if (!rules.approval) return false;
    const auto& approval = *rules.approval;
    return (approval.above && the.ask.amount > *approval.above) ||
           (approval.services && approval.services->has(the.bought.name)) ||
           (approval.outside_hours && !is_open(rules.times, now_));
}

bool Shadow::wants_person(const Case& the, const std::vector<Cap>& caps) const
{
    for (const auto* rules : the.charged)
        if (asks_by_rule(*rules, the)) return true;
    return std::ranges::any_of(caps, [&](const Cap& cap) {
        if (cap.is_payee) return used(cap).spent == 0;
        return cap.is_loop && cap.rules->approval && cap.rules->approval->loop &&
               is_full(cap, the.ask.amount);
    });
}

Micro Shadow::most(const Case& the) const
{
    std::optional<Micro> excess;
    for (const auto* rules : the.charged) {
        std::optional<Micro> own;
        if (rules->percent) own = the.ask.amount * *rules->percent / 100;
        if (rules->absolute) own = std::min(own.value_or(*rules->absolute), *rules->absolute);
        if (own) excess = std::min(excess.value_or(*own), *own);
    }
    auto most = the.ask.amount + excess.value_or(0);
    for (const auto* rules : the.charged) {
        if (rules->per_tx) most = std::min(most, *rules->per_tx);
        if (rules->approval && rules->approval->above)
            most = std::min(most, *rules->approval->above);
    }
    if (the.bought.service != nullptr && the.bought.service->ceiling)
        most = std::min(most, *the.bought.service->ceiling);
    return std::max(most, the.ask.amount);
}

}  // namespace purse::sim
