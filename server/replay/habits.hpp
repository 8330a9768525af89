// SPDX-License-Identifier: Apache-2.0
// What each agent has bought and how much of its windows that took, from the journal.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "ledger/books.hpp"
#include "policy/document.hpp"
#include "server/replay/report.hpp"

namespace purse::server::replay {

/// The most that was ever counted in one window.
struct Peak {
    std::int64_t used = 0;
    Instant at;  ///< when that was first so
};

struct Habit {
    Sum requests;  ///< that were allowed, by a person too
    Sum settled;
    std::int64_t refused = 0;
    Money largest;  ///< held or settled
    std::string largest_id;
    Instant largest_at;
    std::int64_t excess_percent = 0;  ///< over the hold, rounded up to a whole percent
    Money excess;
    Instant excess_at;
    std::set<std::string> services;    ///< of the catalogue
    bool is_beyond_catalogue = false;  ///< a service that is not in it, or none at all
    bool is_paid_by_name = false;      ///< such a service without an address
    std::set<std::string> payees;      ///< addresses
    std::map<std::string, Peak, std::less<>> peaks;  ///< by a cap's kind; from a replay
};

class Habits {
public:
    struct Stretch {
        Instant from;
        Instant to = Instant::never();
    };
    /// `catalogue`: the services that are bought from now on.
    Habits(const policy::Document& catalogue, Stretch stretch)
        : catalogue_{catalogue},
          stretch_{stretch}
    {
    }

    /// The next entries, in order. False: what comes later is not needed.
    bool feed(const std::vector<JournalRow>& rows);

    /// By agent: those that bought something.
    std::map<std::string, Habit>& agents() noexcept { return agents_; }
    const std::map<std::string, Habit>& agents() const noexcept { return agents_; }

private:
    struct Bought {
        Purchase what;
        bool is_waiting = false;  ///< for a person
    };

    void take(const std::string& agent, const std::string& id, const Bought& bought, Instant at);
    void settle(const Recorded& recorded);

    const policy::Document& catalogue_;
    const Stretch stretch_;
    std::map<std::string, Habit> agents_;
    std::map<std::string, std::int64_t> refused_;
    std::map<std::string, Bought, std::less<>> open_;  ///< by txId: holds that may be settled yet
};

}  // namespace purse::server::replay
