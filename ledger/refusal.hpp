// SPDX-License-Identifier: Apache-2.0
// Why a payment was not allowed. The order of `Reason` is the published order
// in which rules are checked and failing rules are listed; the wire names are stable.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/clock.hpp"
#include "ledger/money.hpp"

namespace purse {

/// Every reason to refuse, in order of precedence. `wire_name` gives the code clients see.
enum class Reason : std::uint8_t {
    // who
    credential_missing,
    credential_unknown,
    credential_revoked,
    credential_expired,
    agent_unknown,
    frozen,
    // what and whom
    service_unknown,
    service_required,
    payee_mismatch,
    payee_unknown,
    service_denied,
    service_not_allowed,
    payee_denied,
    payee_not_allowed,
    payee_not_payable,
    // when and for what
    outside_hours,
    task_required,
    workflow_required,
    // how much at once
    price_above_ceiling,
    transaction_limit_exceeded,
    // how often and how much over time: decided by the ledger, against its counters
    loop_detected,
    rate_limit_reached,
    spend_limit_reached,
    // whether there is money to pay with
    funds_insufficient,
    payee_debt_limit,
    // whether a person has agreed
    approval_required,
    approval_pending,
    approval_denied,
    approval_expired,
    // the end of a hold
    hold_unknown,
    hold_closed,
    hold_expired,
    over_capture,
    // the call itself
    idempotency_conflict,
    invalid_argument,
    policy_invalid,
    busy,
    ledger_unavailable,
};

inline constexpr std::array<std::string_view, 38> kReasonNames{"credential_missing",
                                                               "credential_unknown",
                                                               "credential_revoked",
                                                               "credential_expired",
                                                               "agent_unknown",
                                                               "frozen",
                                                               "service_unknown",
                                                               "service_required",
                                                               "payee_mismatch",
                                                               "payee_unknown",
                                                               "service_denied",
                                                               "service_not_allowed",
                                                               "payee_denied",
                                                               "payee_not_allowed",
                                                               "payee_not_payable",
                                                               "outside_hours",
                                                               "task_required",
                                                               "workflow_required",
                                                               "price_above_ceiling",
                                                               "transaction_limit_exceeded",
                                                               "loop_detected",
                                                               "rate_limit_reached",
                                                               "spend_limit_reached",
                                                               "funds_insufficient",
                                                               "payee_debt_limit",
                                                               "approval_required",
                                                               "approval_pending",
                                                               "approval_denied",
                                                               "approval_expired",
                                                               "hold_unknown",
                                                               "hold_closed",
                                                               "hold_expired",
                                                               "over_capture",
                                                               "idempotency_conflict",
                                                               "invalid_argument",
                                                               "policy_invalid",
                                                               "busy",
                                                               "ledger_unavailable"};

/// The stable snake_case code of a reason.
constexpr std::string_view wire_name(Reason reason) noexcept
{
    return kReasonNames[static_cast<std::size_t>(reason)];
}

/// The reason of a code, or nothing for a code this version does not know.
constexpr std::optional<Reason> reason_of(std::string_view name) noexcept
{
    for (std::size_t i = 0; i < kReasonNames.size(); ++i)
        if (kReasonNames[i] == name) return static_cast<Reason>(i);
    return std::nullopt;
}

/// One rule that said no. Caps say no with a CapState instead (cap.hpp).
struct Refusal {
    Reason reason{};
    std::string rule;    ///< where the rule stands: "agent/image-gen-agent-v2", "service/images"
    std::string detail;  ///< a sentence for a person: what was asked, what the rule allows
    std::optional<Money>
        allowed;  ///< the most this rule would allow now; empty: not a matter of amount
    std::optional<Instant> retry_at;  ///< when this rule may allow it; empty: not a matter of time
};

}  // namespace purse
