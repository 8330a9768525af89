// SPDX-License-Identifier: Apache-2.0
// What a candidate policy would have changed: sums by agent and rule, and the first requests
// that it decides in another way. Bounded, however long the past was.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "server/replay/recorded.hpp"

namespace purse::server::replay {

/// In what way the candidate decides otherwise.
enum class Change : std::uint8_t {
    refused,         ///< a request that was allowed, or about which a person was asked
    allowed,         ///< a request that was refused
    asked,           ///< a person would be asked, and was not
    not_asked,       ///< a person was asked, and would not be
    settle_refused,  ///< a settle of what both allow, refused now
    settle_allowed,  ///< the same, refused then
};
inline constexpr std::size_t kChanges = 6;

/// "newly_refused", "newly_allowed", "newly_asked", "no_longer_asked", "settle_newly_refused",
/// "settle_newly_allowed".
std::string_view wire_name(Change change) noexcept;

struct Sum {
    std::int64_t count = 0;
    std::int64_t micro = 0;  ///< stops at what 64 bits can hold

    void add(Money amount) noexcept;
};

struct Difference {
    Change change = Change::refused;
    Instant at;
    std::int64_t seq = 0;  ///< the journal entry
    std::string tx_id;     ///< empty for what was refused
    std::string agent;
    std::string service;  ///< may be empty
    std::string payee;
    Money amount;  ///< asked for, or, of a settle, the actual cost
    std::vector<Why> whys;
};

struct Report {
    struct RowKey {
        Change change = Change::refused;
        std::string agent;
        std::string reason;
        std::string rule;  ///< the first that failed, in published order
        auto operator<=>(const RowKey&) const = default;
    };

    Sum requests;
    Sum as_before;
    Sum undecided;  ///< a person was asked and had not answered by the end: not compared
    Sum changes[kChanges];
    /// What was paid in the past on requests that the candidate refuses.
    Sum paid_of_refused;
    /// Allowed now and not then: their end is not known, so all of it is counted as paid at once.
    Sum assumed_paid;
    Instant first;  ///< of the requests; meaningless when there are none
    Instant last;
    std::set<std::int64_t> policies;  ///< versions under which they were decided
    std::map<RowKey, Sum> rows;
    std::vector<Difference> differences;  ///< the first ones
    std::int64_t differences_left_out = 0;
    std::int64_t entries = 0;  ///< of the journal, read in all

    const Sum& operator[](Change change) const { return changes[static_cast<std::size_t>(change)]; }
    bool has_changes() const;
    /// Adds one to sums, rows and, while there is room, the list.
    void note(Difference difference);
};

}  // namespace purse::server::replay
