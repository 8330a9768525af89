// SPDX-License-Identifier: Apache-2.0
// One look back through the journal, in slices: each is read in a piece of work of its own, and
// looked through outside of it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/store.hpp"
#include "server/operator/entry_json.hpp"
#include "server/operator/limits.hpp"

namespace purse::server {

/// Entries in the order of the journal, up to before the one where the slice ends.
struct JournalSlice {
    std::vector<JournalRow> rows;
    std::int64_t from = 1;  ///< 1: nothing is before it
};

class JournalQuery {
public:
    struct Wanted {
        EntryFilter filter;
        std::int64_t before = 0;  ///< 0: from the newest
        std::size_t limit = kJournalLimitDefault;
    };
    explicit JournalQuery(Wanted wanted) : wanted_{std::move(wanted)}, before_{wanted_.before} {}

    /// The next slice to read. In a transaction.
    struct Reach {
        std::int64_t before = 0;
        std::size_t count = 0;
    };
    Reach reach() const;
    static JournalSlice read(StoreTx& rows, std::int64_t last_seq, Reach reach);

    /// Looks it through. False: that was enough.
    bool take(const JournalSlice& slice);
    /// {"entries":[...],"next":...,"scannedTo":...}
    std::string json() const;

private:
    Wanted wanted_;
    std::int64_t before_;
    std::int64_t next_ = 0;  // 0: the beginning was reached
    std::size_t scanned_ = 0;
    std::int64_t scanned_to_ = 0;
    std::vector<std::string> entries_;
};

}  // namespace purse::server
