// SPDX-License-Identifier: Apache-2.0
#include "server/cli/journal_source.hpp"

#include <algorithm>

#include "ledger/journal.hpp"

namespace purse::server::cli {

namespace {
// Entries that a ledger from before the tree takes into it in one transaction.
constexpr std::size_t kTreeSlice = 2'000;

std::optional<HeadRow> signed_head(Books& books)
{
    if (books.meta().signed_seq != books.meta().seq) return std::nullopt;
    auto heads = books.rows().heads(books.meta().signed_seq, 1);
    if (heads.empty() || !heads.front().root) return std::nullopt;
    return std::move(heads.front());
}
}  // namespace

std::expected<JournalSource, std::string> JournalSource::open(App& app)
{
    std::int64_t last = 0;
    std::optional<HeadRow> head;
    app.look([&](Books& books) {
        last = books.meta().seq;
        head = signed_head(books);
    });
    if (last == 0) return std::unexpected{std::string{"the journal has no entries yet"}};
    bool is_whole = false;
    while (!head && !is_whole) {
        app.change([&](Books& books) {
            books.grow_tree(kTreeSlice);
            is_whole = books.has_whole_tree();
        });
    }
    // Servers write on: the newest head is at an entry before the newest, or at it.
    if (!head)
        app.look([&](Books& books) {
            for (auto& row : books.rows().heads(books.meta().signed_seq, 1))
                if (row.root) head = std::move(row);
        });
    if (!head)
        return std::unexpected{
            std::string{"no head of the journal is signed with a root; "
                        "`purse journal verify` says more"}};
    return JournalSource{app, *std::move(head)};
}

std::int64_t JournalSource::blocks() const noexcept
{
    return (head_.seq + MerkleBlocks::kLeaves - 1) / MerkleBlocks::kLeaves;
}

void JournalSource::fill(Books& books, std::int64_t number, Slice& slice) const
{
    const auto first = number * MerkleBlocks::kLeaves + 1;
    const auto count = std::min(MerkleBlocks::kLeaves, head_.seq - first + 1);
    slice.rows = books.rows().journal(first, static_cast<std::size_t>(count));
}

JournalSource::Slice JournalSource::block(std::int64_t number) const
{
    Slice slice;
    app_->look([&](Books& books) { fill(books, number, slice); });
    return slice;
}

JournalSource::Slice JournalSource::block(std::int64_t number, const Wanted& wanted) const
{
    Slice slice;
    app_->look([&](Books& books) {
        fill(books, number, slice);
        slice.wanted.clear();
        for (const auto& row : slice.rows) slice.wanted.push_back(wanted(books, row) ? 1 : 0);
    });
    return slice;
}

JournalSource::Slice JournalSource::block_with_heads(std::int64_t number) const
{
    Slice slice;
    app_->look([&](Books& books) {
        fill(books, number, slice);
        slice.heads.clear();
        if (slice.rows.empty()) return;
        slice.heads = books.rows().heads(slice.rows.front().seq, slice.rows.size());
        std::erase_if(slice.heads,
                      [&](const HeadRow& head) { return head.seq > slice.rows.back().seq; });
    });
    return slice;
}

MerkleLevels JournalSource::levels_of(const Slice& slice)
{
    std::vector<Digest> leaves;
    leaves.reserve(slice.rows.size());
    for (const auto& row : slice.rows) leaves.push_back(leaf_hash(row.body));
    return MerkleLevels{std::move(leaves)};
}

std::expected<JournalSource::Proofs, std::string> JournalSource::proofs(std::int64_t older) const
{
    Proofs proofs;
    MerkleFrontier begun;
    for (std::int64_t number = 0; number < blocks(); ++number)
        for (const auto& row : block(number).rows) {
            const auto leaf = leaf_hash(row.body);
            proofs.blocks.add(leaf);
            if (begun.size() < older) begun.push(leaf);
        }
    if (proofs.blocks.size() == head_.seq) {
        proofs.blocks.close();
        proofs.older_root = begun.root();
        if (proofs.blocks.root() == *head_.root) return proofs;
    }
    return std::unexpected{
        std::string{"the journal is not what its signed head covers; "
                    "`purse journal verify` names the first bad entry"}};
}

}  // namespace purse::server::cli
