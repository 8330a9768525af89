// SPDX-License-Identifier: Apache-2.0
// What the chain says: which transactions were mined, which authorizations were used, what is
// gone again, and what can never change any more.
#include <algorithm>

#include "wallet/calls.hpp"
#include "wallet/payout_engine.hpp"

namespace purse {

namespace {
constexpr std::size_t kReceiptsMax = 200;  // asked at once
// Blocks from the tip in which a change is looked for each round; older ones are looked at again
// when they are final.
constexpr std::uint64_t kRecentBlocks = 64;
// Blocks of one question for logs: what public nodes answer at least.
constexpr std::uint64_t kLogBlocks = 10'000;
constexpr int kLogWindowsPerRound = 20;
constexpr std::size_t kFinalPerRound = 400;

std::string bytes_of(const Digest& digest)
{
    return std::string{as_bytes(digest)};
}

FoundAt found_at(const Receipt& receipt)
{
    return {.tx = bytes_of(receipt.transaction),
            .block = static_cast<std::int64_t>(receipt.block.number),
            .block_hash = bytes_of(receipt.block.hash)};
}

GasSpent gas_of(const Receipt& receipt)
{
    return {.used = static_cast<std::int64_t>(receipt.gas_used),
            .cost = to_decimal(receipt.gas_used * receipt.gas_price + receipt.l1_fee)};
}

std::uint64_t number_of(std::int64_t block)
{
    return static_cast<std::uint64_t>(block);
}
}  // namespace

void PayoutEngine::watch()
{
    std::vector<Digest> hashes;
    std::vector<const SlotRow*> slots;
    for (const auto& live : sight_.live)
        for (const auto& attempt : live.attempts) {
            hashes.push_back(attempt.hash);
            slots.push_back(&live.row);
        }
    std::vector<MinedSlot> mined;
    for (std::size_t i = 0; i < hashes.size(); i += kReceiptsMax) {
        const auto part = std::span{hashes}.subspan(i, std::min(kReceiptsMax, hashes.size() - i));
        const auto receipts = ports_.nodes.first([&](Node& node) { return node.receipts(part); });
        if (!receipts) continue;
        for (std::size_t j = 0; j < part.size(); ++j)
            if (const auto& receipt = (*receipts)[j])
                mined.push_back({.slot = *slots[i + j], .receipt = *receipt});
    }
    if (mined.empty()) return;
    ports_.watcher.pass("included_found");
    store_mined(mined);
    ports_.watcher.pass("included_stored");
}

void PayoutEngine::store_mined(std::span<const MinedSlot> mined)
{
    ports_.books.transact([&](Books& books) {
        Payouts payouts{books};
        for (const auto& [slot, receipt] : mined) store_slot(payouts, slot.id, receipt);
    });
    for (const auto& one : mined) passed_by_.erase(one.slot.id);
}

void PayoutEngine::store_slot(Payouts& payouts, std::int64_t slot, const Receipt& receipt) const
{
    if (!payouts.mine(slot, found_at(receipt), gas_of(receipt))) return;
    const auto used = used_authorizations(settings_.domain.contract, treasury_, receipt.logs);
    const bool is_cancellation = payouts.rows().slot(slot)->kind == SlotKind::cancel;
    for (const auto& row : payouts.rows().payouts_of_slot(slot)) {
        const auto payee = payouts.rows().payee(row.payee);
        const auto use = std::ranges::find_if(used, [&](const UsedAuthorization& one) {
            return one.nonce == row.nonce && payee && to_string(one.to) == payee->address;
        });
        // The log decides, never the status: a batch succeeds although an item failed.
        if (use != used.end())
            payouts.include(row.id, found_at(receipt), use->value.micro());
        else if (!is_cancellation)
            payouts.leave_slot(row.id);
    }
}

void PayoutEngine::check_recent_blocks()
{
    std::map<std::uint64_t, Digest> stored;
    const auto note = [&](std::int64_t block, const std::string& hash) {
        const auto number = number_of(block);
        if (number > heads_.latest.id.number || number + kRecentBlocks < heads_.latest.id.number)
            return;
        if (const auto digest = to_digest(hash)) stored.emplace(number, *digest);
    };
    for (const auto& row : sight_.included) note(row.block, row.block_hash);
    for (const auto& slot : sight_.mined) note(slot.block, slot.block_hash);

    std::set<std::uint64_t> canonical;
    std::set<std::uint64_t> unknown;
    for (const auto& [number, hash] : stored) {
        const auto block = ports_.nodes.first([&](Node& node) { return node.block(number); });
        // Not there at all: that node is behind the others.
        if (!block || !*block)
            unknown.insert(number);
        else if ((*block)->id.hash == hash)
            canonical.insert(number);
    }
    const auto is_gone = [&](std::int64_t block, const std::string& hash) {
        const auto number = number_of(block);
        const auto known = stored.find(number);
        if (known == stored.end() || unknown.contains(number)) return false;
        return !canonical.contains(number) || as_bytes(known->second) != hash;
    };
    std::vector<std::int64_t> slots;
    std::vector<std::int64_t> gone;
    for (const auto& slot : sight_.mined)
        if (is_gone(slot.block, slot.block_hash)) slots.push_back(slot.id);
    for (const auto& row : sight_.included)
        if (is_gone(row.block, row.block_hash)) gone.push_back(row.id);
    if (slots.empty() && gone.empty()) return;
    ports_.books.transact([&](Books& books) {
        Payouts payouts{books};
        for (const auto id : slots) {
            const auto row = payouts.rows().slot(id);
            if (row && is_gone(row->block, row->block_hash)) payouts.unmine(id);
        }
        for (const auto id : gone) {
            const auto row = payouts.rows().payout(id);
            if (row && is_gone(row->block, row->block_hash)) payouts.take_back(id);
        }
    });
    for (const auto id : slots) sent_at_.erase(id);  // they may be in no pool any more
}

void PayoutEngine::probe()
{
    std::vector<PayoutRow> asked;
    for (const auto& row : sight_.open) {
        const bool is_carried = row.state == PayoutState::sent;
        if (is_carried && sight_.now - row.changed_at < settings_.rebroadcast) continue;
        if (canceled_in_.contains(row.id)) continue;  // why it is used is known
        asked.push_back(row);
    }
    if (asked.empty()) return;
    const auto states =
        ports_.nodes.first([&](Node& node) { return used_states(node, asked, std::nullopt); });
    if (!states) return;
    for (std::size_t i = 0; i < asked.size(); ++i)
        if ((*states)[i]) find_use(asked[i]);
}

// The authorization is used or cancelled, and not by a transaction that we know of: a stranger sent
// it, or a ledger was restored that had forgotten. The chain's own record says what happened.
void PayoutEngine::find_use(const PayoutRow& row)
{
    const auto known = searched_to_.find(row.id);
    auto to = known == searched_to_.end() ? heads_.latest.id.number : known->second;
    for (int window = 0; window < kLogWindowsPerRound; ++window) {
        const auto from = to < kLogBlocks ? 0 : to - kLogBlocks + 1;
        LogQuery query{.address = settings_.domain.contract,
                       .topics = used_topics(treasury_, row.nonce),
                       .from_block = from,
                       .to_block = to};
        const auto logs = ports_.nodes.first([&](Node& node) { return node.logs(query); });
        if (!logs) return;
        for (const auto& log : *logs) {
            const std::span one{&log.transaction, 1};
            const auto receipts =
                ports_.nodes.first([&](Node& node) { return node.receipts(one); });
            if (!receipts || !receipts->front()) return;
            if (store_use(row, *receipts->front())) {
                searched_to_.erase(row.id);
                return;
            }
        }
        query.topics = canceled_topics(treasury_, row.nonce);
        const auto ends = ports_.nodes.first([&](Node& node) { return node.logs(query); });
        if (!ends) return;
        if (!ends->empty()) {
            searched_to_.erase(row.id);
            canceled_in_[row.id] = ends->front().block.number;
            return;
        }
        if (from == 0) {
            searched_to_.erase(row.id);
            return warn("use_not_found", "payout " + std::to_string(row.id) +
                                             ": a node says that its authorization is used, and "
                                             "shows no record of it; looking again");
        }
        to = from - 1;
    }
    searched_to_[row.id] = to;
}

bool PayoutEngine::store_use(const PayoutRow& row, const Receipt& receipt)
{
    const auto used = used_authorizations(settings_.domain.contract, treasury_, receipt.logs);
    const auto use = std::ranges::find(used, row.nonce, &UsedAuthorization::nonce);
    const auto payee = sight_.payees.find(row.payee);
    if (use == used.end() || payee == sight_.payees.end() ||
        to_string(use->to) != payee->second.address)
        return false;
    ports_.watcher.pass("included_found");
    ports_.books.transact([&](Books& books) {
        Payouts payouts{books};
        // When it is one of our own versions, its cost is ours too, and so is what else it carries.
        if (const auto attempt = payouts.rows().attempt_by_hash(receipt.transaction))
            store_slot(payouts, attempt->slot, receipt);
        payouts.include(row.id, found_at(receipt), use->value.micro());
    });
    ports_.watcher.pass("included_stored");
    if (use->value.micro() != row.value)
        warn("other_amount", "payout " + std::to_string(row.id) + " moved " +
                                 use->value.to_string() + " USDC, not " +
                                 Money::from_micro(row.value).to_string() +
                                 ": this ledger is older than the chain; the difference is booked");
    return true;
}

// A definite no: the time is over at a block that is final, and it was not used there.
void PayoutEngine::expire()
{
    std::vector<PayoutRow> over;
    for (const auto& row : sight_.open) {
        if (row.signature.empty() || row.reason == "operator") continue;
        if (number_of(row.valid_before) <= heads_.finalized.timestamp) over.push_back(row);
    }
    if (over.empty()) return;
    const auto answers =
        ports_.nodes.all(enough(), [&](Node& node) -> NodeAnswer<std::vector<bool>> {
            const auto heads = node.heads();
            if (!heads) return std::unexpected{heads.error()};
            auto used = used_states(node, over, heads->finalized.id.number);
            if (!used) return used;
            for (std::size_t i = 0; i < over.size(); ++i)
                (*used)[i] =
                    !(*used)[i] && number_of(over[i].valid_before) <= heads->finalized.timestamp;
            return used;
        });
    std::vector<PayoutRow> dead;
    for (std::size_t i = 0; i < over.size(); ++i) {
        const auto votes =
            std::ranges::count_if(answers, [&](const std::vector<bool>& one) { return one[i]; });
        if (static_cast<std::size_t>(votes) >= enough()) dead.push_back(over[i]);
    }
    if (dead.empty()) return;
    ports_.books.transact([&](Books& books) {
        Payouts payouts{books};
        for (const auto& row : dead) {
            // Not when another has signed it anew meanwhile.
            const auto now = payouts.rows().payout(row.id);
            if (now && now->signature == row.signature && now->valid_before == row.valid_before)
                payouts.die(row.id, PayoutState::expired);
        }
    });
}

NodeAnswer<std::vector<PayoutEngine::Verdict>> PayoutEngine::judge(
    Node& node, std::span<const PayoutRow> rows) const
{
    const auto heads = node.heads();
    if (!heads) return std::unexpected{heads.error()};
    std::vector<Digest> hashes;
    for (const auto& row : rows) {
        const auto tx = to_digest(row.tx);
        if (!tx) return std::unexpected{NodeFault{.what = "an included payout has no hash"}};
        if (std::ranges::find(hashes, *tx) == hashes.end()) hashes.push_back(*tx);
    }
    const auto receipts = node.receipts(hashes);
    if (!receipts) return std::unexpected{receipts.error()};
    const auto used = used_states(node, rows, heads->finalized.id.number);
    if (!used) return std::unexpected{used.error()};
    std::map<std::uint64_t, std::string> canonical;
    for (const auto& row : rows) {
        const auto number = number_of(row.block);
        if (canonical.contains(number)) continue;
        const auto block = node.block(number);
        if (!block) return std::unexpected{block.error()};
        canonical[number] = *block ? bytes_of((*block)->id.hash) : std::string{};
    }
    std::vector<Verdict> verdicts;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto& row = rows[i];
        const auto at = static_cast<std::size_t>(std::ranges::find(hashes, *to_digest(row.tx)) -
                                                 hashes.begin());
        const auto& receipt = (*receipts)[at];
        const auto& block = canonical[number_of(row.block)];
        if (number_of(row.block) > heads->finalized.id.number || block.empty()) {
            verdicts.push_back(Verdict::unclear);
        } else if (block != row.block_hash || !(*used)[i]) {
            verdicts.push_back(Verdict::gone);  // whatever a receipt says, or that there is none
        } else if (!receipt) {
            // The receipt may be late; the logs of that block are not.
            const auto is_there = shows_use(node, row);
            verdicts.push_back(is_there && !*is_there ? Verdict::gone : Verdict::unclear);
        } else {
            const bool is_same =
                as_bytes(receipt->block.hash) == row.block_hash && pays(*receipt, row);
            verdicts.push_back(is_same ? Verdict::final_ : Verdict::gone);
        }
    }
    return verdicts;
}

NodeAnswer<bool> PayoutEngine::shows_use(Node& node, const PayoutRow& row) const
{
    const auto block = number_of(row.block);
    const auto logs = node.logs({.address = settings_.domain.contract,
                                 .topics = used_topics(treasury_, row.nonce),
                                 .from_block = block,
                                 .to_block = block});
    if (!logs) return std::unexpected{logs.error()};
    return std::ranges::any_of(*logs,
                               [&](const Log& log) { return as_bytes(log.transaction) == row.tx; });
}

bool PayoutEngine::pays(const Receipt& receipt, const PayoutRow& row) const
{
    const auto uses = used_authorizations(settings_.domain.contract, treasury_, receipt.logs);
    return std::ranges::any_of(uses, [&](const UsedAuthorization& use) {
        return use.nonce == row.nonce && use.value.micro() == row.value;
    });
}

void PayoutEngine::finalise()
{
    std::vector<PayoutRow> ripe;
    std::set<std::int64_t> blocks;
    for (const auto& row : sight_.included) {
        if (number_of(row.block) > heads_.finalized.id.number || !row.seen) continue;
        if (blocks.size() == 32 && !blocks.contains(row.block)) continue;
        blocks.insert(row.block);
        ripe.push_back(row);
        if (ripe.size() == kFinalPerRound) break;
    }
    if (!ripe.empty()) finalise_payouts(ripe);
    finalise_cancellations();
}

void PayoutEngine::finalise_payouts(std::span<const PayoutRow> rows)
{
    // Each for itself: what is new to one node must not hold up what all know.
    const auto answers = ports_.nodes.all(enough(), [&](Node& node) { return judge(node, rows); });
    const auto has_votes = [&](std::size_t i, Verdict verdict) {
        const auto votes = std::ranges::count_if(
            answers, [&](const std::vector<Verdict>& one) { return one[i] == verdict; });
        return static_cast<std::size_t>(votes) >= enough();
    };
    std::vector<std::pair<PayoutRow, Verdict>> judged;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const bool is_final = has_votes(i, Verdict::final_);
        if (is_final != has_votes(i, Verdict::gone))
            judged.emplace_back(rows[i], is_final ? Verdict::final_ : Verdict::gone);
    }
    if (judged.empty()) return;
    ports_.watcher.pass("final_found");
    ports_.books.transact([&](Books& books) {
        Payouts payouts{books};
        for (const auto& [row, verdict] : judged) {
            // Only what was judged: another may have found it elsewhere meanwhile.
            const auto now = payouts.rows().payout(row.id);
            if (!now || now->block_hash != row.block_hash || now->tx != row.tx ||
                now->value != row.value)
                continue;
            if (verdict == Verdict::final_)
                payouts.finish(row.id);
            else
                payouts.take_back(row.id);
        }
    });
    ports_.watcher.pass("final_stored");
}

void PayoutEngine::finalise_cancellations()
{
    for (const auto& row : sight_.open) {
        const auto seen = canceled_in_.find(row.id);
        if (seen != canceled_in_.end()) {
            if (seen->second <= heads_.finalized.id.number)
                finalise_cancellation(row, seen->second);
            continue;
        }
        if (row.state != PayoutState::held || row.reason != "canceling") continue;
        const auto* slot = cancellation_of(row);
        if (slot == nullptr || slot->state != SlotState::mined) continue;
        const auto block = number_of(slot->block);
        if (block <= heads_.finalized.id.number) finalise_cancellation(row, block);
    }
}

// The block is final: either its logs say that the authorization is cancelled, or its cancellation
// did not come to pass and is sent again.
void PayoutEngine::finalise_cancellation(const PayoutRow& row, std::uint64_t block)
{
    const auto answers = ports_.nodes.all(enough(), [&](Node& node) -> NodeAnswer<int> {
        const auto heads = node.heads();
        if (!heads) return std::unexpected{heads.error()};
        if (block > heads->finalized.id.number) return 0;
        const auto logs = node.logs({.address = settings_.domain.contract,
                                     .topics = canceled_topics(treasury_, row.nonce),
                                     .from_block = block,
                                     .to_block = block});
        if (!logs) return std::unexpected{logs.error()};
        return logs->empty() ? -1 : 1;
    });
    const auto votes = [&](int for_it) {
        return static_cast<std::size_t>(std::ranges::count(answers, for_it));
    };
    const bool is_canceled = votes(1) >= enough();
    if (is_canceled == (votes(-1) >= enough())) return;
    canceled_in_.erase(row.id);
    ports_.books.transact([&](Books& books) {
        Payouts payouts{books};
        if (is_canceled)
            payouts.die(row.id, PayoutState::canceled);
        else if (cancellation_of(row) != nullptr)
            payouts.leave_slot(row.id);
    });
}

void PayoutEngine::close_slots()
{
    std::map<std::uint64_t, std::vector<const SlotRow*>> ripe;
    for (const auto& slot : sight_.mined) {
        const auto number = number_of(slot.block);
        if (number > heads_.finalized.id.number) continue;
        if (ripe.size() == 32 && !ripe.contains(number)) continue;
        ripe[number].push_back(&slot);
    }
    std::vector<std::int64_t> closed;
    std::vector<std::int64_t> gone;
    for (const auto& [at, slots] : ripe) {
        const auto number = at;
        const auto block = ports_.nodes.first([number](Node& node) { return node.block(number); });
        if (!block || !*block) continue;
        for (const auto* slot : slots)
            (as_bytes((*block)->id.hash) == slot->block_hash ? closed : gone).push_back(slot->id);
    }
    if (closed.empty() && gone.empty()) return;
    ports_.books.transact([&](Books& books) {
        Payouts payouts{books};
        for (const auto id : closed) {
            const auto carried = payouts.rows().payouts_of_slot(id);
            // A cancellation is closed with its payout.
            if (std::ranges::none_of(
                    carried, [](const PayoutRow& row) { return row.state == PayoutState::held; }))
                payouts.close(id);
        }
        for (const auto id : gone) payouts.unmine(id);
    });
}

}  // namespace purse
