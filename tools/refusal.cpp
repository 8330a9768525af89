// SPDX-License-Identifier: Apache-2.0
#include "tools/refusal.hpp"

#include <algorithm>
#include <boost/json/array.hpp>

namespace purse::tools {

namespace {
constexpr int kHighPercent = 95;

/// Whether and how to try again, from the most hopeful to the least.
enum class Retry { same_request, after, with_changes, never };

std::string_view wire_name(Retry retry)
{
    switch (retry) {
        case Retry::same_request: return "same_request";
        case Retry::after: return "after";
        case Retry::with_changes: return "with_changes";
        case Retry::never: break;
    }
    return "never";
}

Retry retry_of(const Refusal& refusal)
{
    switch (refusal.reason) {
        case Reason::approval_pending:
        case Reason::busy: return Retry::same_request;
        case Reason::funds_insufficient:
        case Reason::payee_debt_limit:
            if (refusal.retry_at) return Retry::after;
            return refusal.allowed.value_or(Money{}) > Money{} ? Retry::with_changes : Retry::never;
        case Reason::outside_hours: return refusal.retry_at ? Retry::after : Retry::never;
        case Reason::service_unknown:
        case Reason::service_required:
        case Reason::payee_mismatch:
        case Reason::task_required:
        case Reason::workflow_required:
        case Reason::price_above_ceiling:
        case Reason::transaction_limit_exceeded:
        case Reason::over_capture:
        case Reason::hold_unknown:
        case Reason::idempotency_conflict:
        case Reason::invalid_argument: return Retry::with_changes;
        default: return Retry::never;
    }
}

Retry retry_of(const CapState& cap)
{
    if (cap.resets_at) return Retry::after;
    return cap.unit == Unit::micro_usdc && cap.available() > 0 ? Retry::with_changes : Retry::never;
}

std::string amount_of(Unit unit, std::int64_t count)
{
    return unit == Unit::calls ? std::to_string(count) : Money::from_micro(count).to_string();
}

std::string_view name_of(Unit unit)
{
    return unit == Unit::calls ? "calls" : "USDC";
}

std::string what_limits(const CapState& cap)
{
    const auto of = " of " + cap.budget;
    if (cap.reason == Reason::loop_detected)
        return "loop guard" + of + " (" + std::to_string(cap.limit) + " equal payments in " +
               to_string(cap.span) + ")";
    if (cap.unit == Unit::calls) return "rate limit" + of + " over any " + to_string(cap.span);
    if (cap.window == Window::rolling)
        return "spending limit" + of + " over any " + to_string(cap.span);
    // The scope of a cap for each task or workflow is "task/<id>" or "workflow/<id>".
    if (const auto slash = cap.scope.find('/'); slash != std::string::npos)
        return "limit" + of + " for " + cap.scope.substr(0, slash) + " " +
               cap.scope.substr(slash + 1);
    return cap.kind + " limit" + of;
}

std::string failing_sentence(const CapState& cap, const Verdict& verdict)
{
    auto sentence = to_sentence(cap);
    if (cap.unit == Unit::micro_usdc && verdict.wanted)
        sentence += "; this needs " + verdict.wanted->to_string();
    sentence += cap.resets_at ? ". Room again at " + to_words(*cap.resets_at) : "";
    return sentence + ".";
}

boost::json::object failure_json(const Refusal& refusal)
{
    boost::json::object failure{{"reason", purse::wire_name(refusal.reason)},
                                {"rule", refusal.rule},
                                {"message", refusal.detail}};
    if (refusal.allowed) failure["available"] = refusal.allowed->to_string();
    if (refusal.retry_at) failure["resetsAt"] = to_rfc3339(*refusal.retry_at);
    return failure;
}

boost::json::object failure_json(const CapState& cap, const Verdict& verdict)
{
    auto failure = to_json(cap);
    failure["reason"] = purse::wire_name(cap.reason);
    failure["rule"] = cap.budget;
    failure["message"] = failing_sentence(cap, verdict);
    return failure;
}

/// The most that would pass all failing rules now; nothing when amount is not the matter.
std::optional<Money> allowed_now(const Verdict& verdict)
{
    auto allowed = Money::max();
    for (const auto& refusal : verdict.refusals) {
        if (!refusal.allowed) return std::nullopt;
        allowed = std::min(allowed, *refusal.allowed);
    }
    for (const auto& cap : verdict.failing) {
        if (cap.unit == Unit::calls) return std::nullopt;
        allowed = std::min(allowed, Money::from_micro(cap.available()));
    }
    return allowed;
}

/// Whether a rule stands behind the caps in the published order, though it needs no counter.
bool is_after_caps(Reason reason)
{
    return reason >= Reason::funds_insufficient && reason <= Reason::approval_expired;
}

struct Advice {
    Retry retry = Retry::same_request;
    std::optional<Instant> at;  // when all that is a matter of time has passed
};

Advice advice_for(const Verdict& verdict)
{
    Advice advice;
    const auto add = [&](Retry retry, const std::optional<Instant>& at) {
        advice.retry = std::max(advice.retry, retry);
        if (at && (!advice.at || *at > *advice.at)) advice.at = at;
    };
    for (const auto& refusal : verdict.refusals) add(retry_of(refusal), refusal.retry_at);
    for (const auto& cap : verdict.failing) add(retry_of(cap), cap.resets_at);
    if (advice.retry != Retry::after) advice.at.reset();
    return advice;
}

std::string closing_sentence(const Advice& advice, const std::optional<Money>& allowed)
{
    std::string sentence;
    if (allowed && *allowed > Money{})
        sentence += " Allowed now: up to " + allowed->to_string() + " USDC.";
    switch (advice.retry) {
        case Retry::after:
            sentence += " Try again after " + to_words(*advice.at) + ", not before.";
            break;
        case Retry::never:
            sentence += " Do not retry; a person has to change something first.";
            break;
        case Retry::with_changes:
        case Retry::same_request: break;
    }
    return sentence;
}
}  // namespace

std::string to_sentence(const CapState& cap)
{
    if (cap.limit == kNoLimit)
        return what_limits(cap) + ": none; " + amount_of(cap.unit, cap.spent) + " spent, " +
               amount_of(cap.unit, cap.held) + " held";
    auto sentence = what_limits(cap) + ": " + amount_of(cap.unit, cap.held + cap.spent) + " of " +
                    amount_of(cap.unit, cap.limit) + " " + std::string{name_of(cap.unit)} + " used";
    if (cap.held > 0) sentence += " (" + amount_of(cap.unit, cap.held) + " held)";
    return sentence + ", " + amount_of(cap.unit, cap.available()) + " left";
}

boost::json::object to_json(const CapState& cap)
{
    boost::json::object json{{"budget", cap.budget}, {"cap", cap.kind}};
    if (!cap.scope.empty()) json["scope"] = cap.scope;
    json["unit"] = name_of(cap.unit);
    if (cap.limit != kNoLimit) json["limit"] = amount_of(cap.unit, cap.limit);
    json["spent"] = amount_of(cap.unit, cap.spent);
    json["held"] = amount_of(cap.unit, cap.held);
    if (cap.limit != kNoLimit) {
        json["available"] = amount_of(cap.unit, cap.available());
        json["usedPercent"] = cap.used_percent();
    }
    if (cap.resets_at) json["resetsAt"] = to_rfc3339(*cap.resets_at);
    return json;
}

boost::json::array warnings_json(const std::vector<CapState>& near)
{
    boost::json::array warnings;
    for (const auto& cap : near) {
        auto warning = to_json(cap);
        warning["level"] = cap.used_percent() >= kHighPercent ? kHighPercent : 80;
        warnings.push_back(std::move(warning));
    }
    return warnings;
}

std::string warnings_text(const std::vector<CapState>& near)
{
    std::string text;
    for (const auto& cap : near)
        text += "\nWarning: " + to_sentence(cap) + " (" + std::to_string(cap.used_percent()) +
                " %)" + (cap.resets_at ? ", room again at " + to_words(*cap.resets_at) : "") + ".";
    return text;
}

Result refused(const Verdict& verdict)
{
    boost::json::array failures;
    std::string sentences;
    Reason first = Reason::ledger_unavailable;
    const auto tell = [&](const Refusal& refusal) {
        if (failures.empty()) first = refusal.reason;
        failures.push_back(failure_json(refusal));
        sentences += " " + refusal.detail;
    };
    for (const auto& refusal : verdict.refusals)
        if (!is_after_caps(refusal.reason)) tell(refusal);
    for (const auto& cap : verdict.failing) {
        if (failures.empty()) first = cap.reason;
        failures.push_back(failure_json(cap, verdict));
        sentences += " The " + failing_sentence(cap, verdict);
    }
    for (const auto& refusal : verdict.refusals)
        if (is_after_caps(refusal.reason)) tell(refusal);
    const auto allowed = allowed_now(verdict);
    const auto advice = advice_for(verdict);
    const auto message = verdict.subject + "." + sentences + closing_sentence(advice, allowed);

    Result result{.structured = {}, .text = message, .is_error = true};
    auto& json = result.structured;
    json["ok"] = false;
    json["reason"] = purse::wire_name(first);
    json["message"] = message;
    json["failures"] = std::move(failures);
    if (allowed) json["allowedNow"] = allowed->to_string();
    json["retry"] = wire_name(advice.retry);
    if (advice.at) json["retryAt"] = to_rfc3339(*advice.at);
    json["currency"] = "USDC";
    if (verdict.at) json["at"] = to_rfc3339(*verdict.at);
    if (verdict.is_replay) json["replayed"] = true;
    return result;
}

namespace {
Result refused_as(std::string subject, Reason reason, std::string detail)
{
    Verdict verdict;
    verdict.refusals.push_back({.reason = reason, .rule = "purse", .detail = std::move(detail)});
    verdict.subject = std::move(subject);
    return refused(verdict);
}
}  // namespace

Result refused(Reason reason, std::string detail)
{
    return refused_as("Not done", reason, std::move(detail));
}

Result invalid_argument(const ArgumentError& error)
{
    const auto message = "Invalid argument: " + error.message + ".";
    Result result{.structured = {}, .text = message, .is_error = true};
    result.structured["ok"] = false;
    result.structured["reason"] = purse::wire_name(Reason::invalid_argument);
    if (!error.field.empty()) result.structured["field"] = error.field;
    result.structured["message"] = message;
    result.structured["retry"] = wire_name(Retry::with_changes);
    return result;
}

Result unavailable(const LedgerFault& fault)
{
    if (fault.kind == StoreError::Kind::busy)
        return refused(Reason::busy,
                       "The ledger is busy; nothing was done, the same call may be "
                       "made again.");
    if (fault.kind == StoreError::Kind::failed)
        return refused(Reason::ledger_unavailable,
                       "The ledger cannot be written, so nothing was approved; the operator "
                       "finds the cause with `purse doctor`.");
    // Neither a yes nor a no: whoever reads a no asks anew, and may pay twice.
    return refused_as("In doubt", Reason::ledger_unavailable,
                      "The ledger failed while this was being stored; once `purse doctor` is "
                      "content, the same call with the same idempotencyKey or txId tells.");
}

}  // namespace purse::tools
