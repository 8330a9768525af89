// SPDX-License-Identifier: Apache-2.0
// Taking holds, and answering again what was asked before.
#include <algorithm>

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

    auto failing = failing_caps(request.legs, request.what.amount);
    auto answer = request.refusals.empty() && failing.empty() ? approve(request)
                                                              : refuse(request, std::move(failing));
    if (keyed)
        tx_.insert_request(request.who.agent, request.key,
                           {.fingerprint = request.fingerprint, .seq = answer.seq});
    return answer;
}

std::vector<CapState> Books::failing_caps(const std::vector<Leg>& legs, Money amount)
{
    std::vector<CapState> failing;
    for (const auto& leg : legs) {
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

HoldAnswer Books::approve(const HoldRequest& request)
{
    const auto& what = request.what;
    const auto seq = next_seq();
    HoldRow row;
    row.hold = {.id = TxId::make(seq, entropy_),
                .state = HoldState::open,
                .who = request.who,
                .what = what,
                .taken_at = now_,
                .expires_at = now_ + request.ttl,
                .ended_at = {},
                .max_capture = std::min(std::max(what.amount, request.max_capture), Money::max()),
                .captured = {},
                .late = false};
    row.legs.reserve(request.legs.size());
    for (const auto& leg : request.legs) {
        const auto stored = counters_.charge(
            leg, counters_.of(leg), {.amount = what.amount, .hold = seq, .as = HoldState::open});
        if (leg.rule->unit == Unit::micro_usdc) row.legs.push_back(stored);
    }
    tx_.insert_hold(row);

    auto near = near_caps(request.legs);
    EntryWriter entry;
    entry.text("agent", request.who.agent).money("amount", what.amount).time("at", now_);
    entry.json("caps", to_json(request.legs, now_)).text_if("client", request.who.client);
    entry.text_if("credential", request.who.credential).number("epoch", meta_.epoch);
    entry.time("expiresAt", row.hold.expires_at).text_if("key", request.key).text("kind", "hold");
    entry.money("maxCapture", row.hold.max_capture);
    if (!near.empty()) entry.json("near", to_json(near));
    entry.text("payee", what.payee).number("policy", meta_.policy_version);
    entry.text_if("purpose", what.purpose).number("seq", seq).text_if("service", what.service);
    entry.text_if("session", request.who.session).text_if("task", what.task);
    entry.text("txId", row.hold.id.to_string()).text_if("workflow", what.workflow);
    write(entry.take());
    return {.outcome = HoldAnswer::Outcome::approved,
            .at = now_,
            .seq = seq,
            .id = row.hold.id,
            .amount = what.amount,
            .expires_at = row.hold.expires_at,
            .max_capture = row.hold.max_capture,
            .refusals = {},
            .failing = {},
            .near = std::move(near)};
}

HoldAnswer Books::refuse(const HoldRequest& request, std::vector<CapState> failing)
{
    const auto& what = request.what;
    const auto seq = next_seq();
    EntryWriter entry;
    entry.text("agent", request.who.agent).money("amount", what.amount).time("at", now_);
    entry.text_if("client", request.who.client).text_if("credential", request.who.credential);
    entry.number("epoch", meta_.epoch).json("failing", to_json(failing));
    entry.text_if("key", request.key).text("kind", "refused").text_if("payee", what.payee);
    entry.number("policy", meta_.policy_version).text_if("purpose", what.purpose);
    entry.json("refusals", to_json(request.refusals)).number("seq", seq);
    entry.text_if("service", what.service).text_if("session", request.who.session);
    entry.text_if("task", what.task).text_if("workflow", what.workflow);
    write(entry.take());
    return {.outcome = HoldAnswer::Outcome::refused,
            .at = now_,
            .seq = seq,
            .id = {},
            .amount = what.amount,
            .expires_at = {},
            .max_capture = {},
            .refusals = request.refusals,
            .failing = std::move(failing),
            .near = {}};
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

}  // namespace purse
