// SPDX-License-Identifier: Apache-2.0
// A second, slow ledger for comparison: a list of holds, and every sum taken anew over it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ledger/hold.hpp"

namespace purse::test {

class Shadow {
public:
    struct Share {
        const CapRule* rule = nullptr;
        std::string scope;
        Instant window;     ///< calendar: its start
        Instant leaves_at;  ///< rolling
        std::int64_t limit = 0;
        std::int64_t held = 0;
        std::int64_t spent = 0;
    };
    struct ShadowHold {
        TxId id;
        HoldState state = HoldState::open;
        std::int64_t amount = 0;
        std::int64_t max_capture = 0;
        std::int64_t captured = 0;
        bool was_asked = false;
        Instant expires_at;
        std::vector<Share> shares;
    };
    struct Sums {
        std::int64_t held = 0;
        std::int64_t spent = 0;
        bool operator==(const Sums&) const = default;
    };

    Instant now;
    std::vector<ShadowHold> holds;

    void set_time(Instant at)
    {
        now = at;
        for (auto& hold : holds) {
            if (hold.expires_at > now) continue;
            if (hold.state == HoldState::open) close(hold, HoldState::expired, 0);
            if (hold.state == HoldState::awaiting) close(hold, HoldState::denied, 0);
        }
    }

    Sums sums(const CapRule& rule, const std::string& scope) const
    {
        return over([&](const Share& share) {
            return share.rule == &rule && share.scope == scope && counts_now(share);
        });
    }

    enum class WhenFull { refuse, ask };
    /// The legs that have no room for `amount`, by their place.
    std::vector<std::size_t> failing(const std::vector<Leg>& legs, std::int64_t amount,
                                     WhenFull then) const
    {
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < legs.size(); ++i)
            if (is_full(legs[i], amount) &&
                (then == WhenFull::refuse || legs[i].rule->asks != Asks::when_full))
                places.push_back(i);
        return places;
    }

    /// Whether a counter makes a person be asked.
    bool asks(const Leg& leg, std::int64_t amount) const
    {
        if (leg.rule->asks == Asks::when_full) return is_full(leg, amount);
        return leg.rule->asks == Asks::when_unspent && sums(*leg.rule, leg.scope).spent == 0;
    }
    bool is_full(const Leg& leg, std::int64_t amount) const
    {
        const auto used = sums(*leg.rule, leg.scope);
        const auto more = leg.rule->unit == Unit::calls ? 1 : amount;
        return used.held + used.spent + more > leg.rule->limit;
    }

    void take(const HoldAnswer& answer, const std::vector<Leg>& legs)
    {
        ShadowHold hold{.id = answer.id,
                        .amount = answer.amount.micro(),
                        .max_capture = answer.max_capture.micro(),
                        .expires_at = answer.expires_at,
                        .shares = {}};
        if (answer.outcome == HoldAnswer::Outcome::awaiting) hold.state = HoldState::awaiting;
        for (const auto& leg : legs) {
            // What a person lets through beyond a full counter is not counted there.
            if (leg.rule->asks == Asks::when_full && is_full(leg, hold.amount)) continue;
            charge(hold, leg, hold.amount, HoldState::open);
        }
        holds.push_back(std::move(hold));
    }

    /// True when what `actual` adds to the hold fits every window in which the hold still counts.
    bool has_room(const ShadowHold& hold, std::int64_t actual) const
    {
        for (const auto& share : hold.shares) {
            if (share.rule->unit == Unit::calls) continue;
            if (share.rule->window == Window::rolling && share.leaves_at <= now) continue;
            const auto used = over([&](const Share& other) {
                return other.rule == share.rule && other.scope == share.scope &&
                       other.window == share.window &&
                       (share.rule->window != Window::rolling || other.leaves_at > now);
            });
            const auto limit = std::min(share.limit, share.rule->limit);
            if (used.held + used.spent + actual - hold.amount > limit) return false;
        }
        return true;
    }

    static void close(ShadowHold& hold, HoldState state, std::int64_t captured)
    {
        hold.state = state;
        hold.captured = captured;
        for (auto& share : hold.shares)
            if (share.rule->unit == Unit::micro_usdc) {
                share.held = 0;
                share.spent = captured;
            }
    }

    void close_late(ShadowHold& hold, const std::vector<Leg>& legs, std::int64_t actual)
    {
        hold.state = HoldState::settled;
        hold.captured = actual;
        for (const auto& leg : legs) charge(hold, leg, actual, HoldState::settled);
    }

    std::int64_t captured() const
    {
        std::int64_t sum = 0;
        for (const auto& hold : holds) sum += hold.captured;
        return sum;
    }

private:
    bool counts_now(const Share& share) const
    {
        if (share.rule->window == Window::rolling) return share.leaves_at > now;
        return share.window == window_start(share.rule->window, now);
    }

    template <typename Which>
    Sums over(Which which) const
    {
        Sums sums;
        for (const auto& hold : holds)
            for (const auto& share : hold.shares)
                if (which(share)) {
                    sums.held += share.held;
                    sums.spent += share.spent;
                }
        return sums;
    }

    void charge(ShadowHold& hold, const Leg& leg, std::int64_t amount, HoldState as) const
    {
        Share share{.rule = leg.rule, .scope = leg.scope, .limit = leg.rule->limit};
        if (leg.rule->window == Window::rolling)
            share.leaves_at = now + leg.rule->span;
        else
            share.window = window_start(leg.rule->window, now);
        if (leg.rule->unit == Unit::calls)
            share.spent = 1;
        else
            (as == HoldState::open ? share.held : share.spent) = amount;
        hold.shares.push_back(share);
    }
};

}  // namespace purse::test
