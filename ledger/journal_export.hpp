// SPDX-License-Identifier: Apache-2.0
// The journal as a file that anyone can check: a header with a signed head, entries exactly as
// they are stored, signed heads between them, and a signed end. docs/audit.md tells the form.
// Pure: lines in, lines out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/merkle.hpp"
#include "ledger/store.hpp"

namespace purse {

inline constexpr std::string_view kExportFormat = "purse journal export 1";

/// What an export says of itself first.
struct ExportHeader {
    HeadRow head;           ///< signed, with a root; what every proof in the file leads to
    std::int64_t from = 1;  ///< the entries that were looked through ...
    std::int64_t to = 0;    ///< ... from first to last; to == from - 1: none
    std::string agent;      ///< only entries of this agent; empty: of all
    std::string task;       ///< only entries of this task
    std::string tx;         ///< only entries of this hold
    MerkleHead since{};     ///< an older tree that this one is proved to go on from; size 0: none
    std::vector<Digest> since_path{};
    std::string signature{};  ///< over header_text()

    bool has_filter() const { return !agent.empty() || !task.empty() || !tx.empty(); }
    /// Every entry from the first to the head: entries then prove each other, else each bears a
    /// path to the root.
    bool is_whole() const { return !has_filter() && from == 1 && to == head.seq; }
};

/// The text that is signed for a header.
std::string header_text(const ExportHeader& header);

/// What an export says of itself last.
struct ExportEnd {
    Digest chain{};  ///< over the entries of this file
    std::int64_t entries = 0;
    std::int64_t heads = 0;
    Digest header{};  ///< SHA-256 of the first line
    std::string signature;
};
/// The text that is signed for an end.
std::string end_text(const ExportEnd& end);

/// A head between entries, and the entry of the head before it in this file (0: it is the first).
struct ExportHead {
    HeadRow head;
    std::int64_t after = 0;
};

// Lines without their ends. Readers take exactly what is written here: nothing for any other text.

std::string to_line(const ExportHeader& header);
std::string to_line(const ExportHead& head);
std::string to_line(const ExportEnd& end);
std::string entry_line(std::string_view body, const Digest& chain);
std::string entry_line(std::string_view body, const Digest& chain, const std::vector<Digest>& path);

std::optional<ExportHeader> header_of(std::string_view line);
std::optional<ExportHead> head_of(std::string_view line);
std::optional<ExportEnd> end_of(std::string_view line);

/// An entry's line, taken apart; views into it.
struct EntryParts {
    std::string_view body;
    std::string_view chain;                ///< 64 characters
    std::optional<std::string_view> path;  ///< hexadecimal; none in whole exports
};
std::optional<EntryParts> entry_of(std::string_view line);

/// What a body says of itself.
struct EntryPlace {
    std::int64_t seq = 0;
    std::string_view at;     ///< without its quotes
    std::string_view agent;  ///< with its quotes; empty: none
};
/// Looks at the members of a canonical body without building a tree of it. Nothing when it has no
/// place and time, or is no object.
std::optional<EntryPlace> place_of(std::string_view body);

/// Writes one export, line by line.
class ExportWriter {
public:
    using Sink = std::function<void(std::string_view line)>;

    /// Signs a text with the key of the heads; asked for the header and for the end.
    using Sign = std::function<std::string(std::string_view text)>;

    ExportWriter(ExportHeader header, Sink sink, Sign sign);
    void add(std::string_view body);
    void add(std::string_view body, const std::vector<Digest>& path);
    void add(const HeadRow& head);
    void finish();
    std::int64_t entries() const noexcept { return end_.entries; }

private:
    void put(std::string line);

    Sink sink_;
    Sign sign_;
    ExportEnd end_;
    std::int64_t last_head_ = 0;
};

}  // namespace purse
