// SPDX-License-Identifier: Apache-2.0
// The Merkle tree of RFC 9162, section 2.1, over leaf hashes: roots one leaf at a time, inclusion
// and consistency proofs, and what checks them. Pure. A node that has no sibling stands for itself
// one level up; that is the tree that the RFC defines by halving.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/hash.hpp"

namespace purse {

/// SHA-256(0x01 || left || right): RFC 9162, section 2.1.1.
Digest node_hash(const Digest& left, const Digest& right);

/// What a tree must remember to grow and to tell its root: the roots of the perfect subtrees that
/// its leaves make, the largest first, one for each bit of its size.
class MerkleFrontier {
public:
    void push(const Digest& leaf);
    std::int64_t size() const noexcept { return size_; }
    /// Of no leaves: the hash of nothing.
    Digest root() const;
    /// What will prove the next leaf in the tree that ends with it: the siblings on its way up, one
    /// after the other. All of them stand to its left, so they are known before it comes.
    std::string path_of_next() const;

    /// The subtrees' roots, one after the other.
    std::string to_bytes() const;
    /// Nothing when that many leaves do not make `bytes`.
    static std::optional<MerkleFrontier> from_bytes(std::int64_t size, std::string_view bytes);

    bool operator==(const MerkleFrontier&) const = default;

private:
    std::int64_t size_ = 0;
    std::vector<Digest> peaks_;
};

/// A whole tree in memory, for proofs: 64 bytes a leaf.
class MerkleLevels {
public:
    /// At least one leaf.
    explicit MerkleLevels(std::vector<Digest> leaves);
    std::int64_t size() const noexcept { return static_cast<std::int64_t>(levels_.front().size()); }
    const Digest& root() const noexcept { return levels_.back().front(); }
    /// The node over the leaves from index << level on, 1 << level of them or those that there
    /// are. Above the top it is the root.
    const Digest& node(int level, std::int64_t index) const;
    /// The siblings on the way up from a leaf to the root.
    std::vector<Digest> path(std::int64_t index) const;

private:
    std::vector<std::vector<Digest>> levels_;
};

/// Where the consistency proof of a tree finds its nodes, as MerkleLevels::node() has them.
using MerkleNodes = std::function<Digest(int level, std::int64_t index)>;

/// The proof that the tree of `size` leaves begins with the first `older` of them (RFC 9162,
/// section 2.1.4.1). 1 <= older <= size; empty when they are equal.
std::vector<Digest> consistency_path(std::int64_t older, std::int64_t size,
                                     const MerkleNodes& node);

/// A tree for proofs of which only the roots of its blocks are kept, 64 bytes for each 1,024
/// leaves: who asks for a proof reads a block's leaves again.
class MerkleBlocks {
public:
    static constexpr int kLevel = 10;
    static constexpr std::int64_t kLeaves = std::int64_t{1} << kLevel;
    /// The tree over the leaves of a block, counted from 0.
    using Block = std::function<MerkleLevels(std::int64_t block)>;

    void add(const Digest& leaf);
    /// No more leaves; there must have been one. Before that there are no proofs.
    void close();
    const Digest& root() const { return upper_->root(); }
    std::int64_t size() const noexcept { return size_; }
    std::vector<Digest> path(std::int64_t index, const MerkleLevels& block) const;
    std::vector<Digest> consistency(std::int64_t older, const Block& block) const;

private:
    std::int64_t size_ = 0;
    MerkleFrontier open_;
    std::vector<Digest> roots_;
    std::optional<MerkleLevels> upper_;
};

/// How many hashes prove the leaf at `index` of `size` leaves. 0 <= index < size.
std::size_t path_length(std::int64_t index, std::int64_t size) noexcept;

/// RFC 9162, section 2.1.3.2. False also for sizes and indices that cannot be.
bool verify_inclusion(const Digest& leaf, std::int64_t index, std::int64_t size,
                      std::span<const Digest> path, const Digest& root);

struct MerkleHead {
    std::int64_t size = 0;
    Digest root{};
};

/// RFC 9162, section 2.1.4.2. False also for sizes that cannot be; a tree without leaves proves
/// nothing.
bool verify_consistency(const MerkleHead& older, const MerkleHead& newer,
                        std::span<const Digest> path);

}  // namespace purse
