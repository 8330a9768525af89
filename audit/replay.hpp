// SPDX-License-Identifier: Apache-2.0
// The journal played again on books of the auditor's own: every balance, cap and window after every
// entry, and so in every committed version. Uses nothing but the entries.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "audit/counters.hpp"
#include "audit/findings.hpp"
#include "audit/holds.hpp"
#include "audit/policy.hpp"

namespace purse::auditor {

/// Against what the caps that entries name are held.
enum class Rules {
    judged,       ///< the policy documents in the journal; all that is counted is known
    as_recorded,  ///< the entries alone, for ledgers whose rules come from nowhere else
};

class Replay {
public:
    Replay(Findings& findings, Rules rules);

    /// The next entry's text. Whatever is wrong with it is a finding.
    void add(std::int64_t seq, std::string_view body);

    const Counters& counters() const noexcept { return counters_; }
    /// Idempotency keys, each behind its agent and a line feed, with the entry that used them.
    const std::map<std::string, std::int64_t>& keys() const noexcept { return keys_; }
    /// Of the last entry, microseconds since 1970.
    std::int64_t last_time() const noexcept { return last_time_; }

private:
    struct Credential {
        std::string agent;
        std::int64_t expires_at = kNoLimit;
        bool is_revoked = false;
    };

    void check(const Entry& entry, bool good, const std::string& what);
    void read(const Entry& entry);
    void hold(const Entry& entry);
    void refused(const Entry& entry);
    void policy(const Entry& entry);
    void credential(const Entry& entry);
    void freeze(const Entry& entry);
    void note_key(const Entry& entry);
    void check_who(const Entry& entry, const PolicyAgent* agent);
    void check_caps(const Entry& entry, const PolicyAgent& agent,
                    const std::vector<Charged>& named);
    void check_failing(const Entry& entry, const boost::json::object& cap);
    std::vector<Charged> named_caps(const Entry& entry) const;
    /// `named`, and the counters that are kept beside them without a limit.
    std::vector<Charged> charges(const Entry& entry, const Holds::Taker& by,
                                 std::vector<Charged> named);

    Findings& findings_;
    Rules rules_;
    Counters counters_;
    Holds holds_;
    Policy policy_;
    std::map<std::string, Credential> credentials_;
    std::set<std::string> frozen_;
    std::map<std::string, std::int64_t> keys_;
    std::int64_t last_time_ = 0;
};

}  // namespace purse::auditor
