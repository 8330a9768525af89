// SPDX-License-Identifier: Apache-2.0
// A journal that somebody may have written into: its rows and heads through the verifier and
// through everything that reads entries back. Whatever holds stops holding when a byte of it
// changes. After an "M": Merkle proofs, after an "F": a tree's stored frontier.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/approval.hpp"
#include "ledger/journal.hpp"
#include "ledger/journal_export.hpp"
#include "ledger/journal_verifier.hpp"
#include "ledger/merkle.hpp"
#include "server/entry_words.hpp"
#include "server/operator/entry_json.hpp"
#include "server/operator/spend_book.hpp"
#include "server/replay/recorded.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/fuzz/conversation_script.hpp"
#include "tests/fuzz/fixed_head_key.hpp"

namespace {
using namespace purse;
using namespace purse::server;
using fuzz::check;

const fuzz::FixedHeadKey& key()
{
    static const fuzz::FixedHeadKey one;
    return one;
}

struct Past {
    std::vector<JournalRow> rows;
    std::vector<HeadRow> heads;
    Meta meta;
};

/// What a ledger would hold with these bodies; a line "!" signs a head, "!" and more spoils it.
Past past_of(std::string_view text)
{
    Past past;
    while (!text.empty() && past.rows.size() < 64) {
        const auto line = fuzz::take_line(text);
        auto& meta = past.meta;
        if (line.starts_with('!')) {
            const HeadClaim claim{
                .seq = meta.seq, .hash = meta.head, .at = meta.last_time, .root = meta.tree.root()};
            auto signature = key().sign(head_text(claim));
            for (std::size_t i = 1; i < line.size() && i <= signature.size(); ++i)
                signature[i - 1] = static_cast<char>(signature[i - 1] ^ line[i]);
            past.heads.push_back({.seq = claim.seq,
                                  .hash = claim.hash,
                                  .signed_at = claim.at,
                                  .key = key().public_key(),
                                  .signature = std::move(signature),
                                  .root = claim.root});
            meta.signed_seq = claim.seq;
            continue;
        }
        const auto place = place_of(line);
        if (place)
            if (const auto at = from_rfc3339(place->at)) meta.last_time = *at;
        const auto leaf = leaf_hash(line);
        meta.head = link_hash(meta.head, leaf);
        meta.tree.push(leaf);
        past.rows.push_back({.seq = ++meta.seq,
                             .at = meta.last_time,
                             .body = std::string{line},
                             .hash = meta.head});
    }
    return past;
}

bool holds(const Past& past)
{
    JournalVerifier verifier;
    const bool good = verifier.feed(past.rows, past.heads) && verifier.finish(past.meta);
    check(good == !verifier.fault().has_value(), "one verdict");
    if (!good)
        check(!verifier.fault()->what.empty() && verifier.fault()->seq >= 0 &&
                  verifier.fault()->seq <= past.meta.seq + 1,
              "a fault has a place and words");
    return good;
}

/// What holds is found out when a row is changed, lost or moved, each chosen by the text itself.
void check_tampered(const Past& past)
{
    if (past.rows.empty()) return;
    const auto chosen = past.rows.front().hash[0] % past.rows.size();
    auto changed = past;
    auto& body = changed.rows[chosen].body;
    auto& byte = body[past.rows.front().hash[1] % body.size()];
    byte = static_cast<char>(byte ^ 1);
    check(!holds(changed), "a changed entry is found");
    auto lost = past;
    lost.rows.erase(lost.rows.begin() + static_cast<std::ptrdiff_t>(chosen));
    check(!holds(lost), "a lost entry is found");
    if (past.heads.empty()) return;
    auto forged = past;
    forged.heads.front().signature[past.rows.front().hash[2] % 64] ^= 1;
    // A head of no entry covers nothing.
    if (past.heads.front().seq > 0) check(!holds(forged), "a forged head is found");
}

/// What the reader of a tree and the one of the text say of one entry.
void check_place(const JournalRow& row)
{
    const auto document = json::parse(row.body);
    if (!document || !document->root().is(json::Kind::object)) return;
    std::string compact;
    json::append(compact, document->root());
    const auto place = place_of(row.body);
    if (!place || compact != row.body) return;
    const auto* seq = document->root().find("seq");
    check(seq != nullptr && seq->integer() == place->seq, "one number");
    // Canonical times have no escapes; other texts may.
    if (from_rfc3339(place->at)) check(document->root().text_of("at") == place->at, "one time");
}

void read_back(const JournalRow& row)
{
    check_place(row);
    if (const auto entry = entry_json(row)) {
        const auto document = json::parse(*entry, {.depth_max = 64});
        check(document && document->root().find("seq")->integer() == row.seq, "an entry as JSON");
        (void)entry_json(
            row, {.agent = "painter", .task = {}, .service = {}, .decision = Decision::refused});
    }
    const auto words = entry_in_words(row);
    check(std::ranges::none_of(words, [](char c) { return c >= 0 && c < ' '; }),
          "an entry in words is one line");
    try {
        const replay::Recorded entry{row};
        (void)entry.whys();
        (void)entry.approval_span();
        if (entry.outcome()) (void)entry.purchase();
    } catch (const std::runtime_error& error) {
        check(std::string_view{error.what()}.find("of the journal") != std::string_view::npos,
              "what cannot be read is said");
    }
}

/// Lists are the same once they are written and read.
void read_lists(const JournalRow& row)
{
    const auto document = json::parse(row.body);
    if (!document) return;
    const auto& root = document->root();
    for (const auto* name : {"caps", "failing"}) {
        const auto once = to_json(caps_from_json(root.find(name)));
        const auto again = json::parse(once);
        check(again && to_json(caps_from_json(&again->root())) == once, "caps");
    }
    const auto once = to_json(refusals_from_json(root.find("refusals")));
    const auto again = json::parse(once);
    check(again && to_json(refusals_from_json(&again->root())) == once, "refusals");
}

void read_journal(std::string_view text)
{
    const auto past = past_of(text);
    if (holds(past)) check_tampered(past);
    SpendBook book;
    book.begin({.seq = 1, .whole_since = {}});
    book.take(past.rows);
    check(!boost::json::serialize(book.day(past.meta.last_time)).empty(), "a day's spending");
    for (const auto& row : past.rows) {
        read_back(row);
        read_lists(row);
    }
}

/// The first bytes are the size of a tree, an entry and an older size; the rest is a path.
void read_proof(std::string_view text)
{
    if (text.size() < 3) return;
    const auto number = [&](std::size_t i) {
        return static_cast<std::int64_t>(static_cast<unsigned char>(text[i]) % 48);
    };
    const auto size = number(0) + 1;
    const auto index = number(1) % size;
    const auto older = number(2) % size + 1;
    std::vector<Digest> leaves;
    MerkleFrontier begun;
    for (std::int64_t i = 0; i < size; ++i) {
        leaves.push_back(leaf_hash(std::to_string(i)));
        if (i < older) begun.push(leaves.back());
    }
    const MerkleLevels tree{leaves};
    std::vector<Digest> path;
    for (auto rest = text.substr(3); rest.size() >= 32; rest.remove_prefix(32))
        path.push_back(*to_digest(rest.substr(0, 32)));
    const auto& leaf = leaves[static_cast<std::size_t>(index)];
    const auto good = tree.path(index);
    check(verify_inclusion(leaf, index, size, good, tree.root()), "a true path is taken");
    check(verify_inclusion(leaf, index, size, path, tree.root()) == (path == good),
          "no other path is");
    const auto grown = consistency_path(
        older, size, [&](int level, std::int64_t i) { return tree.node(level, i); });
    const MerkleHead before{older, begun.root()};
    const MerkleHead after{size, tree.root()};
    check(verify_consistency(before, after, grown), "a tree that grew is taken");
    check(verify_consistency(before, after, path) == (path == grown), "no other proof is");
    // Sizes that cannot be.
    (void)verify_inclusion(leaf, number(2) - 24, number(0) - 24, path, tree.root());
    (void)verify_consistency({number(1) - 24, before.root}, {number(0) - 24, after.root}, path);
}

void read_frontier(std::string_view text)
{
    if (text.empty()) return;
    const auto size = static_cast<std::int64_t>(static_cast<unsigned char>(text[0])) - 8;
    const auto tree = MerkleFrontier::from_bytes(size, text.substr(1));
    if (!tree) return;
    check(tree->size() == size && tree->to_bytes() == text.substr(1), "a frontier");
    auto grown = *tree;
    grown.push(leaf_hash("next"));
    check(MerkleFrontier::from_bytes(size + 1, grown.to_bytes()) == grown, "one leaf more");
}
}  // namespace

// The name and the linkage are libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    if (text.starts_with('M'))
        read_proof(text.substr(1));
    else if (text.starts_with('F'))
        read_frontier(text.substr(1));
    else
        read_journal(text);
    return 0;
}
