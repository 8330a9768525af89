// SPDX-License-Identifier: Apache-2.0
// The hashes and signatures of a journal, as docs/audit.md defines them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purse::auditor {

/// 32 raw bytes.
std::string sha256_of(std::string_view bytes);
/// Lower-case hexadecimal, there and back; back: "" for anything else.
std::string hex_of(std::string_view bytes);
std::string bytes_of_hex(std::string_view hex);
/// Ed25519 (RFC 8032) over `text`, all raw bytes.
bool is_signed(std::string_view text, std::string_view key, std::string_view signature);

/// The leaf of an entry: RFC 9162, section 2.1.1.
std::string leaf_of(std::string_view body);
/// The chain up to an entry.
std::string link_of(std::string_view before, std::string_view leaf);

/// The journal's Merkle tree by its simplest rule: two subtrees of one height become one.
class Tree {
public:
    void add(std::string leaf);
    /// The roots of its whole subtrees, the largest first: what the ledger stores of it.
    std::string parts() const;
    /// RFC 9162, section 2.1.1; "" of no entries.
    std::string root() const;

private:
    std::vector<std::pair<int, std::string>> parts_;  // height, root
};

/// A head as somebody signed it. Digests, key and signature are raw bytes.
struct Head {
    std::int64_t seq = 0;
    std::string chain;
    std::string root;  ///< "": from before the tree
    std::string at;    ///< RFC 3339
    std::string key;
    std::string signature;
};
bool is_signed(const Head& head);

}  // namespace purse::auditor
