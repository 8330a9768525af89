// SPDX-License-Identifier: Apache-2.0
#include "ledger/books.hpp"

#include <algorithm>

#include "ledger/payouts.hpp"
#include "ledger/require.hpp"

namespace purse {

namespace {
// Open holds that a status looks through and shows: enough for a chat, cheap on a busy ledger.
constexpr std::size_t kStatusScanMax = 500;
constexpr std::size_t kStatusHoldsMax = 20;

bool is_payable(std::string_view payee)
{
    return payee.starts_with("0x");
}
}  // namespace

Books::Books(StoreTx& tx, Instant now, Entropy& entropy)
    : tx_{tx},
      now_{now},
      entropy_{entropy},
      meta_{tx.meta()},
      first_seq_{meta_.seq},
      signed_before_{meta_.signed_seq},
      counters_{tx, meta_, now}
{
    require(now >= meta_.last_time, "the ledger's time never falls");
}

StatusAnswer Books::status(const StatusRequest& request)
{
    StatusAnswer answer{.at = now_, .epoch = meta_.epoch, .caps = {}, .next_holds = {}};
    answer.caps.reserve(request.legs.size());
    for (const auto& leg : request.legs)
        answer.caps.push_back(counters_.state(leg, counters_.of(leg), 0));
    answer.next_holds = tx_.open_holds(request.agent, kStatusScanMax, kStatusHoldsMax);
    return answer;
}

std::int64_t Books::write(std::string body)
{
    ++meta_.seq;
    const auto leaf = leaf_hash(body);
    meta_.head = link_hash(meta_.head, leaf);
    if (keeps_paths_) last_path_ = meta_.tree.path_of_next();
    if (meta_.tree.size() == meta_.seq - 1) meta_.tree.push(leaf);
    tx_.append_journal({.seq = meta_.seq, .at = now_, .body = std::move(body), .hash = meta_.head});
    return meta_.seq;
}

Books::Account& Books::account(const std::string& name)
{
    if (const auto known = accounts_.find(name); known != accounts_.end()) return known->second;
    auto row = tx_.account(name);
    if (!row) {
        row = AccountRow{.id = ++meta_.accounts};
        tx_.insert_account(*row, name);
    }
    return accounts_.emplace(name, Account{.row = *row}).first->second;
}

void Books::transfer(std::int64_t seq, std::int64_t hold, const std::string& debit,
                     const std::string& credit, std::int64_t amount)
{
    auto& from = account(debit);
    auto& to = account(credit);
    from.debits += amount;
    to.credits += amount;
    tx_.insert_transfer(
        {.seq = seq, .hold = hold, .debit = from.row.id, .credit = to.row.id, .amount = amount});
}

void Books::book_debt(const Hold& hold, std::int64_t seq, std::int64_t treasury)
{
    const auto amount = hold.captured.micro();
    if (amount == 0) return;
    transfer(seq, hold.id.seq, "agent/" + hold.who.agent, "payee/" + hold.what.payee, amount);
    // A hold from before the wallet may have a payee without an address: the books pay it.
    if (treasury != 0 && is_payable(hold.what.payee)) Payouts{*this}.book_debt(hold, seq, treasury);
}

void Books::grow_tree(std::size_t count_max)
{
    if (has_whole_tree()) return;
    for (const auto& row : tx_.journal(meta_.tree.size() + 1, count_max)) {
        if (row.seq != meta_.tree.size() + 1) return;  // one is missing: no tree is right
        meta_.tree.push(leaf_hash(row.body));
        tree_grew_ = true;
    }
}

void Books::sign_head(const HeadSigner& signer, std::string path)
{
    // A head of the same entry that was signed while the tree was behind gets its root now.
    if (meta_.signed_seq == meta_.seq && !(tree_grew_ && has_whole_tree())) return;
    HeadClaim claim{.seq = meta_.seq, .hash = meta_.head, .at = now_};
    if (has_whole_tree()) claim.root = meta_.tree.root();
    tx_.insert_head({.seq = claim.seq,
                     .hash = claim.hash,
                     .signed_at = now_,
                     .key = signer.public_key(),
                     .signature = signer.sign(head_text(claim)),
                     .root = claim.root,
                     .path = std::move(path)});
    meta_.signed_seq = meta_.seq;
}

void Books::close()
{
    // Reports change nothing, and nothing changed needs no flush to disk.
    const bool moved_time = counters_.flush();
    if (!moved_time && !tree_grew_ && meta_.seq == first_seq_ && meta_.signed_seq == signed_before_)
        return;
    std::int64_t debits = 0;
    std::int64_t credits = 0;
    for (const auto& [name, moved] : accounts_) {
        tx_.add_to_account(moved.row.id, moved.debits, moved.credits);
        debits += moved.debits;
        credits += moved.credits;
    }
    require(debits == credits, "what one account gives another receives");
    meta_.last_time = now_;
    tx_.put_meta(meta_);
}

std::int64_t first_entry_at(Books& books, Instant at)
{
    std::int64_t low = 1;
    auto high = books.meta().seq + 1;
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        const auto row = books.rows().journal(middle, 1);
        if (!row.empty() && row.front().at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

}  // namespace purse
