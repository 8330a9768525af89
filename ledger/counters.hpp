// SPDX-License-Identifier: Apache-2.0
// The counters one transaction touches. Each is read once, moved in memory in arrival
// order, and written once by a conditional UPDATE that can never pass its limit.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "ledger/store.hpp"

namespace purse {

class Counters {
public:
    struct Counter {
        std::int64_t id = 0;
        std::int64_t held = 0;  ///< as it stands now, this transaction's changes included
        std::int64_t spent = 0;
        std::int64_t stored_held = 0;  ///< as the store has it
        std::int64_t stored_spent = 0;
        std::int64_t limit = kNoLimit;  ///< under which the last increase was granted
        bool is_new = false;
        bool is_named = false;  ///< a hold of this transaction counts here: the row must exist
        CounterKey key;         ///< of a new one
    };

    /// What a hold puts on a counter.
    struct Charge {
        Money amount;
        std::int64_t hold = 0;
        HoldState as = HoldState::open;  ///< open: held; settled: spent at once
    };

    Counters(StoreTx& tx, Meta& meta, Instant now) : tx_{tx}, meta_{meta}, now_{now} {}

    /// The counter a leg counts in now; a new one when there is none yet.
    Counter& of(const Leg& leg);

    /// What a leg would add: the amount, or one call.
    static std::int64_t wanted(const Leg& leg, Money amount) noexcept;

    /// True when `more` fits under `limit`, and under what 64 bits can hold.
    static bool fits(const Counter& counter, std::int64_t more, std::int64_t limit) noexcept;

    /// Adds a hold's share. The caller has checked that it fits.
    StoredLeg charge(const Leg& leg, Counter& counter, const Charge& charge);

    /// Moves a hold's share from held to spent: `captured` of it stays, the rest returns. More
    /// than was held counts too; the caller has checked room(). Nothing moves where the share
    /// has left a rolling window.
    void release(const StoredLeg& leg, const Hold& hold, Money captured);

    /// True when `excess` more fits into what this leg still counts in.
    bool room(const StoredLeg& leg, const Hold& hold, std::int64_t excess, std::int64_t limit);

    /// A leg's counter in words, with the time at which `wanted` more could fit.
    CapState state(const Leg& leg, const Counter& counter, std::int64_t wanted);
    /// The same for a leg of a stored hold.
    CapState state(const StoredLeg& leg, std::int64_t limit);

    /// What a stored hold's counter counts.
    CounterKey key(const StoredLeg& leg);

    /// Writes what has changed; false: nothing had.
    bool flush();

private:
    /// A key that owns nothing.
    struct KeyView {
        std::string_view budget;
        std::string_view kind;
        std::string_view scope;
        Instant window_start;
        auto operator<=>(const KeyView&) const = default;
    };
    static KeyView view(const CounterKey& key) noexcept
    {
        return {key.budget, key.kind, key.scope, key.window_start};
    }
    static KeyView view(const KeyView& key) noexcept { return key; }
    struct KeyHash {
        using is_transparent = void;
        std::size_t operator()(const KeyView& key) const noexcept;
        std::size_t operator()(const CounterKey& key) const noexcept { return (*this)(view(key)); }
    };
    struct KeyEqual {
        using is_transparent = void;
        bool operator()(const auto& a, const auto& b) const noexcept { return view(a) == view(b); }
    };

    Counter& load(const Leg& leg, const CounterKey& key);
    Counter& adopt(const CounterRow& row, const CounterKey& key);
    Counter& by_id(const StoredLeg& leg);
    void let_leave(Counter& counter);
    std::optional<Instant> room_at(const CapRule& rule, const Counter& counter,
                                   std::int64_t wanted);

    StoreTx& tx_;
    Meta& meta_;
    const Instant now_;
    std::unordered_map<std::int64_t, Counter> counters_;
    // Every leg of every hold asks by name, mostly for one that is here already.
    std::unordered_map<CounterKey, Counter*, KeyHash, KeyEqual> by_key_;
};

}  // namespace purse
