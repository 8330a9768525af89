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
    const auto& token = settings_.domain.contract;
    ports_.books.transact([&](Books& books) {
        Payouts payouts{books};
        for (const auto& [slot, receipt] : mined) {
            if (!payouts.mine(slot.id, found_at(receipt), gas_of(receipt))) continue;
            const auto used = used_authorizations(token, treasury_, receipt.logs);
            for (auto& row : payouts.rows().payouts_of_slot(slot.id)) {
                const auto payee = payouts.rows().payee(row.payee);
                const auto use = std::ranges::find_if(used, [&](const UsedAuthorization& one) {
                    return one.nonce == row.nonce && payee && to_string(one.to) == payee->address;
                });
                // The log decides, never the status: a batch succeeds although an item failed.
                if (use != used.end())
                    payouts.include(row.id, found_at(receipt), use->value.micro());
                else
                    payouts.leave_slot(row.id);
            }
        }
    });
    for (const auto& one : mined) passed_by_.erase(one.slot.id);
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
        if (!block)
            unknown.insert(number);
        else if (*block && (*block)->id.hash == hash)
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
        for (const auto id : slots) payouts.unmine(id);
        for (const auto id : gone) payouts.take_back(id);
    });
    for (const auto id : slots) sent_at_.erase(id);  // they may be in no pool any more
}

void PayoutEngine::probe()
{
    std::vector<PayoutRow> asked;
    for (const auto& row : sight_.open) {
        const bool is_carried = row.state == PayoutState::sent;
        if (is_carried && sight_.now - row.changed_at < settings_.rebroadcast) continue;
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
            // Ours is on its way to being final; nobody else can have signed it.
            if (row.state != PayoutState::held || row.reason != "canceling")
                ports_.books.transact([&](Books& books) {
                    Payouts{books}.hold(row.id, "canceling",
                                        "the chain shows that this authorization is cancelled");
                });
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
        // When it is one of our own versions that had been given up, its cost is ours too.
        if (const auto attempt = payouts.rows().attempt_by_hash(receipt.transaction))
            payouts.mine(attempt->slot, found_at(receipt), gas_of(receipt));
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
    const auto dead =
        ports_.nodes.agreeing(std::min<std::size_t>(2, ports_.nodes.size()),
                              [&](Node& node) -> NodeAnswer<std::vector<bool>> {
                                  const auto heads = node.heads();
                                  if (!heads) return std::unexpected{heads.error()};
                                  auto used = used_states(node, over, heads->finalized.id.number);
                                  if (!used) return used;
                                  for (std::size_t i = 0; i < over.size(); ++i)
                                      (*used)[i] = !(*used)[i] && number_of(over[i].valid_before) <=
                                                                      heads->finalized.timestamp;
                                  return used;
                              });
    if (!dead) return;
    ports_.books.transact([&](Books& books) {
        Payouts payouts{books};
        for (std::size_t i = 0; i < over.size(); ++i)
            if ((*dead)[i]) payouts.die(over[i].id, PayoutState::expired);
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
        if (number_of(row.block) > heads->finalized.id.number || block.empty())
            verdicts.push_back(Verdict::unclear);
        else if (block != row.block_hash)
            verdicts.push_back(Verdict::gone);  // whatever a receipt says, or that there is none
        else if (!receipt)
            verdicts.push_back(Verdict::unclear);
        else if (as_bytes(receipt->block.hash) != row.block_hash || !pays(*receipt, row))
            verdicts.push_back(Verdict::gone);
        else
            verdicts.push_back((*used)[i] ? Verdict::final_ : Verdict::unclear);
    }
    return verdicts;
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
    const auto verdicts = ports_.nodes.agreeing(std::min<std::size_t>(2, ports_.nodes.size()),
                                                [&](Node& node) { return judge(node, rows); });
    if (!verdicts) return;
    ports_.watcher.pass("final_found");
    ports_.books.transact([&](Books& books) {
        Payouts payouts{books};
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if ((*verdicts)[i] == Verdict::final_) payouts.finish(rows[i].id);
            // What was found is not on the chain that all agree on.
            if ((*verdicts)[i] == Verdict::gone) payouts.take_back(rows[i].id);
        }
    });
    ports_.watcher.pass("final_stored");
}

void PayoutEngine::finalise_cancellations()
{
    for (const auto& row : sight_.open) {
        if (row.state != PayoutState::held || row.reason != "canceling" || row.slot == 0) continue;
        const auto slot = std::ranges::find(sight_.mined, row.slot, &SlotRow::id);
        if (slot == sight_.mined.end() || number_of(slot->block) > heads_.finalized.id.number)
            continue;
        const auto tx = to_digest(slot->tx);
        if (!tx) continue;
        const std::span one{&*tx, 1};
        const auto is_canceled = ports_.nodes.agreeing(
            std::min<std::size_t>(2, ports_.nodes.size()), [&](Node& node) -> NodeAnswer<bool> {
                const auto heads = node.heads();
                if (!heads) return std::unexpected{heads.error()};
                const auto receipts = node.receipts(one);
                if (!receipts) return std::unexpected{receipts.error()};
                const auto& receipt = receipts->front();
                if (!receipt || receipt->block.number > heads->finalized.id.number) return false;
                const auto ends =
                    cancelled_authorizations(settings_.domain.contract, treasury_, receipt->logs);
                return std::ranges::find(ends, row.nonce) != ends.end();
            });
        if (!is_canceled || !*is_canceled) continue;
        ports_.books.transact(
            [&](Books& books) { Payouts{books}.die(row.id, PayoutState::canceled); });
    }
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
    for (const auto& [number, slots] : ripe) {
        const auto block = ports_.nodes.first([&](Node& node) { return node.block(number); });
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
