// SPDX-License-Identifier: Apache-2.0
// The journal as an export reads it: up to a signed head, in slices of a transaction each.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ledger/merkle.hpp"
#include "server/app.hpp"

namespace purse::server::cli {

class JournalSource {
public:
    /// Lets the journal's head be signed up to now, with a root. An error's text: it is empty.
    static std::expected<JournalSource, std::string> open(App& app);

    const HeadRow& head() const noexcept { return head_; }
    std::int64_t size() const noexcept { return head_.seq; }

    struct Slice {
        std::vector<JournalRow> rows;
        std::vector<HeadRow> heads;  ///< of these rows, where asked for
        std::vector<char> wanted;    ///< for each row, where asked for
    };
    using Wanted = std::function<bool(Books& books, const JournalRow& row)>;
    /// The entries of a block of MerkleBlocks, counted from 0.
    Slice block(std::int64_t number) const;
    Slice block(std::int64_t number, const Wanted& wanted) const;
    /// The same with their heads.
    Slice block_with_heads(std::int64_t number) const;
    std::int64_t blocks() const noexcept;

    /// The tree over all entries, and the root of its first `older` leaves (where that is not 0).
    /// Reads the whole journal. An error's text when it is not what the head signs.
    struct Proofs {
        MerkleBlocks blocks;
        Digest older_root{};
    };
    std::expected<Proofs, std::string> proofs(std::int64_t older = 0) const;
    /// The tree over one block of them.
    static MerkleLevels levels_of(const Slice& slice);

private:
    JournalSource(App& app, HeadRow head) : app_{&app}, head_{std::move(head)} {}
    void fill(Books& books, std::int64_t number, Slice& slice) const;

    App* app_;
    HeadRow head_;
};

}  // namespace purse::server::cli
