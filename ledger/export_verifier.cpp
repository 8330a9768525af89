// SPDX-License-Identifier: Apache-2.0
#include "ledger/export_verifier.hpp"

#include <utility>

#include "ledger/journal.hpp"
#include "ledger/json.hpp"

namespace purse {

namespace {
/// Exactly the lower-case digits of a digest.
bool is_hex_of(std::string_view text, const Digest& digest) noexcept
{
    static constexpr char kDigits[] = "0123456789abcdef";
    if (text.size() != 2 * digest.size()) return false;
    for (std::size_t i = 0; i < digest.size(); ++i)
        if (text[2 * i] != kDigits[digest[i] >> 4] || text[2 * i + 1] != kDigits[digest[i] & 15])
            return false;
    return true;
}

std::string entry_words(std::int64_t seq)
{
    return "entry " + std::to_string(seq);
}
}  // namespace

ExportVerifier::ExportVerifier(Wanted wanted) : wanted_{std::move(wanted)}, key_{wanted_.key} {}

bool ExportVerifier::fail(std::int64_t seq, std::string what)
{
    if (!fault_) fault_ = Fault{.line = line_, .seq = seq, .what = std::move(what)};
    return false;
}

bool ExportVerifier::take(std::string_view line)
{
    if (fault_) return false;
    ++line_;
    if (line_ == 1) return take_header(line);
    if (ended_) return fail(0, "stands after the end");
    if (line.starts_with(R"({"body":)")) return take_entry(line);
    if (line.starts_with(R"({"after":)")) return take_head(line);
    if (line.starts_with(R"({"end":)")) return take_end(line);
    const bool is_run = !header_->has_filter() && seq_ < header_->to;
    return fail(is_run ? seq_ + 1 : 0,
                "is no line that an export has: it was changed, or does not belong here");
}

bool ExportVerifier::take_header(std::string_view line)
{
    auto header = header_of(line);
    if (!header)
        return fail(0,
                    "is not the header of an export: it was changed, or this is no file of "
                    "`purse journal export` or `prove`, or of a newer purse");
    if (!header->head.root || header->head.seq < 1 || header->from < 1 ||
        header->to < header->from - 1 || header->to > header->head.seq)
        return fail(0, "is a header that says what cannot be");
    if (!check_head(header->head)) return false;
    if (!verify_signature(key_, header_text(*header), header->signature))
        return fail(0, "is not the header that was signed: it was changed");
    if (!check_since(*header) || !check_known(*header)) return false;
    end_.header = sha256({line});
    seq_ = header->from - 1;
    if (wanted_.remembers_heads && !header->is_whole())
        heads_.push_back({header->head.seq, header->head.hash, header->head.root});
    header_ = std::move(header);
    return true;
}

bool ExportVerifier::check_head(const HeadRow& head)
{
    if (key_.empty()) key_ = head.key;
    if (head.key != key_) return fail(0, "has a head that was signed with another key");
    if (!verify_signature(head.key, head_text({head.seq, head.hash, head.signed_at, head.root}),
                          head.signature))
        return fail(0, "has a signed head whose signature is wrong");
    return true;
}

bool ExportVerifier::check_since(const ExportHeader& header)
{
    if (header.since.size == 0) return true;
    if (verify_consistency(header.since, {header.head.seq, *header.head.root}, header.since_path))
        return true;
    return fail(0,
                "does not prove that its history goes on from " + entry_words(header.since.size));
}

bool ExportVerifier::check_known(const ExportHeader& header)
{
    if (wanted_.known.empty()) return true;
    const auto& newest = wanted_.known.back();
    const auto place = entry_words(newest.seq);
    if (header.head.seq < newest.seq)
        return fail(header.head.seq + 1, "is missing: a head that was signed before covers up to " +
                                             place + "; this file is older, or was cut off");
    if (header.is_whole()) return true;  // its entries will tell
    if (!newest.root) return fail(0, "cannot be compared with a head that has no root");
    const bool is_same = header.head.seq == newest.seq;
    if (!is_same && header.since.size != newest.seq)
        return fail(0, "does not say how it goes on from " + place +
                           ", which was signed before: "
                           "ask for `purse journal prove --since " +
                           std::to_string(newest.seq) + "`");
    if ((is_same ? *header.head.root : header.since.root) != *newest.root)
        return fail(newest.seq,
                    "has another history before it than the head that was signed "
                    "before: a fork");
    return true;
}

bool ExportVerifier::check_place(const EntryPlace& place)
{
    const auto expected = seq_ + 1;
    if (header_->has_filter()) {
        if (place.seq < expected) return fail(place.seq, "stands twice or out of order");
    } else {
        if (place.seq > expected)
            return fail(expected, "is missing: " + entry_words(place.seq) + " stands in its place");
        if (place.seq < expected)
            return fail(expected, "is not here: " + entry_words(place.seq) +
                                      " stands in its place, twice or out of order");
    }
    if (place.seq > header_->to) return fail(place.seq, "is beyond what the header announces");
    if (place.at < at_) return fail(place.seq, "is older than the entry before it");
    if (!header_->agent.empty() && place.agent != json::quoted(header_->agent))
        return fail(place.seq, "is of another agent than the header announces");
    return true;
}

bool ExportVerifier::check_path(std::string_view path, const Digest& leaf, std::int64_t seq)
{
    const auto bytes = from_hex(path);
    std::vector<Digest> nodes;
    if (bytes && bytes->size() % sizeof(Digest) == 0 && to_hex(*bytes) == path)
        nodes = to_digests(*bytes);
    if (nodes.size() * 2 * sizeof(Digest) == path.size() &&
        verify_inclusion(leaf, seq - 1, header_->head.seq, nodes, *header_->head.root))
        return true;
    return fail(seq, "is not what was signed: it or its proof was changed");
}

bool ExportVerifier::take_entry(std::string_view line)
{
    const bool is_whole = header_->is_whole();
    const auto expected = header_->has_filter() ? 0 : seq_ + 1;
    const auto parts = entry_of(line);
    const auto place = parts ? place_of(parts->body) : std::nullopt;
    if (!place || parts->path.has_value() == is_whole)
        return fail(expected, "is not an entry as it was written: it was changed");
    if (!check_place(*place)) return false;
    const auto leaf = leaf_hash(parts->body);
    if (!is_whole && !check_path(*parts->path, leaf, place->seq)) return false;
    const auto chain = link_hash(end_.chain, leaf);
    if (!is_hex_of(parts->chain, chain))
        return fail(place->seq, is_whole ? "does not match its hash: it was changed"
                                         : "does not follow from the entry before it in this file: "
                                           "one between them was left out, or its hash changed");
    seq_ = place->seq;
    at_ = place->at;
    end_.chain = chain;
    ++end_.entries;
    if (is_whole) tree_.push(leaf);
    return check_history();
}

bool ExportVerifier::check_history()
{
    if (!header_->is_whole()) return true;
    while (next_known_ < wanted_.known.size() && wanted_.known[next_known_].seq < seq_)
        ++next_known_;
    if (next_known_ == wanted_.known.size() || wanted_.known[next_known_].seq != seq_) return true;
    if (wanted_.known[next_known_].chain == end_.chain) return true;
    return fail(seq_,
                "or one before it is not what it was when its head was signed before: a fork");
}

bool ExportVerifier::take_head(std::string_view line)
{
    const auto head = head_of(line);
    if (!head || !header_->is_whole())
        return fail(0, "is not a head as it was written: it was changed");
    if (head->after != last_head_)
        return fail(0, "does not follow the head of " + entry_words(last_head_) +
                           ": one between them was left out, or it was moved or changed");
    if (head->head.seq != seq_)
        return fail(seq_ < head->head.seq ? seq_ + 1 : 0,
                    "has the head of " + entry_words(head->head.seq) + " out of its place");
    if (!check_head(head->head)) return false;
    if (head->head.hash != end_.chain || (head->head.root && *head->head.root != tree_.root()))
        return fail(seq_, "has a signed head that covers another history: a fork");
    last_head_ = seq_;
    ++end_.heads;
    if (wanted_.remembers_heads) heads_.push_back({seq_, end_.chain, head->head.root});
    return true;
}

bool ExportVerifier::check_all_there()
{
    const auto& header = *header_;
    if (!header.has_filter() && seq_ < header.to)
        return fail(seq_ + 1, "is missing, though the header announces entries up to " +
                                  std::to_string(header.to));
    if (!header.is_whole()) return true;
    if (header.head.hash != end_.chain || *header.head.root != tree_.root())
        return fail(seq_, "ends another history than the header's head covers: a fork");
    if (last_head_ != seq_) return fail(seq_, "has lost its signed head");
    return true;
}

bool ExportVerifier::take_end(std::string_view line)
{
    const auto end = end_of(line);
    if (!end) return fail(0, "is not an end as it was written: it was changed");
    if (!check_all_there()) return false;
    if (!verify_signature(key_, end_text(*end), end->signature))
        return fail(0, "has a signature that is wrong: the end was changed");
    if (end->header != end_.header) return fail(0, "is the end of another export");
    if (end->entries != end_.entries || end->chain != end_.chain)
        return fail(0, "is the end of " + std::to_string(end->entries) +
                           " entries: the last of them were left out, or some put in");
    if (end->heads != end_.heads)
        return fail(0, "is the end of " + std::to_string(end->heads) +
                           " heads: the last of them were left out");
    ended_ = true;
    return true;
}

bool ExportVerifier::finish(std::string_view rest)
{
    if (fault_) return false;
    if (ended_ && rest.empty()) return true;
    ++line_;
    if (ended_) return fail(0, "stands after the end");
    if (line_ == 1) return fail(0, "is missing: the file is empty, or was cut off");
    const bool misses_entry = !header_->has_filter() && seq_ < header_->to;
    return fail(misses_entry ? seq_ + 1 : 0,
                "is missing: the file was cut off after " +
                    (end_.entries == 0 ? std::string{"its header"} : entry_words(seq_)));
}

}  // namespace purse
