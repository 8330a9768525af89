// SPDX-License-Identifier: Apache-2.0
// Decides the recorded requests anew under a candidate policy, in the order and at the times of
// the journal, on real books of their own: the arithmetic is the ledger's, not a copy of it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/books.hpp"
#include "policy/decision.hpp"
#include "server/replay/report.hpp"

namespace purse::server::replay {

/// What to do with requests that the past refused.
enum class Refused : std::uint8_t {
    decide_anew,
    leave_out,  ///< they did not happen
};

struct Options {
    Instant from;                   ///< what is before it happens as it did: it fills the windows
    Instant to = Instant::never();  ///< not decided any more
    std::string agent;              ///< the one to report on; empty: all. All are decided
    Refused refused = Refused::decide_anew;
    /// Called when a request of that agent was charged to its caps, or settled.
    std::function<void(Books&, const std::string&)> charged;
    /// Called with each difference, and the entry at which it came up: for what a person was asked
    /// about, that of the answer.
    std::function<void(std::int64_t, const Difference&)> differs{};
};

class Replay {
public:
    /// `scratch`: empty books that nothing else uses.
    Replay(Store& scratch, Entropy& entropy, std::shared_ptr<const policy::Document> candidate,
           Options options);
    Replay(const Replay&) = delete;
    Replay& operator=(const Replay&) = delete;

    /// The next entries, from the journal's first on, none left out. False: what comes later is
    /// not needed. Throws StoreError; std::runtime_error for an entry that cannot be read.
    bool feed(const std::vector<JournalRow>& rows);
    /// No more entries.
    Report finish();

private:
    struct Verdict {
        Outcome outcome = Outcome::refused;
        std::vector<Why> whys;
    };

    /// A request about which a person was asked: whether it was allowed is told by a later entry.
    struct Waiting {
        Difference difference;
        Outcome now = Outcome::refused;
    };

    void entry(Books& books, const Recorded& recorded);
    /// Policies, credentials and freezes, which stand as they stood.
    void change(const Recorded& recorded);

    void request(Books& books, const Recorded& recorded, Outcome past);
    policy::Decision decide(Books& books, const Recorded& recorded);
    Purchase as_asked(const Recorded& recorded) const;
    Verdict hold(Books& books, const Recorded& recorded, Outcome past);
    void pay_unknown(Books& books, const Party& who, TxId id, Money amount);
    /// A request from before the time that is asked about: taken, whatever the caps say.
    void hold_as_it_was(Books& books, const Recorded& recorded);

    void settle(Books& books, const Recorded& recorded);
    void settle_as_it_was(Books& books, const Recorded& recorded, const Hold& hold);
    void settle_refused_then(Books& books, const Recorded& recorded);
    SettleAnswer settle_now(Books& books, const Hold& hold, Money actual);
    void give_back(Books& books, const Recorded& recorded);
    void expire(Books& books, const Recorded& recorded);
    void grant(Books& books, const Recorded& recorded);
    void not_approved(Books& books, const Recorded& recorded);

    /// The hold that stands for the recorded one; nothing: the candidate has refused it.
    std::optional<Hold> hold_of(Books& books, const Recorded& recorded);
    std::vector<Leg> without_limits(const std::vector<Leg>& legs);
    const CredentialRow* credential_of(const Recorded& recorded) const;
    bool is_told(std::string_view agent) const
    {
        return options_.agent.empty() || options_.agent == agent;
    }
    /// A difference of that entry, with neither a change nor a why yet.
    static Difference difference(const Recorded& recorded, const Purchase& what, Money amount);
    void note(Difference difference, Outcome past, Outcome now);
    void tell(Difference difference);
    /// What the person has said to the request of this entry; `past`: what that came to.
    void answered(const Recorded& recorded, Outcome past);
    void charged(Books& books, const std::string& agent);

    Store& store_;
    Entropy& entropy_;
    std::shared_ptr<const policy::Document> candidate_;
    const Options options_;
    Report report_;
    Instant last_;
    std::int64_t seq_ = 0;                              // of the entry at hand
    std::shared_ptr<const policy::Document> in_force_;  // then; nullptr: not known
    std::vector<FreezeRow> freezes_;
    std::map<std::string, CredentialRow, std::less<>> credentials_;
    std::map<const CapRule*, CapRule> unlimited_;
    std::map<std::string, Waiting, std::less<>> waiting_;  // as many as may wait at once
};

}  // namespace purse::server::replay
