// SPDX-License-Identifier: Apache-2.0
#include "ledger/journal_verifier.hpp"

#include <utility>

#include "ledger/journal.hpp"
#include "ledger/json.hpp"

namespace purse {

JournalVerifier::JournalVerifier(Start start)
    : start_{start.seq},
      seq_{start.seq},
      hash_{start.hash},
      key_{std::move(start.key)}
{
}

bool JournalVerifier::fail(std::int64_t seq, std::string what)
{
    if (!fault_) fault_ = Fault{.seq = seq, .what = std::move(what)};
    return false;
}

bool JournalVerifier::feed(const std::vector<JournalRow>& rows, const std::vector<HeadRow>& heads)
{
    if (fault_) return false;
    for (const auto& head : heads)
        if (head.seq > newest_head_) {
            newest_head_ = head.seq;
            waiting_.push_back(head);
        }
    for (const auto& row : rows) {
        if (!check(row)) return false;
        // Heads from before the start cover what was not fed.
        while (!waiting_.empty() && waiting_.front().seq <= seq_) {
            if (waiting_.front().seq == seq_ && !check(waiting_.front())) return false;
            waiting_.pop_front();
        }
    }
    return true;
}

bool JournalVerifier::finish(const Meta& meta)
{
    if (fault_) return false;
    const auto next = seq_ + 1;
    while (!waiting_.empty() && waiting_.front().seq < next) waiting_.pop_front();
    if (!waiting_.empty())
        return fail(next, "is missing, though the head signed at entry " +
                              std::to_string(waiting_.front().seq) + " covers it");
    if (meta.seq > seq_)
        return fail(
            next, "is missing, though the ledger has counted to entry " + std::to_string(meta.seq));
    if (meta.seq < seq_)
        return fail(meta.seq + 1, "was not written by the ledger, which has counted to entry " +
                                      std::to_string(meta.seq));
    if (meta.head != hash_) return fail(seq_, "has another hash than the ledger remembers");
    if (meta.signed_seq > start_ && meta.signed_seq != signed_seq_)
        return fail(meta.signed_seq, "was under a signed head, and that head is missing");
    if (start_ == 0 && meta.tree.size() == seq_ && meta.tree != tree_)
        return fail(seq_, "ends another tree than the ledger remembers");
    return true;
}

bool JournalVerifier::check(const JournalRow& row)
{
    const auto expected = seq_ + 1;
    if (row.seq > expected) return fail(expected, "is missing");
    if (row.seq < expected) return fail(row.seq, "stands twice or out of order");
    const auto leaf = leaf_hash(row.body);
    if (link_hash(hash_, leaf) != row.hash)
        return fail(row.seq, "does not match its hash: it, or the entry before it, was changed");
    if (!check_body(row)) return false;
    seq_ = row.seq;
    hash_ = row.hash;
    time_ = row.at;
    if (start_ == 0) tree_.push(leaf);
    return true;
}

bool JournalVerifier::check_body(const JournalRow& row)
{
    const auto document = json::parse(row.body);
    if (!document) return fail(row.seq, "is not JSON");
    const auto* seq = document->root().find("seq");
    if (seq == nullptr || seq->integer() != row.seq)
        return fail(row.seq, "says that it is another entry");
    const auto* at = document->root().find("at");
    if (at == nullptr || at->text() != to_rfc3339(row.at))
        return fail(row.seq, "says another time than its row");
    if (row.at < time_) return fail(row.seq, "is older than the entry before it");
    return true;
}

bool JournalVerifier::check(const HeadRow& head)
{
    if (key_.empty()) key_ = head.key;
    if (head.key != key_) return fail(head.seq, "has a head that was signed with another key");
    if (head.hash != hash_) return fail(head.seq, "has a signed head that covers another history");
    if (!verify_signature(head.key, head_text({head.seq, head.hash, head.signed_at, head.root}),
                          head.signature))
        return fail(head.seq, "has a signed head whose signature is wrong");
    if (start_ == 0 && head.root && *head.root != tree_.root())
        return fail(head.seq, "has a signed head with the root of another tree");
    signed_seq_ = head.seq;
    ++heads_;
    return true;
}

}  // namespace purse
