// SPDX-License-Identifier: Apache-2.0
#include "server/operator/journal_query.hpp"

#include <algorithm>
#include <ranges>

namespace purse::server {

JournalQuery::Reach JournalQuery::reach() const
{
    // Without a filter every entry is wanted: no more is read than is shown.
    const auto count = wanted_.filter.is_empty() ? wanted_.limit : kJournalPieceMax;
    return {.before = before_, .count = count};
}

JournalSlice JournalQuery::read(StoreTx& rows, std::int64_t last_seq, Reach reach)
{
    const auto end = reach.before == 0 ? last_seq + 1 : std::min(reach.before, last_seq + 1);
    const auto from = std::max<std::int64_t>(1, end - static_cast<std::int64_t>(reach.count));
    JournalSlice slice{.rows = {}, .from = from};
    if (from < end) slice.rows = rows.journal(from, static_cast<std::size_t>(end - from));
    return slice;
}

bool JournalQuery::take(const JournalSlice& slice)
{
    for (const auto& row : slice.rows | std::views::reverse) {
        ++scanned_;
        scanned_to_ = row.seq;
        auto entry = entry_json(row, wanted_.filter);
        if (!entry) continue;
        entries_.push_back(std::move(*entry));
        if (entries_.size() < wanted_.limit) continue;
        next_ = row.seq > 1 ? row.seq : 0;
        return false;
    }
    before_ = slice.from;
    next_ = slice.from > 1 ? slice.from : 0;
    return next_ != 0 && scanned_ < kJournalScannedMax;
}

std::string JournalQuery::json() const
{
    std::string json = R"({"entries":[)";
    for (const auto& entry : entries_) {
        if (json.back() != '[') json += ',';
        json += entry;
    }
    return json + R"(],"next":)" + (next_ == 0 ? "null" : std::to_string(next_)) +
           R"(,"scannedTo":)" + std::to_string(scanned_to_) + "}";
}

}  // namespace purse::server
