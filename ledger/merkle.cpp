// SPDX-License-Identifier: Apache-2.0
#include "ledger/merkle.hpp"

#include <bit>
#include <ranges>

#include "ledger/require.hpp"

namespace purse {

namespace {
// The least level whose nodes cover `count` leaves.
int level_over(std::int64_t count) noexcept
{
    return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(count - 1)));
}
}  // namespace

Digest node_hash(const Digest& left, const Digest& right)
{
    return sha256({std::string_view{"\x01", 1}, as_bytes(left), as_bytes(right)});
}

void MerkleFrontier::push(const Digest& leaf)
{
    auto node = leaf;
    for (auto rest = size_; (rest & 1) != 0; rest >>= 1) {
        node = node_hash(peaks_.back(), node);
        peaks_.pop_back();
    }
    peaks_.push_back(node);
    ++size_;
}

Digest MerkleFrontier::root() const
{
    if (peaks_.empty()) return sha256({});
    auto node = peaks_.back();
    for (auto i = peaks_.size() - 1; i > 0; --i) node = node_hash(peaks_[i - 1], node);
    return node;
}

std::string MerkleFrontier::path_of_next() const
{
    std::string bytes;
    for (const auto& peak : std::views::reverse(peaks_)) bytes += as_bytes(peak);
    return bytes;
}

std::string MerkleFrontier::to_bytes() const
{
    std::string bytes;
    bytes.reserve(peaks_.size() * sizeof(Digest));
    for (const auto& peak : peaks_) bytes += as_bytes(peak);
    return bytes;
}

std::optional<MerkleFrontier> MerkleFrontier::from_bytes(std::int64_t size, std::string_view bytes)
{
    if (size < 0) return std::nullopt;
    const auto count = static_cast<std::size_t>(std::popcount(static_cast<std::uint64_t>(size)));
    if (bytes.size() != count * sizeof(Digest)) return std::nullopt;
    MerkleFrontier tree;
    tree.size_ = size;
    tree.peaks_ = to_digests(bytes);
    return tree;
}

MerkleLevels::MerkleLevels(std::vector<Digest> leaves)
{
    require(!leaves.empty(), "a tree for proofs has leaves");
    levels_.push_back(std::move(leaves));
    while (levels_.back().size() > 1) {
        const auto& below = levels_.back();
        std::vector<Digest> level;
        level.reserve((below.size() + 1) / 2);
        for (std::size_t i = 0; i + 1 < below.size(); i += 2)
            level.push_back(node_hash(below[i], below[i + 1]));
        if (below.size() % 2 != 0) level.push_back(below.back());
        levels_.push_back(std::move(level));
    }
}

const Digest& MerkleLevels::node(int level, std::int64_t index) const
{
    if (static_cast<std::size_t>(level) >= levels_.size()) return root();
    return levels_[static_cast<std::size_t>(level)].at(static_cast<std::size_t>(index));
}

std::vector<Digest> MerkleLevels::path(std::int64_t index) const
{
    std::vector<Digest> path;
    auto at = static_cast<std::size_t>(index);
    for (const auto& level : levels_) {
        if (const auto sibling = at ^ 1; sibling < level.size()) path.push_back(level[sibling]);
        at >>= 1;
    }
    return path;
}

std::vector<Digest> consistency_path(std::int64_t older, std::int64_t size, const MerkleNodes& node)
{
    require(older >= 1 && older <= size, "an older tree is a part of the newer");
    // From the root down to the border between old and new, as the RFC's SUBPROOF goes.
    std::vector<Digest> path;
    const auto add = [&](std::int64_t from, std::int64_t end) {
        const int level = level_over(end - from);
        path.push_back(node(level, from >> level));
    };
    std::int64_t from = 0;
    std::int64_t end = size;
    bool is_whole = true;
    while (older != end) {
        const auto half = std::bit_floor(static_cast<std::uint64_t>(end - from - 1));
        const auto middle = from + static_cast<std::int64_t>(half);
        if (older <= middle) {
            add(middle, end);
            end = middle;
        } else {
            add(from, middle);
            from = middle;
            is_whole = false;
        }
    }
    // A perfect subtree on the left is the older tree itself, and its root is known.
    if (!is_whole) add(from, end);
    return {path.rbegin(), path.rend()};
}

void MerkleBlocks::add(const Digest& leaf)
{
    open_.push(leaf);
    ++size_;
    if (open_.size() < kLeaves) return;
    roots_.push_back(open_.root());
    open_ = {};
}

void MerkleBlocks::close()
{
    if (open_.size() > 0) roots_.push_back(open_.root());
    upper_.emplace(std::move(roots_));
}

std::vector<Digest> MerkleBlocks::path(std::int64_t index, const MerkleLevels& block) const
{
    auto path = block.path(index % kLeaves);
    const auto rest = upper_->path(index / kLeaves);
    path.insert(path.end(), rest.begin(), rest.end());
    return path;
}

std::vector<Digest> MerkleBlocks::consistency(std::int64_t older, const Block& block) const
{
    return consistency_path(older, size_, [&](int level, std::int64_t index) {
        if (level >= kLevel) return upper_->node(level - kLevel, index);
        const auto number = index >> (kLevel - level);
        return block(number).node(level, index - (number << (kLevel - level)));
    });
}

std::size_t path_length(std::int64_t index, std::int64_t size) noexcept
{
    std::size_t length = 0;
    for (auto last = size - 1; last > 0; last >>= 1, index >>= 1)
        if ((index & 1) != 0 || index < last) ++length;
    return length;
}

bool verify_inclusion(const Digest& leaf, std::int64_t index, std::int64_t size,
                      std::span<const Digest> path, const Digest& root)
{
    if (index < 0 || index >= size || path.size() != path_length(index, size)) return false;
    auto node = leaf;
    auto last = size - 1;
    for (const auto& sibling : path) {
        // A node without a sibling stands for itself until it has one.
        while ((index & 1) == 0 && index == last) {
            index >>= 1;
            last >>= 1;
        }
        node = (index & 1) != 0 ? node_hash(sibling, node) : node_hash(node, sibling);
        index >>= 1;
        last >>= 1;
    }
    return node == root;
}

bool verify_consistency(const MerkleHead& older, const MerkleHead& newer,
                        std::span<const Digest> path)
{
    if (older.size < 1 || older.size > newer.size) return false;
    if (older.size == newer.size) return path.empty() && older.root == newer.root;
    // The border between old and new, climbed from the oldest leaf's largest perfect subtree.
    auto at = older.size - 1;
    auto last = newer.size - 1;
    while ((at & 1) != 0) {
        at >>= 1;
        last >>= 1;
    }
    std::size_t next = 0;
    if (at != 0 && path.empty()) return false;
    auto old_node = at == 0 ? older.root : path[next++];
    auto new_node = old_node;
    for (; next < path.size(); ++next) {
        if (last == 0) return false;
        const auto& sibling = path[next];
        if ((at & 1) != 0 || at == last) {
            old_node = node_hash(sibling, old_node);
            new_node = node_hash(sibling, new_node);
            while ((at & 1) == 0 && at != 0) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new_node = node_hash(new_node, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    return last == 0 && old_node == older.root && new_node == newer.root;
}

}  // namespace purse
