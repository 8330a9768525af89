// SPDX-License-Identifier: Apache-2.0
#include "ledger/counters.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "ledger/require.hpp"

namespace purse {

namespace {
// Sums stay below this, limit or not: two of them still fit 64 bits. 4 * 10^12 USDC.
constexpr std::int64_t kCounterMax = 4'000'000'000'000'000'000;

// How many entries a refusal looks at for the moment at which a rolling window has room again:
// few, which is mostly enough, then many, so that a retry loop cannot make the writer slow.
constexpr std::array<std::size_t, 2> kRoomScans{8, 1024};
}  // namespace

std::int64_t Counters::wanted(const Leg& leg, Money amount) noexcept
{
    return leg.rule->unit == Unit::calls ? 1 : amount.micro();
}

bool Counters::fits(const Counter& counter, std::int64_t more, std::int64_t limit) noexcept
{
    std::int64_t sum = 0;
    return !__builtin_add_overflow(counter.held + counter.spent, more, &sum) &&
           sum <= std::min(limit, kCounterMax);
}

Counters::Counter& Counters::adopt(const CounterRow& row, const CounterKey& key)
{
    auto& counter = counters_[row.id];
    counter = Counter{.id = row.id,
                      .held = row.held,
                      .spent = row.spent,
                      .stored_held = row.held,
                      .stored_spent = row.spent,
                      .key = key};
    require(row.held >= 0 && row.spent >= 0, "a stored counter is never negative");
    return counter;
}

void Counters::let_leave(Counter& counter)
{
    const auto left = tx_.remove_left(counter.id, now_);
    counter.held -= left.held;
    counter.spent -= left.spent;
    require(counter.held >= 0 && counter.spent >= 0, "a window never loses more than it counted");
}

std::size_t Counters::KeyHash::operator()(const KeyView& key) const noexcept
{
    const std::hash<std::string_view> hash;
    auto sum = std::hash<std::int64_t>{}(key.window_start.us);
    for (const auto part : {key.budget, key.kind, key.scope}) sum = sum * 1'000'003 + hash(part);
    return sum;
}

Counters::Counter& Counters::of(const Leg& leg)
{
    const auto& rule = *leg.rule;
    const KeyView name{rule.budget, rule.kind, leg.scope, window_start(rule.window, now_)};
    if (const auto known = by_key_.find(name); known != by_key_.end()) return *known->second;
    CounterKey key{rule.budget, rule.kind, leg.scope, name.window_start};
    auto& counter = load(leg, key);
    by_key_.emplace(std::move(key), &counter);
    return counter;
}

Counters::Counter& Counters::load(const Leg& leg, const CounterKey& key)
{
    if (const auto row = tx_.find_counter(key)) {
        if (const auto loaded = counters_.find(row->id); loaded != counters_.end())
            return loaded->second;
        auto& counter = adopt(*row, {});
        if (leg.rule->window == Window::rolling) let_leave(counter);
        return counter;
    }
    auto& counter = adopt({.id = ++meta_.counters}, key);
    counter.is_new = true;
    return counter;
}

Counters::Counter& Counters::by_id(const StoredLeg& leg)
{
    if (const auto loaded = counters_.find(leg.counter); loaded != counters_.end())
        return loaded->second;
    const auto row = tx_.counter(leg.counter);
    require(row.has_value(), "a hold's counters are never deleted");
    auto& counter = adopt(*row, {});
    if (leg.leaves_at != Instant::never()) let_leave(counter);
    return counter;
}

StoredLeg Counters::charge(const Leg& leg, Counter& counter, const Charge& charge)
{
    const auto more = wanted(leg, charge.amount);
    require(fits(counter, more, leg.rule->limit), "a charge was checked against its cap");
    const bool spends = leg.rule->unit == Unit::calls || charge.as == HoldState::settled;
    (spends ? counter.spent : counter.held) += more;
    counter.limit = leg.rule->limit;
    counter.is_named = true;

    StoredLeg stored{.counter = counter.id, .limit = leg.rule->limit};
    if (leg.rule->window == Window::rolling) {
        stored.leaves_at = now_ + leg.rule->span;
        tx_.insert_window_entry({.counter = counter.id,
                                 .leaves_at = stored.leaves_at,
                                 .hold = charge.hold,
                                 .held = spends ? 0 : more,
                                 .spent = spends ? more : 0});
    }
    return stored;
}

void Counters::release(const StoredLeg& leg, const Hold& hold, Money captured)
{
    auto& counter = by_id(leg);
    if (leg.leaves_at != Instant::never()) {
        auto entry = tx_.window_entry(counter.id, leg.leaves_at, hold.id.seq);
        if (!entry) return;  // it left the window: no longer counted, so nothing to move
        require(entry->held == hold.what.amount.micro(), "a window entry holds its hold's amount");
        entry->held = 0;
        entry->spent = captured.micro();
        if (captured == Money{})
            tx_.erase_window_entry(*entry);
        else
            tx_.update_window_entry(*entry);
    }
    counter.held -= hold.what.amount.micro();
    counter.spent += captured.micro();
    require(counter.held >= 0, "a counter holds at least what its open holds hold");
    if (captured > hold.what.amount) counter.limit = leg.limit;
}

bool Counters::room(const StoredLeg& leg, const Hold& hold, std::int64_t excess, std::int64_t limit)
{
    const auto& counter = by_id(leg);
    if (leg.leaves_at != Instant::never() &&
        !tx_.window_entry(counter.id, leg.leaves_at, hold.id.seq))
        return true;
    return fits(counter, excess, limit);
}

std::optional<Instant> Counters::room_at(const CapRule& rule, const Counter& counter,
                                         std::int64_t wanted)
{
    if (wanted > rule.limit) return std::nullopt;
    if (rule.window != Window::rolling) {
        const auto end = window_end(rule.window, now_);
        return end == Instant::never() ? std::nullopt : std::optional{end};
    }
    for (const auto count_max : kRoomScans) {
        auto used = counter.held + counter.spent;
        for (const auto& entry : tx_.window_entries(counter.id, count_max)) {
            used -= entry.held + entry.spent;
            if (used + wanted <= rule.limit) return entry.leaves_at;
        }
    }
    // Too many small entries to look at: the window has room at the latest when all have left.
    return now_ + rule.span;
}

CapState Counters::state(const Leg& leg, const Counter& counter, std::int64_t wanted)
{
    const auto& rule = *leg.rule;
    CapState state{.budget = rule.budget,
                   .kind = rule.kind,
                   .scope = leg.scope,
                   .unit = rule.unit,
                   .window = rule.window,
                   .span = rule.span,
                   .limit = rule.limit,
                   .held = counter.held,
                   .spent = counter.spent,
                   .reason = rule.reason,
                   .resets_at = {}};
    const bool counts_anything = counter.held + counter.spent > 0;
    if (rule.limit != kNoLimit && (counts_anything || wanted > 0))
        state.resets_at = room_at(rule, counter, wanted);
    return state;
}

CounterKey Counters::key(const StoredLeg& leg)
{
    // One that this transaction has made is not in the store yet.
    const auto loaded = counters_.find(leg.counter);
    return loaded != counters_.end() && loaded->second.is_new ? loaded->second.key
                                                              : tx_.counter_key(leg.counter);
}

CapState Counters::state(const StoredLeg& leg, std::int64_t limit)
{
    const auto& counter = by_id(leg);
    const auto name = key(leg);
    return {.budget = name.budget,
            .kind = name.kind,
            .scope = name.scope,
            .limit = limit,
            .held = counter.held,
            .spent = counter.spent};
}

bool Counters::flush()
{
    bool changed = false;
    for (auto& [id, counter] : counters_) {
        const auto held = counter.held - counter.stored_held;
        const auto spent = counter.spent - counter.stored_spent;
        // Also when a hold of nothing charged nothing: its end will look for the row.
        if (counter.is_new && counter.is_named) tx_.insert_counter({.id = id}, counter.key);
        if (held == 0 && spent == 0) continue;
        const bool fitted =
            tx_.add_to_counter(id, held, spent, std::min(counter.limit, kCounterMax));
        require(fitted, "the store agrees that every charge fits its cap");
        changed = true;
    }
    return changed;
}

}  // namespace purse
