// SPDX-License-Identifier: Apache-2.0
// Proves a journal, fed row by row in order: each entry says its own place and time, the
// chain holds, every signed head covers exactly what was fed, and nothing is missing at the
// end. Memory does not grow with the journal. Stops at the first fault.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "ledger/store.hpp"

namespace purse {

class JournalVerifier {
public:
    struct Start {
        std::int64_t seq = 0;  ///< the entry before the first that is fed
        Digest hash{};         ///< its chain hash, taken as it is
        std::string key;       ///< raw public key every head must bear; empty: the first head's
    };
    struct Fault {
        std::int64_t seq = 0;  ///< the first entry that cannot be trusted
        std::string what;      ///< a sentence's rest: "entry 5 <what>"
    };

    JournalVerifier() : JournalVerifier{Start{}} {}
    explicit JournalVerifier(Start start);

    /// The next rows, and all heads up to the last of them (later ones may come early). False:
    /// a fault was found, now or before.
    bool feed(const std::vector<JournalRow>& rows, const std::vector<HeadRow>& heads);
    /// No more rows: what was fed ends where the ledger says it stands, and no head covers more.
    bool finish(const Meta& meta);

    const std::optional<Fault>& fault() const noexcept { return fault_; }
    std::int64_t last_seq() const noexcept { return seq_; }
    std::int64_t signed_seq() const noexcept { return signed_seq_; }  ///< 0: no head was fed
    std::int64_t heads() const noexcept { return heads_; }
    const std::string& key() const noexcept { return key_; }  ///< raw; empty: none yet

private:
    bool check(const JournalRow& row);
    bool check_body(const JournalRow& row);
    bool check(const HeadRow& head);
    bool fail(std::int64_t seq, std::string what);

    const std::int64_t start_;
    std::int64_t seq_;
    Digest hash_;
    std::string key_;
    std::deque<HeadRow> waiting_;  // heads of entries not fed yet
    std::int64_t newest_head_ = 0;
    Instant time_;
    MerkleFrontier tree_;  // only from the first entry on: a tree has no beginning elsewhere
    std::int64_t signed_seq_ = 0;
    std::int64_t heads_ = 0;
    std::optional<Fault> fault_;
};

}  // namespace purse
