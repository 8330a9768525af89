// SPDX-License-Identifier: Apache-2.0
#include "ledger/payouts.hpp"

#include <algorithm>

#include "ledger/books.hpp"
#include "ledger/require.hpp"

namespace purse {

namespace {
// Payouts of one payee that may come after one whose amount changes: there are a few at most,
// for each waits until the one before it is in a block.
constexpr std::size_t kLaterMax = 100'000;

// A node says within a moment that it has a transaction; after this long without a word it is in
// doubt.
constexpr Span kUntilDoubt = Span::seconds(5);

// How long a balance of a higher block stands against those of lower ones.
constexpr Span kBelieveBlock = Span::minutes(2);

bool is_open(const PayoutRow& row)
{
    return row.state == PayoutState::queued || row.state == PayoutState::signed_ ||
           row.state == PayoutState::sent || row.state == PayoutState::held;
}

Stage stage_of(const PayoutRow& row, const TreasuryRow& treasury, const SlotRow* slot, Instant now)
{
    switch (row.state) {
        case PayoutState::final_: return Stage::final_;
        case PayoutState::included:
            return row.block <= treasury.safe ? Stage::paid : Stage::submitted;
        case PayoutState::held: return Stage::held;
        case PayoutState::sent:
            return (slot != nullptr && slot->accepted) || now - row.changed_at < kUntilDoubt
                       ? Stage::submitted
                       : Stage::in_doubt;
        default: return Stage::queued;
    }
}
}  // namespace

Payouts::Payouts(Books& books) : books_{books}, rows_{books.tx_.payouts()} {}

Instant Payouts::now() const noexcept
{
    return books_.now_;
}

TreasuryRow Payouts::open_treasury(std::int64_t chain, std::string_view token,
                                   std::string_view address)
{
    for (auto& row : rows_.treasuries())
        if (row.chain == chain && row.token == token && row.address == address) return row;
    TreasuryRow row{.chain = chain, .token = std::string{token}, .address = std::string{address}};
    row.id = rows_.insert_treasury(row);
    return row;
}

void Payouts::book_debt(const Hold& hold, std::int64_t seq, std::int64_t treasury)
{
    const auto amount = hold.captured.micro();
    auto payee = rows_.payee(treasury, hold.what.payee);
    if (!payee) {
        payee = PayeeRow{.treasury = treasury, .address = hold.what.payee};
        payee->id = rows_.insert_payee(*payee);
    }
    if (payee->uncovered() <= 0) payee->waiting_since = books_.now_;
    owe(*payee, {.owed = amount});
    rows_.update_payee(*payee);
    rows_.insert_debt({.hold = hold.id.seq,
                       .seq = seq,
                       .payee = payee->id,
                       .agent = hold.who.agent,
                       .amount = amount,
                       .upto = payee->owed});
}

void Payouts::owe(PayeeRow& payee, Change by)
{
    const auto before = std::max(payee.owed, payee.covered);
    payee.owed += by.owed;
    payee.covered += by.covered;
    const auto more = std::max(payee.owed, payee.covered) - before;
    if (more == 0) return;
    auto treasury = rows_.treasury(payee.treasury);
    require(treasury.has_value(), "a payee has a treasury");
    treasury->owed += more;
    rows_.update_treasury(*treasury);
}

Settlement Payouts::settlement_of(std::int64_t hold)
{
    const auto debt = rows_.debt(hold);
    if (!debt) return {};
    // Said without a search through all of its payouts: this is asked after every settlement.
    const auto debtor = rows_.payee(debt->payee);
    require(debtor.has_value(), "a debt has a payee");
    if (debt->upto > debtor->covered) return {.stage = Stage::queued};
    const auto payout = rows_.payout_covering(debt->payee, debt->upto);
    if (!payout) return {.stage = Stage::queued};
    const auto slot = payout->slot == 0 ? std::nullopt : rows_.slot(payout->slot);
    const auto treasury = rows_.treasury(debtor->treasury);
    require(treasury.has_value(), "a payee has a treasury");
    Settlement settlement{
        .stage = stage_of(*payout, *treasury, slot ? &*slot : nullptr, books_.now_),
        .payout = payout->id,
        .reason = payout->reason,
        .tx = payout->tx,
        .block = payout->block};
    if (!slot) return settlement;
    if (settlement.tx.empty()) {
        const auto attempts = rows_.attempts(slot->id);
        if (!attempts.empty()) settlement.tx = as_bytes(attempts.back().hash);
    }
    if (slot->gas_used == 0 || slot->tx != settlement.tx) return settlement;
    settlement.gas_used = slot->gas_used;
    settlement.cost = slot->cost;
    return settlement;
}

void Payouts::note_chain(std::int64_t id, const ChainView& view)
{
    auto row = rows_.treasury(id);
    require(row.has_value(), "a treasury that is looked at is there");
    // A node that lags or lies must not make what was safe unsafe.
    row->latest = view.latest;
    if (row->first_block == 0) row->first_block = view.latest;
    row->safe = std::max(row->safe, view.safe);
    row->finalized = std::max(row->finalized, view.finalized);
    // Nor a balance from before a payment that was seen look like money that is there; but a block
    // that only a liar saw does not count for ever.
    if (view.balance &&
        (view.balance_block >= row->balance_block || books_.now_ - row->seen_at > kBelieveBlock)) {
        for (std::int64_t after = 0;;) {
            const auto found = rows_.payouts_in(PayoutState::included, after, 512);
            if (found.empty()) break;
            after = found.back().id;
            for (auto payout : found) {
                const bool is_seen = payout.block <= view.balance_block;
                if (payout.seen == is_seen || payee_of(payout).treasury != id) continue;
                payout.seen = is_seen;
                row->paid_seen += is_seen ? payout.value : -payout.value;
                rows_.update_payout(payout);
            }
        }
        row->balance = *view.balance;
        row->balance_block = view.balance_block;
        row->seen_at = books_.now_;
    }
    rows_.update_treasury(*row);
}

PayeeRow Payouts::payee_of(const PayoutRow& row)
{
    auto payee = rows_.payee(row.payee);
    require(payee.has_value(), "a payout has a payee");
    return *payee;
}

void Payouts::put(PayoutRow& row, PayoutState state)
{
    row.state = state;
    row.changed_at = books_.now_;
    if (state != PayoutState::held) row.reason.clear();
    rows_.update_payout(row);
}

std::int64_t Payouts::note(std::string_view kind, const PayoutRow& row, const PayeeRow& payee)
{
    // What it cost: of the whole transaction, which may have paid others too.
    const auto slot = row.block == 0 || row.slot == 0 ? std::nullopt : rows_.slot(row.slot);
    const bool has_cost = slot && slot->tx == row.tx && slot->gas_used != 0;
    EntryWriter entry;
    entry.time("at", books_.now_);
    if (row.block != 0) entry.number("block", row.block);
    entry.text_if("blockHash", row.block_hash.empty() ? "" : "0x" + to_hex(row.block_hash));
    if (has_cost) entry.text("costWei", slot->cost).number("gasUsed", slot->gas_used);
    entry.number("k", row.k).text("kind", kind);
    entry.text("nonce", "0x" + to_hex(as_bytes(row.nonce))).text("payee", payee.address);
    entry.number("payout", row.id).text_if("reason", row.reason);
    entry.number("seq", books_.next_seq());
    entry.text_if("tx", row.tx.empty() ? "" : "0x" + to_hex(row.tx));
    entry.money("value", Money::from_micro(row.value));
    return books_.write(entry.take());
}

std::optional<PayoutRow> Payouts::reserve(std::int64_t payee_id, std::int64_t value,
                                          const Digest& nonce)
{
    auto payee = rows_.payee(payee_id);
    if (!payee || payee->pending != 0 || value <= 0 || value > kPayoutMax ||
        value > payee->uncovered())
        return std::nullopt;
    PayoutRow row{.payee = payee_id,
                  .k = payee->next_k,
                  .value = value,
                  .asked = value,
                  .start = payee->covered,
                  .nonce = nonce,
                  .created_at = books_.now_,
                  .changed_at = books_.now_};
    row.id = rows_.insert_payout(row);
    ++payee->next_k;
    payee->covered += value;
    payee->pending = row.id;
    rows_.update_payee(*payee);
    note("payout_queued", row, *payee);
    return row;
}

bool Payouts::authorize(std::int64_t id, std::int64_t valid_before, std::string_view signature)
{
    auto row = rows_.payout(id);
    if (!row || row->state != PayoutState::queued) return false;
    require(signature.size() == 65, "an authorization is signed by r, s and v");
    row->valid_before = valid_before;
    row->signature = signature;
    put(*row, PayoutState::signed_);
    return true;
}

bool Payouts::hold(std::int64_t id, std::string_view reason, std::string_view detail)
{
    auto row = rows_.payout(id);
    if (!row || !is_open(*row)) return false;
    if (row->state == PayoutState::held && row->reason == reason) return true;
    // What carries it may still be mined; its number is then closed by nothing.
    row->slot = 0;
    row->reason = reason;
    const auto payee = payee_of(*row);
    put(*row, PayoutState::held);
    EntryWriter entry;
    entry.time("at", books_.now_).text("detail", detail).text("kind", "payout_held");
    entry.text("payee", payee.address).number("payout", row->id).text("reason", reason);
    entry.number("seq", books_.next_seq()).money("value", Money::from_micro(row->value));
    books_.write(entry.take());
    return true;
}

bool Payouts::release(std::int64_t id)
{
    auto row = rows_.payout(id);
    if (!row || row->state != PayoutState::held) return false;
    row->slot = 0;
    put(*row, row->signature.empty() ? PayoutState::queued : PayoutState::signed_);
    note("payout_released", *row, payee_of(*row));
    return true;
}

void Payouts::shift_later(const PayoutRow& row, std::int64_t by)
{
    for (auto later : rows_.payouts_of(row.payee, row.k + 1, kLaterMax)) {
        if (later.is_dead()) continue;
        later.start += by;
        rows_.update_payout(later);
    }
}

void Payouts::resize(PayoutRow& row, PayeeRow& payee, std::int64_t value)
{
    const auto more = value - row.value;
    if (more == 0) return;
    shift_later(row, more);
    owe(payee, {.covered = more});
    row.value = value;
}

bool Payouts::include(std::int64_t id, const FoundAt& at, std::int64_t value)
{
    auto row = rows_.payout(id);
    if (!row || !is_open(*row) || value <= 0 || value > kPayoutMax) return false;
    auto payee = payee_of(*row);
    const auto more = value - row->value;
    if (more != 0) {
        // A ledger older than the chain: an authorization signed before it was restored was for
        // another amount. What the chain moved is what counts.
        resize(*row, payee, value);
        payee.pending = id;
    } else if (payee.pending == id) {
        payee.pending = 0;
    }
    payee.included += value;
    rows_.update_payee(payee);
    row->tx = at.tx;
    row->block = at.block;
    row->block_hash = at.block_hash;
    row->seen = false;
    put(*row, PayoutState::included);
    note(more == 0 ? "payout_included" : "payout_included_other_amount", *row, payee);
    return true;
}

void Payouts::unsee(PayoutRow& row, const PayeeRow& payee)
{
    if (!row.seen) return;
    auto treasury = rows_.treasury(payee.treasury);
    require(treasury.has_value(), "a payee has a treasury");
    treasury->paid_seen -= row.value;
    rows_.update_treasury(*treasury);
    row.seen = false;
}

bool Payouts::take_back(std::int64_t id)
{
    auto row = rows_.payout(id);
    if (!row || row->state != PayoutState::included) return false;
    auto payee = payee_of(*row);
    payee.included -= row->value;
    if (payee.pending == 0) payee.pending = id;
    unsee(*row, payee);
    note("payout_taken_back", *row, payee);
    resize(*row, payee, row->asked);
    rows_.update_payee(payee);
    row->tx.clear();
    row->block = 0;
    row->block_hash.clear();
    const auto slot = row->slot == 0 ? std::nullopt : rows_.slot(row->slot);
    // Not by one that is mined in a block that is still there: it did not pay.
    const bool is_carried =
        slot && slot->kind != SlotKind::cancel && slot->state == SlotState::live;
    if (!is_carried) row->slot = 0;
    if (is_carried)
        put(*row, PayoutState::sent);
    else
        put(*row, row->signature.empty() ? PayoutState::queued : PayoutState::signed_);
    return true;
}

bool Payouts::finish(std::int64_t id)
{
    auto row = rows_.payout(id);
    if (!row || row->state != PayoutState::included || !row->seen) return false;
    auto payee = payee_of(*row);
    const auto treasury = rows_.treasury(payee.treasury);
    require(treasury.has_value(), "a payee has a treasury");
    payee.paid += row->value;
    if (payee.pending == id) payee.pending = 0;
    rows_.update_payee(payee);
    put(*row, PayoutState::final_);
    const auto seq = note("payout_final", *row, payee);
    books_.transfer(seq, 0, "payee/" + payee.address, "treasury/" + treasury->address, row->value);
    return true;
}

bool Payouts::die(std::int64_t id, PayoutState how)
{
    auto row = rows_.payout(id);
    if (!row || !is_open(*row)) return false;
    auto payee = payee_of(*row);
    owe(payee, {.covered = -row->value});
    if (payee.pending == id) payee.pending = 0;
    payee.waiting_since = std::min(payee.waiting_since, row->created_at);
    rows_.update_payee(payee);
    shift_later(*row, -row->value);
    row->slot = 0;
    put(*row, how);
    require(row->is_dead(), "a payout dies by expiry or cancellation");
    note(how == PayoutState::expired ? "payout_expired" : "payout_canceled", *row, payee);
    return true;
}

std::optional<SlotRow> Payouts::open_slot(const SlotRow& slot, const AttemptRow& first,
                                          std::span<const std::int64_t> payouts)
{
    const auto begins = slot.kind == SlotKind::cancel ? PayoutState::held : PayoutState::signed_;
    std::vector<PayoutRow> carried;
    for (const auto id : payouts) {
        auto row = rows_.payout(id);
        if (!row || row->state != begins) return std::nullopt;
        carried.push_back(std::move(*row));
    }
    const auto last = rows_.last_slot(slot.relayer);
    if (last && last->nonce >= slot.nonce && slot.kind != SlotKind::fill) return std::nullopt;
    // The same bytes again can only be those that fill a number which was believed lost.
    if (const auto known = rows_.attempt_by_hash(first.hash)) return revive(known->slot);
    auto opened = slot;
    opened.created_at = books_.now_;
    opened.id = rows_.insert_slot(opened);
    auto attempt = first;
    attempt.slot = opened.id;
    attempt.version = 1;
    attempt.signed_at = books_.now_;
    rows_.insert_attempt(attempt);
    for (auto& row : carried) {
        row.slot = opened.id;
        if (slot.kind == SlotKind::cancel)
            rows_.update_payout(row);
        else
            put(row, PayoutState::sent);
        auto told = row;
        told.tx = as_bytes(first.hash);
        note(slot.kind == SlotKind::cancel ? "payout_cancel_sent" : "payout_sent", told,
             payee_of(row));
    }
    return opened;
}

std::optional<SlotRow> Payouts::revive(std::int64_t id)
{
    auto row = rows_.slot(id);
    if (!row || row->state != SlotState::lost) return std::nullopt;
    row->state = SlotState::live;
    rows_.update_slot(*row);
    return row;
}

bool Payouts::add_version(std::int64_t slot, const AttemptRow& attempt)
{
    const auto row = rows_.slot(slot);
    if (!row || row->state != SlotState::live || rows_.attempt_by_hash(attempt.hash)) return false;
    const auto versions = rows_.attempts(slot);
    auto next = attempt;
    next.slot = slot;
    next.version = versions.empty() ? 1 : versions.back().version + 1;
    next.signed_at = books_.now_;
    rows_.insert_attempt(next);
    return true;
}

void Payouts::note_accepted(std::int64_t slot)
{
    auto row = rows_.slot(slot);
    if (!row || row->accepted) return;
    row->accepted = true;
    rows_.update_slot(*row);
}

bool Payouts::mine(std::int64_t slot, const FoundAt& at, const GasSpent& gas)
{
    auto row = rows_.slot(slot);
    if (!row || row->state == SlotState::mined || row->state == SlotState::closed) return false;
    row->state = SlotState::mined;
    row->tx = at.tx;
    row->block = at.block;
    row->block_hash = at.block_hash;
    row->gas_used = gas.used;
    row->cost = gas.cost;
    rows_.update_slot(*row);
    return true;
}

bool Payouts::unmine(std::int64_t slot)
{
    auto row = rows_.slot(slot);
    if (!row || row->state != SlotState::mined) return false;
    row->state = SlotState::live;
    row->tx.clear();
    row->block = 0;
    row->block_hash.clear();
    row->gas_used = 0;
    row->cost = "0";
    rows_.update_slot(*row);
    return true;
}

bool Payouts::close(std::int64_t slot)
{
    auto row = rows_.slot(slot);
    if (!row || row->state != SlotState::mined) return false;
    row->state = SlotState::closed;
    rows_.update_slot(*row);
    return true;
}

bool Payouts::lose(std::int64_t slot)
{
    auto row = rows_.slot(slot);
    if (!row || row->state != SlotState::live) return false;
    row->state = SlotState::lost;
    rows_.update_slot(*row);
    for (const auto& payout : rows_.payouts_of_slot(slot)) leave_slot(payout.id);
    return true;
}

bool Payouts::leave_slot(std::int64_t id)
{
    auto row = rows_.payout(id);
    if (!row || row->slot == 0) return false;
    if (row->state != PayoutState::sent && row->state != PayoutState::held) return false;
    row->slot = 0;
    if (row->state == PayoutState::held)
        rows_.update_payout(*row);
    else
        put(*row, PayoutState::signed_);
    return true;
}

}  // namespace purse
