// SPDX-License-Identifier: Apache-2.0
// Proves an export of the journal, line by line, from nothing but the file, and stops at the first
// line that cannot be trusted. Memory does not grow with the file, but for the heads it remembers
// when asked to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/journal_export.hpp"

namespace purse {

/// A head that was seen before, in another file.
struct KnownHead {
    std::int64_t seq = 0;
    Digest chain{};
    std::optional<Digest> root{};
};

class ExportVerifier {
public:
    struct Wanted {
        std::string key{};               ///< raw, that must have signed; empty: the header's
        std::vector<KnownHead> known{};  ///< what was signed before, the oldest first
        bool remembers_heads = false;    ///< for heads()
    };
    struct Fault {
        std::int64_t line = 0;  ///< from 1; one past the last when the file ends too soon
        std::int64_t seq = 0;   ///< the entry, or the place where one belongs; 0: no entry's
        std::string what;       ///< a sentence's rest: "line 7, entry 5, <what>"
    };

    explicit ExportVerifier(Wanted wanted);

    /// The next line, without its end. False: a fault was found, now or before.
    bool take(std::string_view line);
    /// The file is over; `rest` is what it had after its last line end.
    bool finish(std::string_view rest = {});

    const std::optional<Fault>& fault() const noexcept { return fault_; }
    const std::optional<ExportHeader>& header() const noexcept { return header_; }
    std::int64_t entries() const noexcept { return end_.entries; }
    std::int64_t last_seq() const noexcept { return seq_; }
    std::int64_t heads_checked() const noexcept { return end_.heads; }
    const std::vector<KnownHead>& heads() const noexcept { return heads_; }

private:
    bool take_header(std::string_view line);
    bool take_entry(std::string_view line);
    bool take_head(std::string_view line);
    bool take_end(std::string_view line);
    bool check_head(const HeadRow& head);
    bool check_since(const ExportHeader& header);
    bool check_known(const ExportHeader& header);
    bool check_place(const EntryPlace& place);
    bool check_path(std::string_view path, const Digest& leaf, std::int64_t seq);
    bool check_history();
    bool check_all_there();
    bool fail(std::int64_t seq, std::string what);

    Wanted wanted_;
    std::string key_;
    std::optional<ExportHeader> header_;
    ExportEnd end_;  // counted up as the lines come
    MerkleFrontier tree_;
    std::int64_t line_ = 0;
    std::int64_t seq_ = 0;  // the last entry
    std::string at_;        // its time
    std::int64_t last_head_ = 0;
    std::size_t next_known_ = 0;
    bool ended_ = false;
    std::vector<KnownHead> heads_;
    std::optional<Fault> fault_;
};

}  // namespace purse
