// SPDX-License-Identifier: Apache-2.0
// What was spent over time, from the journal's latest entries: each is looked at once, and what
// comes later is added. Pure; lives on the I/O thread.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/books.hpp"

namespace purse::server {

/// Sums of micro-USDC by agent.
using SpentBy = std::map<std::string, std::int64_t, std::less<>>;

/// What the counters say of the last days: exact, whatever the journal's length.
struct DaysSpent {
    std::map<std::int64_t, std::int64_t> by_day;  ///< start of the UTC day, microseconds
    SpentBy by_agent;
};

class SpendBook {
public:
    /// Where the entries begin that are of interest now. In a transaction.
    struct Beginning {
        std::int64_t seq = 1;  ///< the first entry to look at
        Instant whole_since;   ///< nothing after this is left out
    };
    static Beginning find_beginning(Books& books);
    /// What one agent's counters say of the days since `from`, added. In a transaction.
    static void add_days(Books& books, std::string_view agent, Instant from, DaysSpent& days);

    bool has_begun() const { return next_ > 0; }
    void begin(const Beginning& beginning);
    /// The next entry to look at.
    std::int64_t next() const { return next_; }
    void take(const std::vector<JournalRow>& rows);

    /// The last 24 hours in steps of 15 minutes.
    boost::json::object day(Instant now) const;
    /// The last 30 days.
    boost::json::object month(Instant now, const DaysSpent& days) const;
    /// The first of those days.
    static Instant month_start(Instant now);

private:
    struct Step {
        std::int64_t spent = 0;
        std::int64_t refused = 0;
        std::int64_t settled = 0;
        SpentBy by_agent;
    };
    void forget_old(Instant now);

    std::int64_t next_ = 0;
    Instant whole_since_;
    std::map<std::int64_t, Step> steps_;  // of the last day, by their start
    std::map<std::int64_t, Step> days_;
};

}  // namespace purse::server
