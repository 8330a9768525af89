// SPDX-License-Identifier: Apache-2.0
#include "policy/decision.hpp"

#include <algorithm>

#include "ledger/quoted.hpp"
#include "ledger/require.hpp"
#include "policy/limits.hpp"
#include "policy/resolution.hpp"

namespace purse::policy {

namespace {
/// One question with what is known about it; the checks below read it and add to `refusals`.
struct Case {
    const Ask& ask;
    const Agent& agent;
    const Resolution& bought;
};
using Refusals = std::vector<Refusal>;

void refuse(Refusals& refusals, Reason reason, const std::string& rule, std::string detail)
{
    refusals.push_back({.reason = reason,
                        .rule = rule,
                        .detail = std::move(detail),
                        .allowed = {},
                        .retry_at = {}});
}

// ---- who ----

void check_credential(const Facts& facts, const WhoAsk& ask, Refusals& refusals)
{
    if (facts.credential == nullptr) return;
    const auto& credential = *facts.credential;
    require(credential.agent == ask.agent, "the agent is the one of its credential");
    const auto rule = "credential/" + credential.id;
    // Revoked is revoked: whatever the clock says, it does not become valid again.
    if (credential.revoked_at != Instant::never())
        refuse(refusals, Reason::credential_revoked, rule,
               "This credential was revoked at " + to_words(credential.revoked_at) + ".");
    if (credential.expires_at <= ask.now)
        refuse(refusals, Reason::credential_expired, rule,
               "This credential expired at " + to_words(credential.expires_at) + ".");
}

// ---- what and whom ----

std::string names_of(const NameList& list)
{
    std::string text;
    std::size_t count = 0;
    for (const auto& name : list.names) {
        if (count == limits::kNamesInSentence)
            return text + " and " + std::to_string(list.names.size() - count) + " more";
        text += (count++ == 0 ? "" : ", ") + name;
    }
    return text.empty() ? "none" : text;
}

void check_denied_service(const Case& the, Refusals& refusals)
{
    if (the.bought.service == nullptr) return;
    const auto& service = *the.bought.service;
    for (const auto* budget : the.agent.charged) {
        const auto& deny = budget->deny;
        if (deny.services && deny.services->has(service.name))
            refuse(refusals, Reason::service_denied, budget->name,
                   budget->name + " denies the service " + quoted(service.name) + ".");
        else if (deny.categories && deny.categories->has(service.category))
            refuse(refusals, Reason::service_denied, budget->name,
                   budget->name + " denies the category " + quoted(service.category) +
                       " of the service " + quoted(service.name) + ".");
    }
}

bool lets_service_through(const Lists& allow, const Resolution& bought)
{
    if (!allow.services && !allow.categories) return true;
    if (allow.services && allow.services->any) return true;
    // Outside the catalogue there is nothing that a list could name.
    if (bought.service == nullptr) return false;
    return (allow.services && allow.services->has(bought.service->name)) ||
           (allow.categories && allow.categories->has(bought.service->category));
}

void check_allowed_service(const Case& the, Refusals& refusals)
{
    if (!the.bought.is_settled) return;
    for (const auto* budget : the.agent.charged) {
        const auto& allow = budget->allow;
        if (lets_service_through(allow, the.bought)) continue;
        auto detail =
            budget->name + " does not allow " +
            (the.bought.service_name.empty() ? "a payment without a service"
                                             : "the service " + quoted(the.bought.service_name)) +
            ".";
        if (allow.services) detail += " Allowed services: " + names_of(*allow.services) + ".";
        if (allow.categories) detail += " Allowed categories: " + names_of(*allow.categories) + ".";
        refuse(refusals, Reason::service_not_allowed, budget->name, std::move(detail));
    }
}

void check_denied_payee(const Case& the, Refusals& refusals)
{
    for (const auto* budget : the.agent.charged)
        if (budget->deny.payees && budget->deny.payees->has(the.bought.payee))
            refuse(refusals, Reason::payee_denied, budget->name,
                   budget->name + " denies payments to " + the.bought.payee + ".");
}

void check_allowed_payee(const Case& the, Refusals& refusals)
{
    if (the.bought.payee.empty()) return;  // not known: said already
    for (const auto* budget : the.agent.charged)
        if (budget->allow.payees && !budget->allow.payees->has(the.bought.payee))
            refuse(refusals, Reason::payee_not_allowed, budget->name,
                   budget->name + " has a list of allowed payees, and " +
                       clipped(the.bought.payee) + " is not in it.");
}

// ---- when and for what ----

bool asks_outside_hours(const Budget& budget)
{
    return budget.approval && budget.approval->outside_hours;
}

void check_hours(const Case& the, Refusals& refusals)
{
    for (const auto* budget : the.agent.charged) {
        if (asks_outside_hours(*budget) || open_at(budget->times, the.ask.now)) continue;
        refusals.push_back(
            {.reason = Reason::outside_hours,
             .rule = budget->name,
             .detail = budget->name + " allows payments only at " + to_string(budget->times) + ".",
             .allowed = {},
             .retry_at = next_change(budget->times, the.ask.now)});
    }
}

void check_required_ids(const Case& the, Refusals& refusals)
{
    for (const auto* budget : the.agent.charged)
        if (budget->needs_task && the.ask.what.task.empty())
            refuse(refusals, Reason::task_required, budget->name,
                   budget->name + " has a cap for each task: a taskId is needed.");
    for (const auto* budget : the.agent.charged)
        if (budget->needs_workflow && the.ask.what.workflow.empty())
            refuse(refusals, Reason::workflow_required, budget->name,
                   budget->name + " has a cap for each workflow: a workflowId is needed.");
}

// ---- how much at once ----

void check_amount(const Case& the, Refusals& refusals)
{
    const auto amount = the.ask.what.amount;
    const auto* service = the.bought.service;
    if (service != nullptr && service->ceiling && amount > *service->ceiling)
        refusals.push_back({.reason = Reason::price_above_ceiling,
                            .rule = "service/" + service->name,
                            .detail = amount.to_string() + " USDC is above the ceiling of " +
                                      service->ceiling->to_string() + " USDC for " +
                                      quoted(service->name) + ".",
                            .allowed = service->ceiling,
                            .retry_at = {}});
    for (const auto* budget : the.agent.charged)
        if (budget->per_tx && amount > *budget->per_tx)
            refusals.push_back({.reason = Reason::transaction_limit_exceeded,
                                .rule = budget->name,
                                .detail = amount.to_string() + " USDC is above the limit of " +
                                          budget->per_tx->to_string() +
                                          " USDC for one payment of " + budget->name + ".",
                                .allowed = budget->per_tx,
                                .retry_at = {}});
}

void check_lateness(const Case& the, Refusals& refusals)
{
    for (const auto* budget : the.agent.charged)
        if (budget->late_settle == LateSettle::refuse)
            refuse(refusals, Reason::hold_expired, budget->name,
                   budget->name + " does not settle holds that have expired.");
}

// ---- whether a person is asked ----

void add_wishes(const Case& the, const Budget& budget, std::vector<ApprovalWish>& wishes)
{
    const auto& rule = *budget.approval;
    const auto add = [&](ApprovalCause cause, std::string detail) {
        wishes.push_back({.cause = cause, .rule = budget.name, .detail = std::move(detail)});
    };
    const auto amount = the.ask.what.amount;
    if (rule.above && amount > *rule.above)
        add(ApprovalCause::amount, budget.name + " asks for payments above " +
                                       rule.above->to_string() + " USDC; this is " +
                                       amount.to_string() + ".");
    if (rule.services.has(the.bought.service_name))
        add(ApprovalCause::service,
            budget.name + (the.bought.service_name.empty()
                               ? std::string{" asks for every payment."}
                               : " asks for the service " + quoted(the.bought.service_name) + "."));
    if (rule.outside_hours && !open_at(budget.times, the.ask.now))
        add(ApprovalCause::outside_hours, budget.name + " allows payments without asking only at " +
                                              to_string(budget.times) + ".");
}

/// The strictest of all budgets that have anybody asked.
std::optional<ApprovalTerms> approval_of(const Case& the)
{
    std::optional<ApprovalTerms> terms;
    auto lasts_max = limits::kHoldTtlMax;
    for (const auto* budget : the.agent.charged) {
        lasts_max = std::min(lasts_max, budget->max_ttl.value_or(lasts_max));
        if (!budget->approval) continue;
        const auto& rule = *budget->approval;
        if (!terms) terms = {.wishes = {}, .within = rule.within, .lasts = rule.lasts};
        terms->within = std::min(terms->within, rule.within);
        terms->lasts = std::min(terms->lasts, rule.lasts);
        if (rule.out_of_band_above && the.ask.what.amount > *rule.out_of_band_above)
            terms->in_chat = false;
        add_wishes(the, *budget, terms->wishes);
    }
    if (terms) terms->lasts = std::min(terms->lasts, lasts_max);
    return terms;
}

void check_late_approval(const Case& the, Refusals& refusals)
{
    const auto terms = approval_of(the);
    if (!terms) return;
    for (const auto& wish : terms->wishes)
        if (wish.cause != ApprovalCause::outside_hours)
            refuse(refusals, Reason::approval_required, wish.rule,
                   wish.detail + " An approval ends with its hold.");
}

// ---- what a yes carries ----

/// Every budget with a rule allows its excess; without any rule there is none.
Money max_capture_of(const Case& the)
{
    const auto amount = the.ask.what.amount;
    std::optional<Money> excess;
    for (const auto* budget : the.agent.charged)
        if (budget->over_capture) {
            const auto allowed = budget->over_capture->excess(amount);
            excess = std::min(excess.value_or(allowed), allowed);
        }
    auto most = amount.plus(excess.value_or(Money{})).value_or(amount);
    for (const auto* budget : the.agent.charged) {
        if (budget->per_tx) most = std::min(most, *budget->per_tx);
        // What is settled beyond the hold must not go around the question.
        if (budget->approval && budget->approval->above)
            most = std::min(most, *budget->approval->above);
    }
    if (the.bought.service != nullptr && the.bought.service->ceiling)
        most = std::min(most, *the.bought.service->ceiling);
    return std::max(most, amount);
}

void set_ttl(const Case& the, Decision& decision)
{
    std::optional<Span> wanted = the.ask.ttl;
    for (const auto* budget : the.agent.charged)
        if (!wanted) wanted = budget->ttl;
    auto most = limits::kHoldTtlMax;
    for (const auto* budget : the.agent.charged)
        most = std::min(most, budget->max_ttl.value_or(most));
    decision.ttl = std::clamp(wanted.value_or(limits::kHoldTtlDefault), limits::kHoldTtlMin, most);
    if (the.ask.ttl && *the.ask.ttl > most)
        decision.notes.push_back("The hold lasts " + to_string(most) +
                                 ": longer ones are not allowed (" + to_string(*the.ask.ttl) +
                                 " was asked for).");
}

/// The next moment at which a rule changes its answer without anything having happened.
Instant valid_until(const Case& the, const Facts& facts)
{
    auto until = facts.credential != nullptr ? facts.credential->expires_at : Instant::never();
    for (const auto* budget : the.agent.charged)
        if (!budget->times.empty())
            until = std::min(until, next_change(budget->times, the.ask.now)
                                        .value_or(the.ask.now + limits::kHoursSearch));
    return until;
}

std::string scope_text(ScopeBy by, const Ask& ask)
{
    const auto& what = ask.what;
    switch (by) {
        case ScopeBy::nothing: return {};
        case ScopeBy::task: return "task/" + what.task;
        case ScopeBy::workflow: return "workflow/" + what.workflow;
        case ScopeBy::purchase:
            return (what.service.empty() ? what.payee : what.service) + " " +
                   std::to_string(what.amount.micro());
        case ScopeBy::agent_purchase: return ask.agent + " " + scope_text(ScopeBy::purchase, ask);
        case ScopeBy::payee: return "payee/" + what.payee;
    }
    return {};
}

bool applies(ScopeBy by, const Purchase& what)
{
    if (by == ScopeBy::task) return !what.task.empty();
    if (by == ScopeBy::workflow) return !what.workflow.empty();
    return true;
}

/// `ask.what` is resolved already, so that a payee and its service are one loop.
std::vector<Leg> legs_of(const Agent& agent, const Ask& ask)
{
    std::vector<Leg> legs;
    legs.reserve(agent.charges.size());
    for (const auto& charge : agent.charges)
        if (applies(charge.scope, ask.what))
            legs.push_back({charge.rule, scope_text(charge.scope, ask)});
    return legs;
}

/// What decide() and decide_late() have in common; nothing more is known when it says false.
bool begin(const Document& document, const Facts& facts, const Ask& ask, Decision& decision)
{
    decision.what = ask.what;
    decision.refusals = who_refusals(document, facts, {.agent = ask.agent, .now = ask.now});
    return decision.refusals.empty();
}

void check_bought(const Case& the, Refusals& refusals)
{
    check_denied_service(the, refusals);
    check_allowed_service(the, refusals);
    check_denied_payee(the, refusals);
    check_allowed_payee(the, refusals);
}
}  // namespace

std::vector<Refusal> who_refusals(const Document& document, const Facts& facts, const WhoAsk& ask)
{
    Refusals refusals;
    check_credential(facts, ask, refusals);
    // Who cannot say who they are learns nothing about the rules of others.
    if (refusals.empty() && document.agent(ask.agent) == nullptr)
        refuse(refusals, Reason::agent_unknown, "agent/" + std::string{ask.agent},
               "The policy in force has no agent " + quoted(ask.agent) + ".");
    return refusals;
}

std::vector<Refusal> freezes_on(const Agent& agent, std::span<const FreezeRow> freezes)
{
    Refusals refusals;
    const auto check_row = [&](std::string_view target) {
        const auto row = std::ranges::find(freezes, target, &FreezeRow::target);
        if (row == freezes.end()) return;
        const auto what =
            target == "all" ? std::string{"All spending"} : "Spending by " + row->target;
        refuse(refusals, Reason::frozen, row->target,
               what + " is frozen by the operator since " + to_words(row->since) + ".");
    };
    check_row("all");
    for (const auto* budget : agent.charged) {
        if (budget->frozen)
            refuse(refusals, Reason::frozen, budget->name,
                   "Spending by " + budget->name + " is frozen in the policy document.");
        check_row(budget->name);
    }
    return refusals;
}

Decision decide(const Document& document, const Facts& facts, const Ask& ask)
{
    Decision decision;
    if (!begin(document, facts, ask, decision)) return decision;
    const auto& agent = *document.agent(ask.agent);
    auto& refusals = decision.refusals;
    refusals = freezes_on(agent, facts.freezes);
    const auto bought = resolve(document, agent, ask.what, refusals);
    const Case the{ask, agent, bought};
    check_bought(the, refusals);
    check_hours(the, refusals);
    check_required_ids(the, refusals);
    check_amount(the, refusals);
    require(std::ranges::is_sorted(refusals, {}, &Refusal::reason), "refusals in published order");

    auto resolved = ask;
    resolved.what.service = bought.service_name;
    resolved.what.payee = bought.payee;
    decision.legs = legs_of(agent, resolved);
    decision.what = std::move(resolved.what);
    decision.max_capture = max_capture_of(the);
    decision.approval = approval_of(the);
    decision.valid_until = valid_until(the, facts);
    set_ttl(the, decision);
    return decision;
}

Decision decide_late(const Document& document, const Facts& facts, const Ask& ask)
{
    Decision decision;
    if (!begin(document, facts, ask, decision)) return decision;
    const auto& agent = *document.agent(ask.agent);
    auto& refusals = decision.refusals;
    refusals = freezes_on(agent, facts.freezes);
    const auto bought = resolve(document, agent, ask.what, refusals);
    const Case the{ask, agent, bought};
    check_bought(the, refusals);
    check_amount(the, refusals);
    check_late_approval(the, refusals);
    check_lateness(the, refusals);
    require(std::ranges::is_sorted(refusals, {}, &Refusal::reason), "refusals in published order");

    decision.legs = legs_of(agent, ask);
    std::erase_if(decision.legs, [](const Leg& leg) { return leg.rule->unit == Unit::calls; });
    decision.max_capture = ask.what.amount;
    if (facts.credential != nullptr) decision.valid_until = facts.credential->expires_at;
    return decision;
}

std::vector<Leg> status_legs(const Document& document, const StatusAsk& ask)
{
    const auto* agent = document.agent(ask.agent);
    if (agent == nullptr) return {};
    Ask about{.agent = agent->name, .what = {}, .ttl = {}, .now = {}};
    about.what.task = ask.task;
    about.what.workflow = ask.workflow;
    auto legs = legs_of(*agent, about);
    std::erase_if(legs, [](const Leg& leg) {
        return leg.rule->reason == Reason::loop_detected || leg.rule->asks == Asks::when_unspent;
    });
    return legs;
}

}  // namespace purse::policy
