// SPDX-License-Identifier: Apache-2.0
// Transactions that do not come through: sent again, raised, given up, and gaps before them filled.
#include <algorithm>

#include "wallet/calls.hpp"
#include "wallet/payout_engine.hpp"

namespace purse {

namespace {
// Rounds in a row that must show the same before a number is given up or filled: one answer may
// be late.
constexpr int kRoundsToBeSure = 3;

// What was paid by other means needs its number closed, at the price of nothing but that. Those
// that are left of a batch are cheaper when fewer, and each is still for itself.
SlotKind kind_now(const SlotRow& slot, std::size_t carried)
{
    if (carried == 0 || slot.kind == SlotKind::fill) return SlotKind::fill;
    if (slot.kind == SlotKind::cancel) return SlotKind::cancel;
    return carried > 1 ? SlotKind::batch : SlotKind::pay;
}

Fees fees_of(const AttemptRow& attempt)
{
    return {.max_fee = parse_decimal(attempt.max_fee).value_or(0),
            .tip = parse_decimal(attempt.tip).value_or(0)};
}
}  // namespace

void PayoutEngine::keep_alive()
{
    std::set<std::string> raised;  // relayers whose lowest number has been looked at
    std::vector<const LiveSlot*> slots;
    for (const auto& live : sight_.live) slots.push_back(&live);
    std::ranges::sort(slots, {}, [](const LiveSlot* slot) {
        return std::pair{slot->row.relayer, slot->row.nonce};
    });
    for (const auto* slot : slots) {
        if (slot->attempts.empty()) continue;
        const auto& latest = slot->attempts.back();
        // The lowest number first: those above it wait for it, whatever they offer.
        const bool is_lowest =
            raised.insert(slot->row.relayer).second && !waits_for_number(slot->row);
        if (give_up_lost(*slot) || give_up_starved(*slot)) continue;
        // What nobody counts on any more must not be pushed on: its number is closed instead.
        const bool is_spent = slot->carries == 0 && latest.gas != kEmptyGas;
        if (is_lowest && (is_spent || sight_.now - latest.signed_at >= settings_.bump)) {
            bump(*slot);
            continue;
        }
        const auto sent = sent_at_.find(slot->row.id);
        if (sent == sent_at_.end() || sight_.now - sent->second >= settings_.rebroadcast)
            broadcast(slot->row, latest);
    }
    fill_gaps();
    if (accepted_.empty()) return;
    ports_.books.transact([this](Books& books) {
        Payouts payouts{books};
        for (const auto id : accepted_) payouts.note_accepted(id);
    });
    accepted_.clear();
}

/// A number below it is to be mined first: no fee brings this one forward.
bool PayoutEngine::waits_for_number(const SlotRow& slot) const
{
    const auto relayer = std::ranges::find(relayers_, slot.relayer, &RelayerView::address);
    return relayer != relayers_.end() && static_cast<std::uint64_t>(slot.nonce) > relayer->count;
}

void PayoutEngine::bump(const LiveSlot& slot)
{
    const auto relayer = std::ranges::find(relayers_, slot.row.relayer, &RelayerView::address);
    fees_now();
    const auto& latest = slot.attempts.back();
    const auto fees =
        quote_ ? raised_fees(fees_of(latest), *quote_, settings_.max_fee) : std::nullopt;
    if (relayer == relayers_.end() || !fees) {
        if (quote_ && relayer != relayers_.end())
            warn("fee_ceiling", "a transaction of relayer " + slot.row.relayer +
                                    " is stuck, and its fee is at the ceiling");
        return broadcast(slot.row, latest);
    }
    std::vector<PayoutRow> carried;
    for (const auto& row : sight_.open)
        if (counts_on(row, slot.row)) carried.push_back(row);
    const auto content = content_of(kind_now(slot.row, carried.size()), carried, *relayer);
    if (!content) return broadcast(slot.row, latest);
    if (relayer->funds < fees->max_fee * content->gas) {
        warn("no_gas", "relayer " + relayer->address + " cannot afford to offer more for number " +
                           std::to_string(slot.row.nonce));
        return broadcast(slot.row, latest);
    }
    const auto next = signed_attempt(*relayer, slot.row.nonce, *content, *fees);
    if (!next) return;
    bool is_stored = false;
    ports_.books.transact(
        [&](Books& books) { is_stored = Payouts{books}.add_version(slot.row.id, *next); });
    ports_.watcher.pass("bumped");
    if (is_stored) broadcast(slot.row, *next);
}

// Its relayer has run dry and no node has it: another relayer may carry what it carries. Should it
// be mined after all, the token refuses the second use.
bool PayoutEngine::give_up_starved(const LiveSlot& slot)
{
    const auto own = std::ranges::find(relayers_, slot.row.relayer, &RelayerView::address);
    if (own == relayers_.end() || own->funds >= cost_of(slot.attempts.back()) || slot.carries == 0)
        return false;
    if (sight_.now - slot.row.created_at < settings_.bump) return false;
    if (std::ranges::none_of(relayers_, &RelayerView::is_funded)) return false;
    ports_.books.transact([&](Books& books) {
        Payouts payouts{books};
        for (const auto& row : sight_.open)
            if (row.slot == slot.row.id) payouts.leave_slot(row.id);
    });
    return true;
}

// Its number is used on the chain, and by none of its versions: by a stranger who has the key, or
// by what a ledger that was restored has forgotten.
bool PayoutEngine::give_up_lost(const LiveSlot& slot)
{
    const auto own = std::ranges::find(relayers_, slot.row.relayer, &RelayerView::address);
    if (own == relayers_.end() || own->count <= static_cast<std::uint64_t>(slot.row.nonce)) {
        passed_by_.erase(slot.row.id);
        return false;
    }
    if (++passed_by_[slot.row.id] < kRoundsToBeSure) return false;
    passed_by_.erase(slot.row.id);
    warn("nonce_lost", "number " + std::to_string(slot.row.nonce) + " of relayer " +
                           slot.row.relayer + " was used by a transaction that is not known here");
    ports_.books.transact([&](Books& books) { Payouts{books}.lose(slot.row.id); });
    return true;
}

// A number below those on their way, which nobody uses any more: a reorganisation has removed the
// transaction that had it, and it was none of ours.
void PayoutEngine::fill_gaps()
{
    for (auto& relayer : relayers_) {
        const auto is_ours = [&](const SlotRow& row) {
            return row.relayer == relayer.address &&
                   static_cast<std::uint64_t>(row.nonce) == relayer.count;
        };
        const bool waits = std::ranges::any_of(sight_.live, [&](const LiveSlot& slot) {
            return slot.row.relayer == relayer.address &&
                   static_cast<std::uint64_t>(slot.row.nonce) > relayer.count;
        });
        const bool is_taken =
            std::ranges::any_of(sight_.live,
                                [&](const LiveSlot& slot) { return is_ours(slot.row); }) ||
            std::ranges::any_of(sight_.mined, is_ours);
        auto& [number, rounds] = gaps_[relayer.address];
        if (!waits || is_taken || number != relayer.count) {
            number = relayer.count;
            rounds = 0;
            continue;
        }
        if (++rounds < kRoundsToBeSure || !relayer.is_funded) continue;
        rounds = 0;
        const auto fees = fees_now();
        if (!fees) return;
        auto one = draft(relayer, relayer.count, SlotKind::fill, {}, *fees);
        if (!one) return;
        store_and_send({std::move(*one)});
    }
}

}  // namespace purse
