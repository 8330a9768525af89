// SPDX-License-Identifier: Apache-2.0
// What counts against each cap, summed anew from the journal's entries.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

namespace purse::auditor {

/// One counter of one cap. `window`: when its calendar window began; 0 for all other caps.
struct CapKey {
    std::string budget;
    std::string kind;
    std::string scope;
    std::int64_t window = 0;

    auto operator<=>(const CapKey&) const = default;
    /// For people.
    std::string text() const;
};

/// What one charge counts in one counter: micro-USDC, or calls.
struct Share {
    std::int64_t held = 0;
    std::int64_t spent = 0;
};

class Counter {
public:
    /// Where a share stands in a rolling window: when it leaves, the hold, the entry that charged.
    using Place = std::tuple<std::int64_t, std::int64_t, std::int64_t>;

    std::int64_t held() const noexcept { return held_; }
    std::int64_t spent() const noexcept { return spent_; }

    /// Takes out what has left a rolling window by `now`.
    void let_leave(std::int64_t now);
    void add(const Share& share);
    void add(const Place& place, const Share& share);
    /// The held part becomes `spent`; false where the share has left its window.
    void end(const Share& held, std::int64_t spent);
    bool end(const Place& place, std::int64_t spent);

    /// Those still in a rolling window.
    const std::map<Place, Share>& shares() const noexcept { return shares_; }

private:
    std::map<Place, Share> shares_;
    std::int64_t held_ = 0;
    std::int64_t spent_ = 0;
};

using Counters = std::map<CapKey, Counter>;

}  // namespace purse::auditor
