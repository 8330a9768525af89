// SPDX-License-Identifier: Apache-2.0
// The three ends of a hold: settle, void, expire; and the settle that comes late.
#include <algorithm>

#include "ledger/approvals.hpp"
#include "ledger/books.hpp"
#include "ledger/payouts.hpp"
#include "ledger/require.hpp"

namespace purse {

namespace {
using Outcome = SettleAnswer::Outcome;

Money released_of(const Hold& hold)
{
    return hold.what.amount.minus(hold.captured).value_or(Money{});
}

SettleAnswer unknown_hold(Instant now)
{
    SettleAnswer answer{.outcome = Outcome::refused, .at = now};
    answer.reason = Reason::hold_unknown;
    answer.detail = "No hold of this agent has this txId.";
    return answer;
}

std::string end_in_words(const Hold& hold)
{
    const auto at = to_words(hold.ended_at);
    if (hold.state == HoldState::voided) return "This hold was voided at " + at + ".";
    if (hold.state == HoldState::denied)
        return "This payment was not approved, and its hold ended at " + at + ".";
    return "This hold was settled for " + hold.captured.to_string() + " USDC at " + at +
           "; a settlement is final.";
}

SettleAnswer same_again(const Hold& hold, Outcome outcome)
{
    return {.outcome = outcome,
            .replay = true,
            .at = hold.ended_at,
            .detail = {},
            .hold = hold,
            .released = released_of(hold),
            .settlement = {},
            .refusals = {},
            .failing = {},
            .near = {}};
}
}  // namespace

SettleAnswer Books::settle(const SettleRequest& request)
{
    trace_ = request.who.trace;
    if (request.epoch != meta_.epoch) return {.outcome = Outcome::stale, .at = now_};
    auto row = tx_.hold(request.id.seq);
    // The token and the agent must match too: a txId found out is of no use to another.
    if (!row || row->hold.id != request.id || row->hold.who.agent != request.who.agent)
        return unknown_hold(now_);
    if (!request.refusals.empty()) {
        SettleAnswer answer{.outcome = Outcome::refused, .at = now_};
        answer.reason = request.refusals.front().reason;
        answer.detail = request.refusals.front().detail;
        answer.refusals = request.refusals;
        return refuse_settle(row->hold, request.actual, std::move(answer),
                             request.is_void ? Taken::nothing : Taken::actual);
    }
    if (row->hold.expires_at <= now_) time_is_over(*row);
    if (row->hold.state == HoldState::awaiting) return while_awaiting(request, *row);
    if (row->hold.state != HoldState::open) return ended_before(request, row->hold);
    return request.is_void ? release_all(*row) : capture(*row, request);
}

void Books::time_is_over(HoldRow& row)
{
    if (row.hold.state == HoldState::open)
        give_back(row, HoldState::expired);
    else if (row.hold.state == HoldState::awaiting)
        Approvals{*this}.time_out(row);
}

SettleAnswer Books::while_awaiting(const SettleRequest& request, HoldRow& row)
{
    if (request.is_void) {
        Approvals{*this}.withdraw(row.hold);
        return release_all(row);
    }
    SettleAnswer answer{.outcome = Outcome::refused, .at = now_};
    answer.reason = Reason::approval_pending;
    answer.detail = "Nobody has approved this payment yet; it can be until " +
                    to_words(row.hold.expires_at) + ".";
    return refuse_settle(row.hold, request.actual, std::move(answer), Taken::actual);
}

SettleAnswer Books::ended_before(const SettleRequest& request, const Hold& hold)
{
    if (hold.state == HoldState::expired) {
        if (request.is_void) return same_again(hold, Outcome::voided);
        SettleAnswer answer{.outcome = Outcome::expired, .at = now_};
        answer.hold = hold;
        return answer;
    }
    const bool holds_nothing = hold.state == HoldState::voided || hold.state == HoldState::denied;
    if (holds_nothing && request.is_void) return same_again(hold, Outcome::voided);
    if (hold.state == HoldState::settled && !request.is_void && hold.captured == request.actual)
        return settled_before(hold);
    SettleAnswer answer{.outcome = Outcome::refused, .at = now_};
    answer.hold = hold;
    answer.reason = Reason::hold_closed;
    answer.detail = end_in_words(hold);
    // Whoever pays for what was not approved has paid all the same: a person must see it.
    const bool was_denied = hold.state == HoldState::denied && !request.is_void;
    return refuse_settle(hold, request.is_void ? Money{} : request.actual, std::move(answer),
                         was_denied ? Taken::actual : Taken::nothing);
}

SettleAnswer Books::settled_before(const Hold& hold)
{
    auto answer = same_again(hold, Outcome::settled);
    answer.settlement = Payouts{*this}.settlement_of(hold.id.seq);
    return answer;
}

void Books::end(HoldRow& row, HoldState state, Money captured)
{
    const auto from = row.hold.state;
    require(from == HoldState::open || (from == HoldState::awaiting && captured == Money{}),
            "a hold ends once, and pays only when it is open");
    for (const auto& leg : row.legs) counters_.release(leg, row.hold, captured);
    row.hold.state = state;
    row.hold.captured = captured;
    row.hold.ended_at = now_;
    tx_.end_hold(row.hold, from);
}

std::int64_t Books::give_back(HoldRow& row, HoldState state)
{
    end(row, state, Money{});
    EntryWriter entry;
    entry.text("agent", row.hold.who.agent).time("at", now_).text("kind", wire_name(state));
    // Time ends a hold by itself: that is nobody's request.
    const auto trace = state == HoldState::voided ? std::string_view{trace_} : std::string_view{};
    entry.money("released", row.hold.what.amount).of_hold(next_seq(), row.hold, trace);
    return write(entry.take());
}

SettleAnswer Books::release_all(HoldRow& row)
{
    SettleAnswer answer{
        .outcome = Outcome::voided, .at = now_, .seq = give_back(row, HoldState::voided)};
    answer.hold = row.hold;
    answer.released = row.hold.what.amount;
    return answer;
}

std::vector<CapState> Books::caps_without_room(const HoldRow& row, Money actual,
                                               const LimitOf& limit_of)
{
    std::vector<CapState> failing;
    const auto excess = actual.micro() - row.hold.what.amount.micro();
    for (const auto& leg : row.legs) {
        // The stricter of then and now: a changed document never loosens a hold already taken.
        const auto key = counters_.key(leg);
        const auto limit = std::min(leg.limit, limit_of(key.budget, key.kind));
        if (!counters_.room(leg, row.hold, excess, limit))
            failing.push_back(counters_.state(leg, limit));
    }
    return failing;
}

SettleAnswer Books::capture(HoldRow& row, const SettleRequest& request)
{
    const auto& hold = row.hold;
    if (request.actual <= hold.what.amount) return finish(row, request);

    SettleAnswer answer{.outcome = Outcome::refused, .at = now_};
    if (request.actual > hold.max_capture) {
        answer.reason = Reason::over_capture;
        answer.detail = "The actual cost of " + request.actual.to_string() +
                        " USDC is above the most this hold may capture, " +
                        hold.max_capture.to_string() + " USDC; the hold stays open.";
        return refuse_settle(hold, request.actual, std::move(answer), Taken::actual);
    }
    answer.failing = caps_without_room(row, request.actual, request.limit_of);
    if (answer.failing.empty()) return finish(row, request);
    answer.reason = Reason::spend_limit_reached;
    answer.detail =
        "The " + Money::from_micro(request.actual.micro() - hold.what.amount.micro()).to_string() +
        " USDC above the hold do not fit a spending cap; the hold stays open.";
    return refuse_settle(hold, request.actual, std::move(answer), Taken::actual);
}

SettleAnswer Books::finish(HoldRow& row, const SettleRequest& request)
{
    const auto captured = request.actual;
    end(row, HoldState::settled, captured);
    const auto released = released_of(row.hold);
    EntryWriter entry;
    entry.money("actual", captured).text("agent", row.hold.who.agent).time("at", now_);
    entry.text("kind", "settled").text("payee", row.hold.what.payee);
    entry.money("released", released).of_hold(next_seq(), row.hold, trace_);
    SettleAnswer answer{.outcome = Outcome::settled, .at = now_, .seq = write(entry.take())};
    book_debt(row.hold, answer.seq, request.treasury);
    if (request.treasury != 0) answer.settlement = Payouts{*this}.settlement_of(row.hold.id.seq);
    answer.hold = row.hold;
    answer.released = released;
    return answer;
}

SettleAnswer Books::refuse_settle(const Hold& hold, Money actual, SettleAnswer answer, Taken taken)
{
    const auto seq = next_seq();
    EntryWriter entry;
    entry.money("actual", actual).text("agent", hold.who.agent).time("at", now_);
    entry.text("detail", answer.detail).json("failing", to_json(answer.failing));
    entry.money("held", has_ended(hold.state) ? Money{} : hold.what.amount);
    entry.text("kind", "settle_refused").money("maxCapture", hold.max_capture);
    entry.text("reason", wire_name(answer.reason)).json("refusals", to_json(answer.refusals));
    entry.of_hold(seq, hold, trace_);
    answer.seq = write(entry.take());
    answer.hold = hold;
    if (taken == Taken::nothing) return answer;
    // The service has taken this money; the caps say it may not be booked. A person must see it.
    tx_.put_excess({.seq = seq,
                    .hold = hold.id.seq,
                    .agent = hold.who.agent,
                    .reported = actual.micro(),
                    .allowed = hold.state == HoldState::open ? hold.max_capture.micro() : 0,
                    .at = now_});
    return answer;
}

std::optional<Refusal> Books::ended_approval(const Hold& hold)
{
    if (!tx_.approvals().find(hold.id.seq)) return std::nullopt;
    return Refusal{.reason = Reason::approval_expired,
                   .rule = "approval",
                   .detail = "A person approved this payment until " + to_words(hold.expires_at) +
                             ", and that is over.",
                   .allowed = {},
                   .retry_at = {}};
}

SettleAnswer Books::late_settle(const LateSettleRequest& request)
{
    trace_ = request.who.trace;
    if (request.epoch != meta_.epoch) return {.outcome = Outcome::stale, .at = now_};
    auto row = tx_.hold(request.id.seq);
    if (!row || row->hold.id != request.id || row->hold.who.agent != request.who.agent)
        return unknown_hold(now_);
    auto& hold = row->hold;
    if (hold.state != HoldState::expired)
        return ended_before({.epoch = request.epoch,
                             .who = request.who,
                             .id = request.id,
                             .actual = request.actual,
                             .limit_of = {}},
                            hold);

    SettleAnswer answer{.outcome = Outcome::refused, .at = now_};
    answer.refusals = request.refusals;
    if (auto ended = ended_approval(hold)) answer.refusals.push_back(*std::move(ended));
    answer.failing = failing_caps(request.legs, request.actual, WhenFull::refuse);
    if (request.actual > hold.max_capture) {
        answer.reason = Reason::over_capture;
        answer.detail = "The hold expired, and the actual cost of " + request.actual.to_string() +
                        " USDC is above the most it could capture, " +
                        hold.max_capture.to_string() + " USDC.";
        return refuse_settle(hold, request.actual, std::move(answer), Taken::actual);
    }
    if (!answer.refusals.empty() || !answer.failing.empty()) {
        answer.reason = answer.refusals.empty() ? answer.failing.front().reason
                                                : answer.refusals.front().reason;
        answer.detail = "The hold expired at " + to_words(hold.expires_at) +
                        " and its amount went back; " + request.actual.to_string() +
                        " USDC are not allowed any more.";
        return refuse_settle(hold, request.actual, std::move(answer), Taken::actual);
    }

    for (const auto& leg : request.legs)
        counters_.charge(leg, counters_.of(leg),
                         {.amount = request.actual, .hold = hold.id.seq, .as = HoldState::settled});
    hold.state = HoldState::settled;
    hold.captured = request.actual;
    hold.ended_at = now_;
    hold.late = true;
    tx_.end_hold(hold, HoldState::expired);
    EntryWriter entry;
    entry.money("actual", hold.captured).text("agent", hold.who.agent).time("at", now_);
    entry.json("caps", to_json(request.legs, now_));
    entry.text("kind", "settled_late").text("payee", hold.what.payee);
    entry.number("policy", meta_.policy_version).of_hold(next_seq(), hold, trace_);
    answer.outcome = Outcome::settled;
    answer.seq = write(entry.take());
    book_debt(hold, answer.seq, request.treasury);
    if (request.treasury != 0) answer.settlement = Payouts{*this}.settlement_of(hold.id.seq);
    answer.hold = hold;
    answer.near = near_caps(request.legs);
    return answer;
}

std::size_t Books::expire_due(std::size_t count_max)
{
    const auto due = tx_.due_holds(now_, count_max);
    for (const auto seq : due) {
        auto row = tx_.hold(seq);
        require(row.has_value(), "the due list names stored holds");
        time_is_over(*row);
    }
    return due.size();
}

}  // namespace purse
