// SPDX-License-Identifier: Apache-2.0
#include "audit/holds.hpp"

#include <algorithm>
#include <array>

#include "audit/policy.hpp"
#include "audit/words.hpp"

namespace purse::auditor {

namespace {
constexpr std::array<std::string_view, 7> kMoves{
    "settled",         "settled_late",      "voided", "expired", "approval_granted",
    "approval_denied", "approval_timed_out"};

HoldState state_after(std::string_view kind)
{
    if (kind == "voided") return HoldState::voided;
    if (kind == "expired") return HoldState::expired;
    if (kind == "approval_denied" || kind == "approval_timed_out") return HoldState::denied;
    return HoldState::settled;
}

bool may_end(HoldState from, std::string_view kind)
{
    if (kind == "settled_late") return from == HoldState::expired;
    if (kind == "approval_denied" || kind == "approval_timed_out")
        return from == HoldState::awaiting_approval;
    if (kind == "voided" && from == HoldState::awaiting_approval) return true;
    return from == HoldState::open;
}
}  // namespace

bool Holds::is_move(std::string_view kind)
{
    return std::ranges::find(kMoves, kind) != kMoves.end();
}

const Holds::Taker* Holds::taker(const std::string& id) const
{
    const auto found = live_.find(id);
    return found == live_.end() ? nullptr : &found->second.by;
}

void Holds::check(const Entry& entry, bool good, const std::string& what)
{
    if (!good) findings_.wrong(entry.seq, what);
}

std::vector<Holds::Kept> Holds::charge(const Entry& entry, std::int64_t hold, const Share& money,
                                       const std::vector<Charged>& charged)
{
    std::vector<Kept> kept;
    for (const auto& [key, limit] : charged) {
        const auto at = counters_.try_emplace(key).first;
        auto& counter = at->second;
        counter.let_leave(entry.at);
        const bool is_calls = counts_calls(key.kind);
        const auto share = is_calls ? Share{.spent = 1} : money;
        const auto span = span_in_kind(key.kind);
        const Counter::Place place{entry.at + span, hold, entry.seq};
        if (span > 0)
            counter.add(place, share);
        else
            counter.add(share);
        ++findings_.charges;
        check(entry, counter.held() + counter.spent() <= limit,
              "passes the cap " + key.text() + ": " + std::to_string(counter.held()) +
                  " held and " + std::to_string(counter.spent()) + " spent of " +
                  std::to_string(limit));
        if (!is_calls)
            kept.push_back({&counter, &at->first, limit, span > 0 ? place : Counter::Place{}});
    }
    return kept;
}

void Holds::take(const Entry& entry, const std::vector<Charged>& charged)
{
    const auto& members = entry.members;
    const auto id = required_text(members, "txId");
    const auto amount = micro_of(required_text(members, "amount"));
    const bool is_new = !findings_.holds.contains(id);
    check(entry, is_new, "takes " + id + " a second time");
    if (!is_new) return;
    live_[id] = {.by = {.agent = required_text(members, "agent"),
                        .task = text_of(members, "task"),
                        .workflow = text_of(members, "workflow")},
                 .max_capture = micro_of(required_text(members, "maxCapture")),
                 .expires_at = time_of(required_text(members, "expiresAt")),
                 .charges = charge(entry, entry.seq, {.held = amount}, charged)};
    findings_.holds[id] = {
        .seq = entry.seq,
        .state = entry.kind == "hold" ? HoldState::open : HoldState::awaiting_approval,
        .amount = amount,
        .captured = 0,
        .key = text_of(members, "key")};
}

void Holds::move(const Entry& entry, const std::vector<Charged>& charged)
{
    const auto id = required_text(entry.members, "txId");
    const auto known = findings_.holds.find(id);
    check(entry, known != findings_.holds.end(),
          entry.kind + " of " + id + ", which was never taken");
    if (known == findings_.holds.end()) return;
    auto& hold = known->second;
    const auto found = live_.find(id);
    if (found == live_.end()) {
        check(entry, false, entry.kind + " from the state " + std::string{word_of(hold.state)});
        return;
    }
    if (entry.kind == "approval_granted") {
        grant(entry, found->second, hold);
        return;
    }
    end(entry, found->second, hold);
    if (is_late(entry.kind)) charge(entry, hold.seq, {.spent = hold.captured}, charged);
    // Only an expired hold may come back, by a late settle.
    if (hold.state != HoldState::expired) live_.erase(found);
}

void Holds::grant(const Entry& entry, Live& live, AuditedHold& hold)
{
    check(entry, hold.state == HoldState::awaiting_approval,
          "is approved in the state " + std::string{word_of(hold.state)});
    check(entry, live.expires_at > entry.at, "is approved after its time");
    check(entry, micro_of(required_text(entry.members, "maxCapture")) == hold.amount,
          "is approved for more than was asked");
    hold.state = HoldState::open;
    live.expires_at = time_of(required_text(entry.members, "expiresAt"));
}

void Holds::check_time(const Entry& entry, const Live& live)
{
    const bool is_over = live.expires_at <= entry.at;
    if (entry.kind == "expired" || entry.kind == "approval_timed_out")
        check(entry, is_over, "ends a hold before its time");
    else if (!is_late(entry.kind))
        check(entry, !is_over, entry.kind + " after its time");
}

void Holds::end(const Entry& entry, Live& live, AuditedHold& hold)
{
    check(entry, may_end(hold.state, entry.kind),
          entry.kind + " from the state " + std::string{word_of(hold.state)});
    check_time(entry, live);
    hold.state = state_after(entry.kind);
    if (hold.state == HoldState::settled) {
        hold.captured = micro_of(required_text(entry.members, "actual"));
        check(entry, hold.captured <= live.max_capture,
              "captures more than the hold allows: " + usdc(hold.captured) + " of " +
                  usdc(live.max_capture));
        findings_.captured += hold.captured;
    }
    if (!is_late(entry.kind)) give_back(entry, live, hold);
    live.charges = {};
}

void Holds::give_back(const Entry& entry, const Live& live, const AuditedHold& hold)
{
    for (const auto& [counter, key, limit, place] : live.charges) {
        counter->let_leave(entry.at);
        bool counts = true;
        if (place == Counter::Place{})
            counter->end({.held = hold.amount}, hold.captured);
        else
            counts = counter->end(place, hold.captured);
        if (counts && hold.captured > hold.amount)
            check(entry, counter->held() + counter->spent() <= limit_now_(*key, limit),
                  "passes the cap " + key->text() + " by capturing more than was held");
    }
}

}  // namespace purse::auditor
