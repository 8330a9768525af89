// SPDX-License-Identifier: Apache-2.0
// The ends of holds: as they ended in the past, where the candidate lets them.
#include <algorithm>

#include "ledger/approvals.hpp"
#include "server/replay/limits.hpp"
#include "server/replay/replay.hpp"

namespace purse::server::replay {

namespace {
/// A hold remembers the limits under which it was taken, and they do not change in a replay.
std::int64_t any_limit(std::string_view, std::string_view)
{
    return kNoLimit;
}

bool is_as_it_was(const Hold& hold)
{
    return hold.what.purpose == kAsItWas;
}

bool is_open(const Hold& hold)
{
    return hold.state == HoldState::open || hold.state == HoldState::awaiting;
}

void release(Books& books, const Hold& hold)
{
    books.settle({.epoch = books.meta().epoch,
                  .who = hold.who,
                  .id = hold.id,
                  .is_void = true,
                  .actual = {},
                  .limit_of = {}});
}

/// Why a settle was refused, in the order in which it is told.
std::vector<Why> whys_of(const SettleAnswer& answer)
{
    auto whys = replay::whys_of(answer.refusals, answer.failing);
    const auto reason = wire_name(answer.reason);
    if (whys.empty() || answer.reason == Reason::over_capture)
        whys.insert(whys.begin(),
                    {.reason = std::string{reason}, .rule = "hold", .detail = answer.detail});
    return whys;
}
}  // namespace

std::optional<Hold> Replay::hold_of(Books& books, const Recorded& recorded)
{
    const auto known = books.rows().request(recorded.text("agent"), recorded.text("txId"));
    if (!known) return std::nullopt;
    auto row = books.rows().hold(known->seq);
    if (!row) return std::nullopt;
    return std::move(row->hold);
}

SettleAnswer Replay::settle_now(Books& books, const Hold& hold, Money actual)
{
    const auto epoch = books.meta().epoch;
    auto answer = books.settle(
        {.epoch = epoch, .who = hold.who, .id = hold.id, .actual = actual, .limit_of = any_limit});
    if (answer.outcome != SettleAnswer::Outcome::expired) return answer;
    auto what = answer.hold.what;
    what.amount = actual;
    auto decision = policy::decide_late(
        *candidate_, {.freezes = freezes_, .credential = nullptr},
        {.agent = hold.who.agent, .what = std::move(what), .ttl = {}, .now = books.now()});
    return books.late_settle({.epoch = epoch,
                              .who = hold.who,
                              .id = hold.id,
                              .actual = actual,
                              .legs = std::move(decision.legs),
                              .refusals = std::move(decision.refusals)});
}

void Replay::settle(Books& books, const Recorded& recorded)
{
    const auto actual = recorded.money("actual");
    const auto hold = hold_of(books, recorded);
    if (!hold) {
        if (is_told(recorded.text("agent"))) report_.paid_of_refused.add(actual);
        return;
    }
    if (is_as_it_was(*hold)) return settle_as_it_was(books, recorded, *hold);
    const auto answer = settle_now(books, *hold, actual);
    if (answer.outcome == SettleAnswer::Outcome::settled) return charged(books, hold->who.agent);
    // It has ended already under the candidate: by a settle that was refused in the past.
    if (answer.reason == Reason::hold_closed || !is_told(hold->who.agent)) return;
    auto found = difference(recorded, hold->what, actual);
    found.change = Change::settle_refused;
    found.whys = whys_of(answer);
    tell(std::move(found));
}

void Replay::settle_as_it_was(Books& books, const Recorded& recorded, const Hold& hold)
{
    const auto actual = recorded.money("actual");
    const auto epoch = books.meta().epoch;
    const auto answer = books.settle(
        {.epoch = epoch, .who = hold.who, .id = hold.id, .actual = actual, .limit_of = any_limit});
    if (answer.outcome == SettleAnswer::Outcome::expired) {
        auto what = hold.what;
        what.amount = actual;
        const auto decision = policy::decide_late(
            *candidate_, {},
            {.agent = hold.who.agent, .what = std::move(what), .ttl = {}, .now = books.now()});
        books.late_settle({.epoch = epoch,
                           .who = hold.who,
                           .id = hold.id,
                           .actual = actual,
                           .legs = without_limits(decision.legs),
                           .refusals = {}});
    }
    if (recorded.at() >= options_.from) charged(books, hold.who.agent);
}

void Replay::settle_refused_then(Books& books, const Recorded& recorded)
{
    if (recorded.at() < options_.from || options_.refused == Refused::leave_out) return;
    const auto reason = reason_of(recorded.text("reason"));
    // Who asked was not known any more: no policy changes that.
    if (!reason || *reason <= Reason::agent_unknown) return;
    const auto hold = hold_of(books, recorded);
    if (!hold || is_as_it_was(*hold)) return;
    const auto actual = recorded.money("actual");
    // It had ended then and may be open now. Of nothing the record does not say whether it was to
    // be settled or given back; to the caps it is the same.
    if (*reason == Reason::hold_closed && actual == Money{}) return give_back(books, recorded);
    const auto answer = settle_now(books, *hold, actual);
    if (answer.outcome != SettleAnswer::Outcome::settled || answer.replay) return;
    charged(books, hold->who.agent);
    if (!is_told(hold->who.agent)) return;
    auto found = difference(recorded, hold->what, actual);
    found.change = Change::settle_allowed;
    found.whys = {{.reason = std::string{recorded.text("reason")},
                   .rule = "hold",
                   .detail = std::string{recorded.text("detail")}}};
    tell(std::move(found));
}

void Replay::give_back(Books& books, const Recorded& recorded)
{
    answered(recorded, Outcome::refused);  // where nobody had answered yet
    if (const auto hold = hold_of(books, recorded); hold && is_open(*hold)) release(books, *hold);
}

void Replay::expire(Books& books, const Recorded& recorded)
{
    // All others have expired by their own time already.
    if (const auto hold = hold_of(books, recorded); hold && hold->state == HoldState::open)
        release(books, *hold);
}

void Replay::grant(Books& books, const Recorded& recorded)
{
    answered(recorded, Outcome::asked);
    const auto hold = hold_of(books, recorded);
    if (!hold || hold->state != HoldState::awaiting) return;
    const auto against =
        policy::decide(
            *candidate_, {.freezes = freezes_, .credential = nullptr},
            {.agent = hold->who.agent, .what = hold->what, .ttl = {}, .now = books.now()})
            .refusals;
    if (against.empty())
        Approvals{books}.grant({.id = hold->id, .by = {}, .channel = Channel::command, .note = {}});
}

void Replay::not_approved(Books& books, const Recorded& recorded)
{
    answered(recorded, Outcome::refused);
    const auto hold = hold_of(books, recorded);
    if (!hold) return;
    if (hold->state == HoldState::awaiting) {
        // Its time under the candidate is its own.
        if (recorded.kind() == "approval_denied")
            Approvals{books}.deny(
                {.id = hold->id, .by = {}, .channel = Channel::command, .note = {}});
    } else if (hold->state == HoldState::open) {
        if (is_as_it_was(*hold) || options_.refused == Refused::leave_out)
            release(books, *hold);
        else
            pay_unknown(books, hold->who, hold->id, hold->what.amount);
    }
}

}  // namespace purse::server::replay
