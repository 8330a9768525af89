// SPDX-License-Identifier: Apache-2.0
#include "policy/resolution.hpp"

#include <algorithm>

#include "ledger/nearest.hpp"
#include "ledger/quoted.hpp"
#include "policy/limits.hpp"
#include "policy/name.hpp"

namespace purse::policy {

namespace {
/// Any service, also outside the catalogue: the agent must say so, and no budget may have a
/// list that does not.
bool may_leave_catalogue(const Agent& agent)
{
    const auto& own = agent.charged.front()->allow.services;
    return own && own->any && std::ranges::all_of(agent.charged, [](const Budget* budget) {
               return !budget->allow.services || budget->allow.services->any;
           });
}

bool is_payee_named(const Agent& agent, std::string_view payee)
{
    return is_address(payee) && std::ranges::any_of(agent.charged, [payee](const Budget* budget) {
               return budget->allow.payees && budget->allow.payees->has(payee);
           });
}

template <class Range, class Name>
std::string listed(const Range& range, const Name& name_of)
{
    std::string text;
    std::size_t count = 0;
    for (const auto& item : range) {
        if (count == limits::kNamesInSentence)
            return text + " and " + std::to_string(range.size() - count) + " more";
        text += (count++ == 0 ? "" : ", ") + std::string{name_of(item)};
    }
    return text;
}

/// What the agent could have meant, from its own list where it has one.
std::string unknown_service_words(const Document& document, const Agent& agent,
                                  std::string_view name)
{
    auto words = quoted(name) + " is not a service of the catalogue.";
    Nearest nearest{name};
    const auto services = document.services();
    for (const auto& service : services.first(std::min(services.size(), limits::kServicesCompared)))
        nearest.consider(service.name);
    if (const auto better = nearest.found())
        return words + " Did you mean " + quoted(*better) + "?";
    const auto& own = agent.charged.front()->allow.services;
    if (own && !own->names.empty())
        words +=
            " Services of this agent: " + listed(own->names, [](const auto& n) { return n; }) + ".";
    else if (!services.empty())
        words += " Services: " + listed(services, [](const auto& s) { return s.name; }) + ".";
    return words;
}

Refusal refusal(Reason reason, std::string rule, std::string detail)
{
    return {.reason = reason,
            .rule = std::move(rule),
            .detail = std::move(detail),
            .allowed = {},
            .retry_at = {}};
}

std::string owners(std::span<const Service* const> services)
{
    return listed(services, [](const Service* service) { return quoted(service->name); });
}

void resolve_catalogue(const Service& service, Resolution& out, std::vector<Refusal>& refusals)
{
    out.service = &service;
    if (out.payee.empty()) out.payee = service.payee;
    if (out.payee != service.payee)
        refusals.push_back(refusal(Reason::payee_mismatch, "service/" + service.name,
                                   quoted(service.name) + " is paid to " + service.payee +
                                       ", not to " + clipped(out.payee) + "."));
}

/// A service that the catalogue does not have.
void resolve_stranger(const Document& document, const Agent& agent, Resolution& out,
                      std::vector<Refusal>& refusals)
{
    const auto rule = agent.charged.front()->name;
    const auto own_payee = "service:" + out.service_name;
    if (!may_leave_catalogue(agent)) {
        out.is_settled = false;
        refusals.push_back(refusal(Reason::service_unknown, rule,
                                   unknown_service_words(document, agent, out.service_name)));
        return;
    }
    if (out.payee.empty() || out.payee == own_payee) {
        out.payee = own_payee;
    } else if (const auto known = document.services_of(out.payee); !known.empty()) {
        refusals.push_back(refusal(Reason::payee_mismatch, "service/" + known.front()->name,
                                   out.payee + " is the payee of " + owners(known) + ", not of " +
                                       quoted(out.service_name) + "."));
    } else if (!is_payee_named(agent, out.payee)) {
        refusals.push_back(refusal(
            Reason::payee_unknown, rule,
            clipped(out.payee) + " is in no list of allowed payees. Leave the payee out to pay " +
                quoted(out.service_name) + " by name."));
    }
}

void resolve_payee_alone(const Document& document, const Agent& agent, Resolution& out,
                         std::vector<Refusal>& refusals)
{
    const auto known = document.services_of(out.payee);
    if (out.payee.empty()) {
        out.is_settled = false;
        refusals.push_back(refusal(Reason::payee_unknown, agent.charged.front()->name,
                                   "Neither a service nor a payee was named."));
    } else if (known.size() == 1) {
        out.service = known.front();
        out.service_name = known.front()->name;
    } else if (known.size() > 1) {
        out.is_settled = false;
        refusals.push_back(refusal(Reason::service_required, "payee/" + out.payee,
                                   out.payee + " is the payee of several services: " +
                                       owners(known) + ". Name the one that is bought."));
    } else if (!is_payee_named(agent, out.payee)) {
        refusals.push_back(
            refusal(Reason::payee_unknown, agent.charged.front()->name,
                    clipped(out.payee) +
                        " is neither the payee of a service nor in a list of allowed payees."));
    }
}
}  // namespace

Resolution resolve(const Document& document, const Agent& agent, const Purchase& what,
                   std::vector<Refusal>& refusals)
{
    Resolution out{.service_name = what.service, .payee = {}};
    const bool is_by_name = what.payee.starts_with("service:");  // names keep their case
    out.payee = is_by_name ? what.payee : lower_case(what.payee);
    if (what.service.empty())
        resolve_payee_alone(document, agent, out, refusals);
    else if (const auto* service = document.service(what.service))
        resolve_catalogue(*service, out, refusals);
    else
        resolve_stranger(document, agent, out, refusals);
    return out;
}

}  // namespace purse::policy
