// SPDX-License-Identifier: Apache-2.0
// Taking holds, and answering again what was asked before.
#include <algorithm>

#include "ledger/approvals.hpp"
#include "ledger/books.hpp"
#include "ledger/require.hpp"

namespace purse {

namespace {
// From here on a cap is mentioned in the answer, so that the model can slow down in time.
constexpr int kNearPercent = 80;

// Refusals that question who is asking. They are neither stored under a key nor answered from
// one: a stolen or revoked credential learns nothing and spoils no key.
bool questions_caller(const HoldRequest& request)
{
    return !request.refusals.empty() && request.refusals.front().reason <= Reason::agent_unknown;
}

const json::Value& member(const json::Value& entry, std::string_view name)
{
    const auto* value = entry.find(name);
    require(value != nullptr, "a journal entry has the members its kind has");
    return *value;
}

Money money_of(const json::Value& entry, std::string_view name)
{
    const auto amount = Money::parse(member(entry, name).text());
    require(amount.has_value(), "a journal entry's amounts are amounts");
    return *amount;
}

Instant time_of(const json::Value& entry, std::string_view name)
{
    const auto at = from_rfc3339(member(entry, name).text());
    require(at.has_value(), "a journal entry's times are times");
    return *at;
}
}  // namespace

HoldAnswer Books::hold(const HoldRequest& request)
{
    if (request.epoch != meta_.epoch || now_ >= request.valid_until)
        return {.outcome = HoldAnswer::Outcome::stale, .at = now_};
    const bool keyed = !request.key.empty() && !questions_caller(request);
    if (keyed)
        if (const auto known = tx_.request(request.who.agent, request.key))
            return replayed(request, *known);

    auto failing = failing_caps(request.legs, request.what.amount,
                                request.approval ? WhenFull::ask : WhenFull::refuse);
    auto answer = request.refusals.empty() && failing.empty()
                      ? allow(request)
                      : refuse(request, request.refusals, std::move(failing));
    if (keyed || !answer.key.empty())
        tx_.insert_request(request.who.agent, answer.key.empty() ? request.key : answer.key,
                           {.fingerprint = request.fingerprint, .seq = answer.seq});
    return answer;
}

HoldAnswer Books::allow(const HoldRequest& request)
{
    const auto terms = wanted_approval(request);
    if (!terms) return approve(request);
    if (Approvals{*this}.has_room(request.who.agent)) return await(request, *terms);
    return refuse(request,
                  {{.reason = Reason::approval_required,
                    .rule = "approval",
                    .detail = "A person has to approve this, and too many payments of this agent "
                              "wait for that already.",
                    .allowed = {},
                    .retry_at = {}}},
                  {});
}

bool Books::asks_instead(const Leg& leg, Money amount)
{
    return leg.rule->asks == Asks::when_full &&
           !Counters::fits(counters_.of(leg), Counters::wanted(leg, amount), leg.rule->limit);
}

std::optional<ApprovalTerms> Books::wanted_approval(const HoldRequest& request)
{
    if (!request.approval) return std::nullopt;
    auto terms = *request.approval;
    for (const auto& leg : request.legs) {
        const auto& rule = *leg.rule;
        if (asks_instead(leg, request.what.amount))
            terms.wishes.push_back({.cause = ApprovalCause::loop,
                                    .rule = rule.budget,
                                    .detail = "The same payment was made " +
                                              std::to_string(rule.limit) + " times within " +
                                              to_string(rule.span) + "."});
        if (rule.asks == Asks::when_unspent && counters_.of(leg).spent == 0)
            terms.wishes.push_back(
                {.cause = ApprovalCause::new_payee,
                 .rule = rule.budget,
                 .detail = rule.budget + " has never paid " + request.what.payee + " before."});
    }
    return terms.wishes.empty() ? std::nullopt : std::optional{std::move(terms)};
}

std::vector<CapState> Books::failing_caps(const std::vector<Leg>& legs, Money amount, WhenFull then)
{
    std::vector<CapState> failing;
    for (const auto& leg : legs) {
        if (then == WhenFull::ask && leg.rule->asks == Asks::when_full) continue;
        const auto& counter = counters_.of(leg);
        const auto more = Counters::wanted(leg, amount);
        if (!Counters::fits(counter, more, leg.rule->limit))
            failing.push_back(counters_.state(leg, counter, more));
    }
    return failing;
}

std::vector<CapState> Books::near_caps(const std::vector<Leg>& legs)
{
    std::vector<CapState> near;
    for (const auto& leg : legs) {
        if (leg.rule->limit == kNoLimit) continue;
        const auto& counter = counters_.of(leg);
        if (used_percent(counter.held + counter.spent, leg.rule->limit) >= kNearPercent)
            near.push_back(counters_.state(leg, counter, 1));
    }
    return near;
}

Hold Books::take(const HoldRequest& request, const std::vector<Leg>& legs, HoldState as)
{
    const auto& what = request.what;
    const auto seq = next_seq();
    // What a person agrees to is the amount, and not more.
    const bool is_awaiting = as == HoldState::awaiting;
    const auto most = is_awaiting ? what.amount : std::max(what.amount, request.max_capture);
    HoldRow row;
    row.hold = {.id = TxId::make(seq, entropy_),
                .state = as,
                .who = request.who,
                .what = what,
                .taken_at = now_,
                .expires_at = now_ + (is_awaiting ? request.approval->within : request.ttl),
                .ended_at = {},
                .max_capture = std::min(most, Money::max()),
                .captured = {},
                .late = false};
    row.legs.reserve(legs.size());
    for (const auto& leg : legs) {
        const auto stored = counters_.charge(
            leg, counters_.of(leg), {.amount = what.amount, .hold = seq, .as = HoldState::open});
        if (leg.rule->unit == Unit::micro_usdc) row.legs.push_back(stored);
    }
    tx_.insert_hold(row);
    return std::move(row.hold);
}

HoldAnswer Books::approve(const HoldRequest& request)
{
    const auto hold = take(request, request.legs, HoldState::open);
    return taken(request, {.hold = hold, .legs = request.legs});
}

HoldAnswer Books::await(const HoldRequest& request, const ApprovalTerms& terms)
{
    // What a person lets through beyond a full counter is not counted there: no counter may pass
    // its limit, whoever agrees.
    auto legs = request.legs;
    std::erase_if(legs, [&](const Leg& leg) { return asks_instead(leg, request.what.amount); });
    const auto hold = take(request, legs, HoldState::awaiting);
    Approvals approvals{*this};
    approvals.ask(hold, terms);
    auto answer = taken(request, {.hold = hold, .legs = legs, .terms = &terms});
    answer.outcome = HoldAnswer::Outcome::awaiting;
    answer.approval = approvals.find(hold.id)->approval;
    return answer;
}

HoldAnswer Books::taken(const HoldRequest& request, const TakenHold& taken)
{
    const auto& hold = taken.hold;
    const auto& what = hold.what;
    // Who waits must be able to ask again, and gets a key for it.
    const bool needs_key = taken.terms != nullptr && request.key.empty();
    auto key = needs_key ? "approval-" + hold.id.to_string() : request.key;
    auto near = near_caps(taken.legs);
    EntryWriter entry;
    entry.text("agent", hold.who.agent).money("amount", what.amount);
    if (taken.terms != nullptr) entry.json("approval", to_json(*taken.terms));
    entry.time("at", now_).json("caps", to_json(taken.legs, now_));
    entry.text_if("client", hold.who.client).text_if("credential", hold.who.credential);
    entry.number("epoch", meta_.epoch).time("expiresAt", hold.expires_at).text_if("key", key);
    entry.text("kind", taken.terms == nullptr ? "hold" : "awaiting_approval");
    entry.money("maxCapture", hold.max_capture);
    if (!near.empty()) entry.json("near", to_json(near));
    entry.text("payee", what.payee).number("policy", meta_.policy_version);
    entry.text_if("purpose", what.purpose).number("seq", hold.id.seq);
    entry.text_if("service", what.service).text_if("session", hold.who.session);
    entry.text_if("task", what.task).text_if("trace", request.who.trace);
    entry.text("txId", hold.id.to_string());
    entry.text_if("workflow", what.workflow);
    const auto seq = write(entry.take());
    return {.outcome = HoldAnswer::Outcome::approved,
            .at = now_,
            .seq = seq,
            .id = hold.id,
            .amount = what.amount,
            .expires_at = hold.expires_at,
            .max_capture = hold.max_capture,
            .refusals = {},
            .failing = {},
            .near = std::move(near),
            .approval = {},
            .key = taken.terms == nullptr ? std::string{} : std::move(key)};
}

HoldAnswer Books::refuse(const HoldRequest& request, std::vector<Refusal> refusals,
                         std::vector<CapState> failing)
{
    const auto& what = request.what;
    const auto seq = next_seq();
    EntryWriter entry;
    entry.text("agent", request.who.agent).money("amount", what.amount).time("at", now_);
    entry.text_if("client", request.who.client).text_if("credential", request.who.credential);
    entry.number("epoch", meta_.epoch).json("failing", to_json(failing));
    entry.text_if("key", request.key).text("kind", "refused").text_if("payee", what.payee);
    entry.number("policy", meta_.policy_version).text_if("purpose", what.purpose);
    entry.json("refusals", to_json(refusals)).number("seq", seq);
    entry.text_if("service", what.service).text_if("session", request.who.session);
    entry.text_if("task", what.task).text_if("trace", request.who.trace);
    entry.text_if("workflow", what.workflow);
    write(entry.take());
    return {.outcome = HoldAnswer::Outcome::refused,
            .at = now_,
            .seq = seq,
            .id = {},
            .amount = what.amount,
            .expires_at = {},
            .max_capture = {},
            .refusals = std::move(refusals),
            .failing = std::move(failing),
            .near = {},
            .approval = {},
            .key = {}};
}

HoldAnswer Books::replayed(const HoldRequest& request, const RequestRow& known)
{
    HoldAnswer answer{.outcome = HoldAnswer::Outcome::conflict, .at = now_, .seq = known.seq};
    if (known.fingerprint != request.fingerprint) return answer;

    const auto rows = tx_.journal(known.seq, 1);
    require(rows.size() == 1 && rows.front().seq == known.seq, "a known request has its entry");
    const auto document = json::parse(rows.front().body);
    require(document.has_value(), "a journal entry is JSON");
    const auto& entry = document->root();
    if (member(entry, "kind").text() == "awaiting_approval") return replayed_awaiting(entry);
    answer.replay = true;
    answer.at = time_of(entry, "at");
    answer.amount = money_of(entry, "amount");
    if (member(entry, "kind").text() == "hold") {
        const auto id = TxId::parse(member(entry, "txId").text());
        require(id.has_value(), "a hold's entry names its id");
        answer.outcome = HoldAnswer::Outcome::approved;
        answer.id = *id;
        answer.expires_at = time_of(entry, "expiresAt");
        answer.max_capture = money_of(entry, "maxCapture");
        answer.near = caps_from_json(entry.find("near"));
    } else {
        answer.outcome = HoldAnswer::Outcome::refused;
        answer.refusals = refusals_from_json(entry.find("refusals"));
        answer.failing = caps_from_json(entry.find("failing"));
    }
    return answer;
}

// How it stands now, and not what was answered then: the caller asks to learn what came of it.
HoldAnswer Books::replayed_awaiting(const json::Value& entry)
{
    const auto id = TxId::parse(member(entry, "txId").text());
    require(id.has_value(), "a hold's entry names its id");
    Approvals approvals{*this};
    auto asked = approvals.find(*id);
    require(asked.has_value(), "what somebody was asked about is stored");
    auto answer = approvals.answer(*std::move(asked));
    answer.replay = true;
    answer.key = member(entry, "key").text();
    return answer;
}

}  // namespace purse
