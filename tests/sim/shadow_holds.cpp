// SPDX-License-Identifier: Apache-2.0
// What becomes of a hold in the shadow: taken, told again, settled, given back, decided by people.
#include <algorithm>

#include "tests/sim/shadow.hpp"

namespace purse::sim {

namespace {
constexpr Us kSecond = 1'000'000;
}

// ---- pay_preauthorize ----

Expected Shadow::hold(const Who& who, const HoldAsk& ask)
{
    if (auto reasons = who_refusals(who); !reasons.empty()) return {.reasons = std::move(reasons)};
    const auto name = who.agent + " " + ask.key;
    if (!ask.key.empty() && known_.contains(name)) return told_before(name, ask);
    Case the{.charged = policy_->charged(*policy_->agent(who.agent)),
             .bought = {},
             .ask = ask,
             .agent = who.agent};
    Expected expected{.reasons = static_refusals(the)};
    if (has_chain_ && expected.reasons.empty() && !the.bought.payee.starts_with("0x"))
        expected.reasons.insert("payee_not_payable service/" + the.bought.name);
    auto all = caps(the);
    for (const auto& cap : all) {
        if (cap.is_loop && cap.rules->approval && cap.rules->approval->loop) continue;
        if (!is_full(cap, ask.amount)) continue;
        const auto* reason = cap.is_loop    ? "loop_detected "
                             : cap.is_count ? "rate_limit_reached "
                                            : "spend_limit_reached ";
        expected.reasons.insert(reason + cap.rules->name + " " + cap.kind);
    }
    expected.amount = ask.amount;
    expected.at = now_;
    if (expected.reasons.empty()) {
        const bool asks = wants_person(the, all);
        expected = take(the, who, std::move(all), asks);
    }
    if (!ask.key.empty()) known_[name] = {ask, expected};
    return expected;
}

Expected Shadow::take(const Case& the, const Who& who, std::vector<Cap> caps, bool asks)
{
    const auto& ask = the.ask;
    Seconds ttl_most = 86'400;
    Seconds within = 86'400;
    Seconds lasts = 86'400;
    std::optional<Seconds> ttl;
    bool in_chat = true;
    if (ask.ttl != 0) ttl = ask.ttl;
    for (const auto* rules : the.charged) {
        if (!ttl) ttl = rules->ttl;
        ttl_most = std::min(ttl_most, rules->max_ttl.value_or(ttl_most));
        if (!rules->approval) continue;
        within = std::min(within, rules->approval->within);
        lasts = std::min(lasts, rules->approval->lasts);
        if (rules->approval->out_of_band_above && ask.amount > *rules->approval->out_of_band_above)
            in_chat = false;
    }
    const auto lives = asks ? within : std::min(ttl.value_or(120), ttl_most);
    Hold hold{.agent = who.agent,
              .credential = who.credential,
              .tx = {},
              .state = asks ? State::awaiting : State::open,
              .service = the.bought.name,
              .payee = the.bought.payee,
              .task = ask.task,
              .workflow = ask.workflow,
              .amount = ask.amount,
              .most = asks ? ask.amount : most(the),
              .expires = now_ + lives * kSecond,
              .lasts = std::min(lasts, ttl_most),
              .was_asked = asks,
              .in_chat = in_chat,
              .why_not = {},
              .charges = {}};
    const auto place = static_cast<int>(holds_.size());
    if (asks)
        std::erase_if(caps, [&](const Cap& cap) {
            return cap.is_loop && cap.rules->approval && cap.rules->approval->loop &&
                   is_full(cap, ask.amount);
        });
    if (asks && ask.key.empty()) hold.unkeyed = ask;
    holds_.push_back(std::move(hold));
    open_.insert(place);
    for (const auto& cap : caps) charge(place, cap, false);
    return {.said = asks ? Said::asks : Said::yes,
            .reasons = {},
            .hold = place,
            .tx = {},
            .state = asks ? "awaiting_approval" : "held",
            .amount = ask.amount,
            .most = holds_.back().most,
            .expires = holds_.back().expires,
            .at = now_};
}

Expected Shadow::told_before(const std::string& name, const HoldAsk& ask)
{
    const auto& known = known_.at(name);
    if (known.ask != ask) return refusal("idempotency_conflict", "purse");
    // Whoever waits learns how it stands, and not what was answered then.
    auto again = known.answer.said == Said::asks ? awaited(known.answer.hold) : known.answer;
    again.replayed = true;
    if (again.hold >= 0) again.tx = holds_[index(again.hold)].tx;
    return again;
}

Expected Shadow::awaited(int place) const
{
    const auto& hold = holds_[index(place)];
    Expected expected{.reasons = {},
                      .hold = place,
                      .tx = hold.tx,
                      .state = {},
                      .amount = hold.amount,
                      .most = hold.most,
                      .expires = hold.expires,
                      .at = hold.decided};
    if (hold.was_granted) {
        expected.said = Said::yes;
        expected.state = "held";
    } else if (hold.state == State::awaiting) {
        expected.said = Said::asks;
        expected.state = "awaiting_approval";
        expected.at = 0;
    } else {
        expected.reasons.insert(hold.why_not + " approval");
    }
    return expected;
}

void Shadow::learn(int place, const std::string& tx)
{
    auto& hold = holds_[index(place)];
    if (!hold.tx.empty()) return;
    hold.tx = tx;
    by_tx_[tx] = place;
    // Who waits must be able to ask again, and was given a key for it.
    if (!hold.unkeyed) return;
    auto ask = *std::exchange(hold.unkeyed, std::nullopt);
    ask.key = "approval-" + tx;
    Expected expected;
    expected.said = Said::asks;
    expected.hold = place;
    const auto name = hold.agent + " " + ask.key;
    known_[name] = {std::move(ask), std::move(expected)};
}
// ---- the ends ----

void Shadow::end(Hold& hold, State state, Micro captured)
{
    move(hold, -hold.amount, captured);
    hold.state = state;
    hold.captured = captured;
    hold.ended = now_;
    open_.erase(static_cast<int>(&hold - holds_.data()));
}

int Shadow::find(const std::string& tx, const std::string& agent) const
{
    const auto found = by_tx_.find(tx);
    if (found == by_tx_.end() || holds_[index(found->second)].agent != agent) return -1;
    return found->second;
}

Expected Shadow::settle(const Who& who, const SettleAsk& ask)
{
    if (auto reasons = stranger(who); !reasons.empty()) return {.reasons = std::move(reasons)};
    const int place = find(ask.tx, who.agent);
    if (place < 0) return refusal("hold_unknown", "hold");
    auto& hold = holds_[index(place)];
    if (auto reasons = who_refusals(who); !reasons.empty()) return {.reasons = std::move(reasons)};
    if (hold.state == State::awaiting && !ask.is_void) return refusal("approval_pending", "hold");
    if (hold.state != State::open && hold.state != State::awaiting) {
        if (hold.state == State::expired && !ask.is_void) return settle_late(place, ask);
        return ended_before(hold, ask);
    }
    Expected expected{
        .said = Said::yes, .reasons = {}, .hold = place, .tx = hold.tx, .state = {}, .at = now_};
    if (ask.is_void) {
        if (hold.state == State::awaiting) {
            hold.why_not = "approval_denied";
            hold.decided = now_;
        }
        end(hold, State::voided, 0);
        expected.state = "voided";
        expected.released = hold.amount;
        return expected;
    }
    if (ask.actual > hold.most) return refusal("over_capture", "hold");
    if (ask.actual > hold.amount) {
        std::multiset<std::string> reasons;
        excess_without_room(hold, ask.actual - hold.amount, reasons);
        if (!reasons.empty()) {
            reasons.insert("spend_limit_reached hold");
            return {.reasons = std::move(reasons)};
        }
    }
    end(hold, State::settled, ask.actual);
    expected.state = "settled";
    expected.captured = ask.actual;
    expected.released = std::max<Micro>(hold.amount - ask.actual, 0);
    return expected;
}

/// The stricter of what the document said when it was charged and what it says now; -1: nothing.
std::int64_t Shadow::limit_of(const Charge& charge) const
{
    auto limit = charge.limit;
    const auto tighten = [&](const std::optional<std::int64_t>& other) {
        if (other && (limit < 0 || *other < limit)) limit = *other;
    };
    const auto* rules = policy_->rules(charge.rule);
    if (rules == nullptr) return limit;
    for (std::size_t i = 0; i < rules->caps.size(); ++i)
        if (charge.kind == kCalendarNames[i]) tighten(rules->caps[i]);
    for (const auto& rolling : rules->rolling)
        if (charge.kind == "rolling " + span_name(rolling.span)) tighten(rolling.limit);
    return limit;
}

void Shadow::excess_without_room(const Hold& hold, Micro excess,
                                 std::multiset<std::string>& reasons) const
{
    for (const auto& charge : hold.charges) {
        if (charge.leaves != 0 && charge.leaves <= now_) continue;  // it counts there no more
        const auto limit = limit_of(charge);
        if (limit < 0) continue;
        const auto sums =
            charge.leaves == 0 ? sums_.at(charge.bucket) : rolling_sums(rolling_.at(charge.bucket));
        if (sums.held + sums.spent + excess > limit)
            reasons.insert("spend_limit_reached " + charge.rule + " " + charge.kind);
    }
}

Expected Shadow::ended_before(const Hold& hold, const SettleAsk& ask) const
{
    const bool nothing_was_paid = hold.state != State::settled;
    const bool same = ask.is_void ? nothing_was_paid
                                  : hold.state == State::settled && hold.captured == ask.actual;
    if (!same) return refusal("hold_closed", "hold");
    return {.said = Said::yes,
            .reasons = {},
            .replayed = true,
            .hold = static_cast<int>(&hold - holds_.data()),
            .tx = hold.tx,
            .state = name_of(hold.state),
            .captured = hold.captured,
            .released = std::max<Micro>(hold.amount - hold.captured, 0),
            .at = hold.ended,
            .late = hold.late};
}

Expected Shadow::settle_late(int place, const SettleAsk& ask)
{
    auto& hold = holds_[index(place)];
    Case the{.charged = policy_->charged(*policy_->agent(hold.agent)),
             .bought = {},
             .ask = {.service = hold.service,
                     .payee = hold.payee,
                     .amount = ask.actual,
                     .task = hold.task,
                     .workflow = hold.workflow,
                     .key = {}},
             .agent = hold.agent};
    std::multiset<std::string> reasons;
    check_frozen(the, reasons);
    the.bought = buy(the, reasons);
    check_lists(the, reasons);
    check_amount(the, reasons);
    for (const auto* rules : the.charged) {
        if (rules->refuses_late) reasons.insert("hold_expired " + rules->name);
        if (!rules->approval) continue;
        const auto& approval = *rules->approval;
        if (approval.above && ask.actual > *approval.above)
            reasons.insert("approval_required " + rules->name);
        if (approval.services && approval.services->has(the.bought.name))
            reasons.insert("approval_required " + rules->name);
    }
    if (hold.was_asked) reasons.insert("approval_expired approval");
    const bool has_rule = !reasons.empty();
    the.bought.name = hold.service;
    the.bought.payee = hold.payee;
    const auto all = caps(the);
    for (const auto& cap : all)
        if (!cap.is_count && is_full(cap, ask.actual))
            reasons.insert("spend_limit_reached " + cap.rules->name + " " + cap.kind);
    if (ask.actual > hold.most)
        reasons.insert("over_capture hold");
    else if (!has_rule && !reasons.empty())
        reasons.insert("spend_limit_reached hold");  // the hold itself speaks first
    if (!reasons.empty()) return {.reasons = std::move(reasons)};
    hold.state = State::settled;
    hold.captured = ask.actual;
    hold.ended = now_;
    hold.late = true;
    for (const auto& cap : all)
        if (!cap.is_count) charge(place, cap, true);
    return {.said = Said::yes,
            .reasons = {},
            .hold = place,
            .tx = hold.tx,
            .state = "settled",
            .captured = ask.actual,
            .released = 0,
            .at = now_,
            .late = true};
}
// ---- what people decide ----

std::multiset<std::string> Shadow::objections(const Hold& hold) const
{
    if (auto reasons = who_refusals({hold.agent, hold.credential}); !reasons.empty())
        return reasons;
    Case the{.charged = policy_->charged(*policy_->agent(hold.agent)),
             .bought = {},
             .ask = {.service = hold.service,
                     .payee = hold.payee,
                     .amount = hold.amount,
                     .task = hold.task,
                     .workflow = hold.workflow,
                     .key = {}},
             .agent = hold.agent};
    return static_refusals(the);
}

std::string Shadow::rule(const std::string& tx, bool is_yes)
{
    const auto found = by_tx_.find(tx);
    if (found == by_tx_.end()) return "unknown";
    auto& hold = holds_[index(found->second)];
    if (!hold.was_asked) return "unknown";
    if (hold.state != State::awaiting) return "decided_before";
    if (!is_yes) {
        hold.why_not = "approval_denied";
        hold.decided = now_;
        end(hold, State::denied, 0);
        return "done";
    }
    if (!objections(hold).empty()) return "refused";
    hold.state = State::open;
    hold.was_granted = true;
    hold.decided = now_;
    hold.expires = now_ + hold.lasts * kSecond;
    return "done";
}

Expected Shadow::follow_up(const Who& who, const std::string& tx, const std::string& answered)
{
    if (auto unknown = stranger(who); !unknown.empty()) return {.reasons = std::move(unknown)};
    auto reasons = who_refusals(who);
    const int place = find(tx, who.agent);
    if (place < 0 || !holds_[index(place)].was_asked) return refusal("hold_unknown", "purse");
    const auto& hold = holds_[index(place)];
    if (answered == "approve" && reasons.empty()) {
        if (!hold.in_chat) return refusal("approval_pending", "approval");
        if (hold.state == State::awaiting) reasons = objections(hold);
        if (reasons.empty()) rule(tx, true);
    } else if (answered == "deny" || answered == "cancel" || answered == "disconnect") {
        rule(tx, false);
        reasons.clear();
    }
    if (!reasons.empty()) return {.reasons = std::move(reasons)};
    return awaited(place);
}

}  // namespace purse::sim
