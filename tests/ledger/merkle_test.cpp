// SPDX-License-Identifier: Apache-2.0
#include "ledger/merkle.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

#include "ledger/journal.hpp"

using namespace purse;

namespace {
using Leaves = std::vector<Digest>;

// The RFC's own definitions, word for word: halves at the largest power of two below the size.
std::size_t half(std::size_t count)
{
    std::size_t k = 1;
    while (2 * k < count) k *= 2;
    return k;
}

Digest tree_hash(std::span<const Digest> leaves)
{
    if (leaves.empty()) return sha256({});
    if (leaves.size() == 1) return leaves.front();
    const auto k = half(leaves.size());
    return node_hash(tree_hash(leaves.first(k)), tree_hash(leaves.subspan(k)));
}

Leaves path_of(std::size_t m, std::span<const Digest> leaves)
{
    if (leaves.size() == 1) return {};
    const auto k = half(leaves.size());
    auto path = m < k ? path_of(m, leaves.first(k)) : path_of(m - k, leaves.subspan(k));
    path.push_back(tree_hash(m < k ? leaves.subspan(k) : leaves.first(k)));
    return path;
}

enum class Known { yes, no };
Leaves subproof(std::size_t m, std::span<const Digest> leaves, Known known)
{
    if (m == leaves.size()) return known == Known::yes ? Leaves{} : Leaves{tree_hash(leaves)};
    const auto k = half(leaves.size());
    auto path = m <= k ? subproof(m, leaves.first(k), known)
                       : subproof(m - k, leaves.subspan(k), Known::no);
    path.push_back(tree_hash(m <= k ? leaves.subspan(k) : leaves.first(k)));
    return path;
}

Leaves leaves_of(std::size_t count)
{
    Leaves leaves;
    for (std::size_t i = 0; i < count; ++i)
        leaves.push_back(leaf_hash("entry " + std::to_string(i)));
    return leaves;
}

Leaves known_leaves()
{
    Leaves leaves;
    for (const char* hex : {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                            "606162636465666768696a6b6c6d6e6f"})
        leaves.push_back(leaf_hash(*from_hex(hex)));
    return leaves;
}

std::string hex_of(const Digest& digest)
{
    return to_hex(as_bytes(digest));
}

MerkleNodes nodes_of(const MerkleLevels& tree)
{
    return [&tree](int level, std::int64_t index) { return tree.node(level, index); };
}
}  // namespace

TEST_CASE("merkle: the roots of Certificate Transparency's eight leaves")
{
    const std::vector<std::string> roots{
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    MerkleFrontier tree;
    CHECK(hex_of(tree.root()) ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    const auto leaves = known_leaves();
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        tree.push(leaves[i]);
        CHECK(hex_of(tree.root()) == roots[i]);
    }
    // The path of the sixth leaf of eight, from the same test set.
    const auto path = MerkleLevels{leaves}.path(5);
    REQUIRE(path.size() == 3);
    CHECK(hex_of(path[0]) == "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b");
    CHECK(hex_of(path[1]) == "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0");
    CHECK(hex_of(path[2]) == "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
}

TEST_CASE("merkle: every size up to 300 agrees with the RFC's recursion")
{
    const auto all = leaves_of(300);
    MerkleFrontier grown;
    CHECK(MerkleFrontier::from_bytes(0, "") == grown);
    for (std::size_t size = 1; size <= all.size(); ++size) {
        grown.push(all[size - 1]);
        const std::span leaves{all.data(), size};
        const auto root = tree_hash(leaves);
        REQUIRE(grown.root() == root);
        REQUIRE(grown.size() == static_cast<std::int64_t>(size));
        REQUIRE(MerkleFrontier::from_bytes(grown.size(), grown.to_bytes()) == grown);
        const MerkleLevels tree{Leaves{leaves.begin(), leaves.end()}};
        REQUIRE(tree.root() == root);
        // Every leaf of small trees, some of the others.
        for (std::size_t m = 0; m < size; m += size < 40 ? 1 : 17) {
            const auto index = static_cast<std::int64_t>(m);
            const auto path = tree.path(index);
            REQUIRE(path == path_of(m, leaves));
            REQUIRE(path.size() == path_length(index, grown.size()));
            REQUIRE(verify_inclusion(all[m], index, grown.size(), path, root));
        }
    }
}

TEST_CASE("merkle: inclusion of anything else is refused")
{
    for (const std::size_t size : {1U, 2U, 3U, 7U, 8U, 9U, 64U, 100U}) {
        const auto leaves = leaves_of(size);
        const MerkleLevels tree{leaves};
        const auto count = static_cast<std::int64_t>(size);
        for (std::int64_t index = 0; index < count; ++index) {
            const auto& leaf = leaves[static_cast<std::size_t>(index)];
            auto path = tree.path(index);
            for (std::int64_t other = -1; other <= count; ++other)
                REQUIRE(verify_inclusion(leaf, other, count, path, tree.root()) ==
                        (other == index));
            REQUIRE_FALSE(verify_inclusion(tree.root(), index, count + 1, path, tree.root()));
            for (auto& node : path) {
                node[3] ^= 1;
                REQUIRE_FALSE(verify_inclusion(leaf, index, count, path, tree.root()));
                node[3] ^= 1;
            }
            path.push_back(leaf);
            REQUIRE_FALSE(verify_inclusion(leaf, index, count, path, tree.root()));
        }
    }
    CHECK_FALSE(verify_inclusion({}, 0, 0, {}, {}));
    CHECK_FALSE(verify_inclusion({}, 0, -1, {}, {}));
}

TEST_CASE("merkle: every older tree is proved to be a part of the newer, and no other")
{
    const auto all = leaves_of(130);
    for (std::size_t size = 1; size <= all.size(); ++size) {
        const std::span leaves{all.data(), size};
        const MerkleLevels tree{Leaves{leaves.begin(), leaves.end()}};
        const MerkleHead newer{tree.size(), tree.root()};
        for (std::size_t m = 1; m <= size; m += size < 70 ? 1 : 11) {
            const MerkleHead older{static_cast<std::int64_t>(m), tree_hash(leaves.first(m))};
            auto path = consistency_path(older.size, newer.size, nodes_of(tree));
            REQUIRE(path == subproof(m, leaves, Known::yes));
            REQUIRE(verify_consistency(older, newer, path));
            auto forked = older;
            forked.root[31] ^= 1;
            REQUIRE_FALSE(verify_consistency(forked, newer, path));
            forked = newer;
            forked.root[0] ^= 1;
            REQUIRE_FALSE(verify_consistency(older, forked, path));
            for (auto& node : path) {
                node[9] ^= 4;
                REQUIRE_FALSE(verify_consistency(older, newer, path));
                node[9] ^= 4;
            }
            path.push_back(older.root);
            REQUIRE_FALSE(verify_consistency(older, newer, path));
            path.pop_back();
            if (!path.empty()) path.pop_back();
            if (m != size) REQUIRE_FALSE(verify_consistency(older, newer, path));
        }
    }
    CHECK_FALSE(verify_consistency({}, {}, {}));
    CHECK_FALSE(verify_consistency({.size = 2}, {.size = 1}, {}));
}

TEST_CASE("merkle: a stored frontier of another size is refused")
{
    MerkleFrontier tree;
    for (int i = 0; i < 6; ++i) tree.push(leaf_hash("x"));
    const auto bytes = tree.to_bytes();
    CHECK(bytes.size() == 64);
    CHECK(MerkleFrontier::from_bytes(5, bytes).has_value());  // two subtrees as well
    CHECK_FALSE(MerkleFrontier::from_bytes(7, bytes).has_value());
    CHECK_FALSE(MerkleFrontier::from_bytes(6, bytes.substr(1)).has_value());
    CHECK_FALSE(MerkleFrontier::from_bytes(-1, "").has_value());
}

TEST_CASE("merkle: proofs from blocks are those of the whole tree")
{
    const auto all = leaves_of(4'200);
    for (const std::size_t size :
         {1U, 5U, 1'023U, 1'024U, 1'025U, 2'048U, 3'000U, 4'097U, 4'200U}) {
        const Leaves leaves{all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size)};
        const MerkleLevels tree{leaves};
        MerkleBlocks blocks;
        for (const auto& leaf : leaves) blocks.add(leaf);
        blocks.close();
        REQUIRE(blocks.root() == tree.root());
        const auto block = [&](std::int64_t number) {
            const auto from = static_cast<std::size_t>(number * MerkleBlocks::kLeaves);
            const auto end = std::min(size, from + MerkleBlocks::kLeaves);
            return MerkleLevels{Leaves{leaves.begin() + static_cast<std::ptrdiff_t>(from),
                                       leaves.begin() + static_cast<std::ptrdiff_t>(end)}};
        };
        for (std::int64_t index = 0; index < tree.size(); index += 97)
            REQUIRE(blocks.path(index, block(index / MerkleBlocks::kLeaves)) == tree.path(index));
        for (std::int64_t older = 1; older <= tree.size(); older += 101)
            REQUIRE(blocks.consistency(older, block) ==
                    consistency_path(older, tree.size(), nodes_of(tree)));
        REQUIRE(blocks.consistency(tree.size(), block).empty());
    }
}
