// SPDX-License-Identifier: Apache-2.0
// One hold's whole story: its row, what the journal says of it, how far its money has come. The
// entries are found by time: the ledger keeps no index of them.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "ledger/approvals.hpp"
#include "ledger/books.hpp"

namespace purse::server {

struct HoldStory {
    Hold hold;
    std::optional<Approval> approval;      ///< where a person was asked
    std::optional<Settlement> settlement;  ///< of a settled one
    std::vector<JournalRow> entries;       ///< the oldest first
};

/// Nothing for an id that no hold has. In a transaction.
std::optional<HoldStory> hold_story(Books& books, const TxId& id);

/// {"hold","approval","settlement","entries"}.
std::string story_json(const HoldStory& story);

}  // namespace purse::server
