// SPDX-License-Identifier: Apache-2.0
// May this be bought? A pure function of the document, a few facts and the question:
// no clock, no counters. All rules are always checked, so a refusal names every one that
// failed; what only counters can tell is left to the ledger as legs, in published order.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/hold.hpp"
#include "ledger/store.hpp"
#include "policy/document.hpp"

namespace purse::policy {

/// What the ledger knows beside the document.
struct Facts {
    std::span<const FreezeRow> freezes;         ///< read during the call only
    const CredentialRow* credential = nullptr;  ///< nullptr: the built-in sandbox, which has none
};

struct Ask {
    std::string agent;        ///< without a prefix; from the credential, never from an argument
    Purchase what;            ///< service or payee may be empty, not both; payee in either case
    std::optional<Span> ttl;  ///< as requested
    Instant now;
};

struct Decision {
    Purchase what;  ///< as asked, service and payee resolved as far as they could be
    std::vector<Refusal> refusals;  ///< in published order, within a reason in charge order
    std::vector<Leg> legs;  ///< in published order; also when refused. Point into the document
    Span ttl;
    Money max_capture;
    std::optional<ApprovalTerms> approval;  ///< nothing: no budget of the agent has anybody asked
    Instant valid_until =
        Instant::never();            ///< before this moment no rule changes its answer by itself
    std::vector<std::string> notes;  ///< sentences for the caller: what was changed in the request
};

/// Decides a hold. O(rules of the agent's budgets).
Decision decide(const Document& document, const Facts& facts, const Ask& ask);

/// Decides whether a hold that has expired may still be settled; `ask.what` is the hold's, with
/// the actual amount. As decide(), but hours, loops, counts and required ids are not checked
/// again, what would need an approval is refused (the one that was given has ended with the hold),
/// and budgets that refuse late settles say hold_expired.
Decision decide_late(const Document& document, const Facts& facts, const Ask& ask);

struct WhoAsk {
    std::string_view agent;
    Instant now;
};

/// Why the caller may not act at all: a credential revoked or expired, an agent gone. The first
/// check of every decision; alone for what needs no other.
std::vector<Refusal> who_refusals(const Document& document, const Facts& facts, const WhoAsk& ask);

/// Everything that freezes the agent: the document's words and the operator's.
std::vector<Refusal> freezes_on(const Agent& agent, std::span<const FreezeRow> freezes);

struct StatusAsk {
    std::string_view agent;
    std::string_view task;      ///< may be empty
    std::string_view workflow;  ///< may be empty
};

/// The caps to report for an agent, in published order: also those that only count (kNoLimit),
/// without loop guards. Empty for an unknown agent.
std::vector<Leg> status_legs(const Document& document, const StatusAsk& ask);

}  // namespace purse::policy
