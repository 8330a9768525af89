// SPDX-License-Identifier: Apache-2.0
// Holds as their entries tell them: each taken once, within every cap, and ended once.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "audit/counters.hpp"
#include "audit/findings.hpp"

namespace purse::auditor {

/// A counter that a charge names, and the limit that stood beside it (kNoLimit: none).
struct Charged {
    CapKey key;
    std::int64_t limit = 0;
};

/// One entry, with what is known of it already.
struct Entry {
    std::int64_t seq = 0;
    std::int64_t at = 0;  ///< microseconds since 1970
    std::string kind;
    const boost::json::object& members;
};

class Holds {
public:
    /// The limit that a cap has now, for a capture of more than was held; it is given the one that
    /// stood at the hold.
    using LimitNow = std::function<std::int64_t(const CapKey&, std::int64_t)>;

    Holds(Counters& counters, Findings& findings, LimitNow limit_now)
        : counters_{counters},
          findings_{findings},
          limit_now_{std::move(limit_now)}
    {
    }

    void take(const Entry& entry, const std::vector<Charged>& charged);
    /// `charged`: by a settle after expiry, anew; else nothing.
    void move(const Entry& entry, const std::vector<Charged>& charged);
    /// True for entries that move a hold on.
    static bool is_move(std::string_view kind);
    /// True for a settle after expiry: it is charged anew.
    static bool is_late(std::string_view kind) { return kind == "settled_late"; }

    /// The hold's agent, task and workflow, which the entry of its end does not all repeat.
    struct Taker {
        std::string agent;
        std::string task;
        std::string workflow;
    };
    const Taker* taker(const std::string& id) const;

private:
    struct Kept {
        Counter* counter = nullptr;
        const CapKey* key = nullptr;
        std::int64_t limit = 0;
        Counter::Place place;  ///< in a rolling window
    };
    struct Live {
        Taker by;
        std::int64_t max_capture = 0;
        std::int64_t expires_at = 0;
        std::vector<Kept> charges;  ///< of money; empty after the end
    };

    void check(const Entry& entry, bool good, const std::string& what);
    std::vector<Kept> charge(const Entry& entry, std::int64_t hold, const Share& money,
                             const std::vector<Charged>& charged);
    void grant(const Entry& entry, Live& live, AuditedHold& hold);
    void end(const Entry& entry, Live& live, AuditedHold& hold);
    void check_time(const Entry& entry, const Live& live);
    void give_back(const Entry& entry, const Live& live, const AuditedHold& hold);

    Counters& counters_;
    Findings& findings_;
    LimitNow limit_now_;
    std::unordered_map<std::string, Live> live_;  // by txId: those that may still move
};

}  // namespace purse::auditor
