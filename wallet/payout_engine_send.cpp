// SPDX-License-Identifier: Apache-2.0
// From a debt to a transaction in every pool: reserve, sign, try it out, store, send.
#include <algorithm>
#include <functional>

#include "wallet/calls.hpp"
#include "wallet/payout_engine.hpp"

namespace purse {

namespace {
constexpr std::size_t kPayeesPerRound = 500;
// Of one relayer: what every pool takes from one sender.
constexpr std::size_t kLiveSlotsMax = 16;
// How many numbers of a payee may have died in a row in what a ledger has forgotten.
constexpr std::int64_t kLookAhead = 8;
// Seconds that an authorization must still be good for to be sent.
constexpr std::uint64_t kTimeToBeMined = 60;
// How long a payout that was refused waits before it is tried again.
constexpr Span kTryAgain = Span::seconds(5);
// A relayer that has less than this many times the price of a payout is running out.
constexpr unsigned kGasReserve = 200;

std::string packed(const Signature& signature)
{
    std::string bytes{as_bytes(signature.r)};
    bytes += as_bytes(signature.s);
    bytes += static_cast<char>(signature.v);
    return bytes;
}

std::optional<Signature> unpacked(const std::string& bytes)
{
    if (bytes.size() != 65) return std::nullopt;
    const std::string_view view{bytes};
    const auto r = to_digest(view.substr(0, 32));
    const auto s = to_digest(view.substr(32, 32));
    if (!r || !s) return std::nullopt;
    return Signature{.r = *r, .s = *s, .v = static_cast<std::uint8_t>(bytes.back())};
}

struct Trouble {
    const char* code;  ///< empty: wait, the chain will show
    std::string detail;
};

/// What a revert means for a payout. None of them says that nothing was paid: that is asked first.
Trouble trouble_of(const std::string& reason)
{
    const auto has = [&](std::string_view word) { return reason.find(word) != std::string::npos; };
    if (has("used or canceled") || has("expired")) return {.code = "", .detail = {}};
    if (has("paused")) return {.code = "token_paused", .detail = "the token is paused"};
    if (has("lacklist"))
        return {.code = "blacklisted",
                .detail = "the token's issuer has blacklisted the payee or the treasury"};
    if (has("exceeds balance"))
        return {.code = "no_funds", .detail = "the treasury does not hold enough USDC"};
    if (has("invalid signature"))
        return {.code = "signature_refused",
                .detail =
                    "the token does not take the treasury's signature: is its account "
                    "delegated (EIP-7702)?"};
    return {.code = "refused", .detail = "the token refuses it: " + reason};
}

bool is_due(const PayTime& when, Money owed, Span waiting)
{
    return when.is_immediate() || (when.threshold && owed >= *when.threshold) ||
           (when.every && waiting >= *when.every);
}

bool is_temporary(const std::string& reason)
{
    return reason != "operator" && reason != "canceling";
}
}  // namespace

void PayoutEngine::reserve()
{
    bool has_reserved = false;
    ports_.books.transact([&](Books& books) {
        has_reserved = false;
        Payouts payouts{books};
        const auto waiting =
            payouts.rows().waiting_payees(treasury_id_, payees_after_, kPayeesPerRound);
        payees_after_ = waiting.size() < kPayeesPerRound ? 0 : waiting.back().id;
        for (const auto& row : waiting) {
            const auto payee = parse_address(row.address);
            const auto owed = Money::from_micro(std::min(row.uncovered(), kPayoutMax));
            if (!payee || !is_due(rule_of(*payee).when, owed, payouts.now() - row.waiting_since))
                continue;
            const auto nonce = nonce_of(*payee, row.next_k);
            if (payouts.reserve(row.id, owed.micro(), nonce)) has_reserved = true;
        }
    });
    if (has_reserved) ports_.watcher.pass("reserved");
}

Digest PayoutEngine::nonce_of(const Address& payee, std::int64_t k) const
{
    return payout_nonce({.ledger = settings_.ledger,
                         .chain_id = settings_.domain.chain_id,
                         .token = settings_.domain.contract,
                         .treasury = treasury_,
                         .payee = payee,
                         .k = static_cast<std::uint64_t>(k)});
}

// Of payouts that are to be signed, those whose payee was paid under a number that this ledger has
// not come to: an older copy was put back, and has forgotten that this number died and what came
// after it. Its debts may all be paid. The number is cancelled, so that it is sure to be dead, and
// what came after it is found one by one.
std::vector<bool> PayoutEngine::overtaken_ones(std::span<const PayoutRow> queued)
{
    std::vector<PayoutRow> later;
    for (const auto& row : queued) {
        const auto& payee = sight_.payees.at(row.payee);
        const auto address = parse_address(payee.address).value_or(Address{});
        for (std::int64_t ahead = 0; ahead < kLookAhead; ++ahead) {
            later.emplace_back();
            later.back().nonce = nonce_of(address, payee.next_k + ahead);
        }
    }
    const auto answers = ports_.nodes.all(
        enough(), [&](Node& node) { return used_states(node, later, std::nullopt); });
    // Where nobody answers nothing is signed; nor where one node says so, which may lie.
    std::vector<bool> waits(queued.size(), answers.empty());
    std::vector<std::int64_t> overtaken;
    for (std::size_t i = 0; i < later.size(); ++i) {
        const auto votes =
            std::ranges::count_if(answers, [&](const std::vector<bool>& one) { return one[i]; });
        const auto of = i / static_cast<std::size_t>(kLookAhead);
        if (votes > 0) waits[of] = true;
        if (votes > 0 && static_cast<std::size_t>(votes) >= enough())
            overtaken.push_back(queued[of].id);
    }
    if (overtaken.empty()) return waits;
    for (const auto id : overtaken)
        warn("overtaken",
             "payout " + std::to_string(id) +
                 " is not signed: the chain has paid a later one of its payee, so this "
                 "ledger is an older copy; its number is cancelled");
    ports_.books.transact([&](Books& books) {
        for (const auto id : overtaken) {
            Payouts payouts{books};
            const auto row = payouts.rows().payout(id);
            if (row && row->state == PayoutState::queued)
                payouts.hold(id, "canceling",
                             "the chain has paid a later number of this payee: this ledger is an "
                             "older copy");
        }
    });
    return waits;
}

void PayoutEngine::authorize()
{
    std::vector<PayoutRow> queued;
    for (const auto& row : sight_.open)
        if (row.state == PayoutState::queued) queued.push_back(row);
    if (queued.empty()) return;
    // A ledger that was restored may have used these numbers before.
    const auto used =
        ports_.nodes.first([&](Node& node) { return used_states(node, queued, std::nullopt); });
    if (!used) return;
    const auto waits = overtaken_ones(queued);
    const auto valid_before =
        heads_.latest.timestamp + static_cast<std::uint64_t>(settings_.valid_for.us / 1'000'000);
    std::vector<std::pair<std::int64_t, std::string>> signatures;
    for (std::size_t i = 0; i < queued.size(); ++i) {
        if ((*used)[i] || waits[i]) continue;  // found by the next round's search
        const auto& row = queued[i];
        const auto to = parse_address(sight_.payees.at(row.payee).address);
        if (!to) continue;
        const auto signature = ports_.treasury.sign(
            settings_.domain, Authorization{.from = treasury_,
                                            .to = *to,
                                            .value = Money::from_micro(row.value),
                                            .valid_after = 0,
                                            .valid_before = valid_before,
                                            .nonce = row.nonce});
        if (!signature) return warn("treasury_signer", signature.error().what);
        signatures.emplace_back(row.id, packed(*signature));
    }
    if (signatures.empty()) return;
    ports_.books.transact([&](Books& books) {
        Payouts payouts{books};
        for (const auto& [id, signature] : signatures)
            payouts.authorize(id, static_cast<std::int64_t>(valid_before), signature);
    });
    ports_.watcher.pass("signed");
    load();
}

// How many transactions of a relayer are mined, as far as enough nodes have seen: on one node's
// word no number is passed over, for those that are can only be filled one by one.
std::optional<std::uint64_t> PayoutEngine::agreed_count(const Address& relayer,
                                                        std::uint64_t stored)
{
    auto counts = ports_.nodes.all(
        enough(), [&](Node& node) { return node.transaction_count(relayer, std::nullopt); });
    if (counts.empty()) return std::nullopt;
    std::ranges::sort(counts, std::greater{});
    if (counts.size() >= enough()) return counts[enough() - 1];
    if (counts.front() > stored) return std::nullopt;
    return counts.front();
}

std::vector<PayoutEngine::RelayerView> PayoutEngine::look_at_relayers()
{
    std::vector<RelayerView> views;
    std::map<std::string, std::int64_t> last;
    ports_.books.transact([&](Books& books) {
        auto& rows = Payouts{books}.rows();
        for (auto* signer : ports_.relayers) {
            const auto address = to_string(signer->address());
            const auto slot = rows.last_slot(address);
            last[address] = slot ? slot->nonce : -1;
        }
    });
    const auto fees = fees_now();
    for (auto* signer : ports_.relayers) {
        const auto account = signer->address();
        RelayerView view{.signer = signer, .address = to_string(account)};
        const auto stored = static_cast<std::uint64_t>(last[view.address] + 1);
        const auto count = agreed_count(account, stored);
        const auto funds = ports_.nodes.first([&](Node& node) { return node.balance(account); });
        if (!count || !funds) continue;
        if (*count > stored && stored > 0)
            warn("relayer_foreign_use",
                 "the chain counts " + std::to_string(*count) + " transactions of relayer " +
                     view.address + ", this ledger " + std::to_string(stored) +
                     ": is its key used elsewhere, or the ledger an older copy?");
        view.count = *count;
        view.next_nonce = std::max(*count, stored);
        view.funds = *funds;
        for (const auto& slot : sight_.live) {
            if (slot.row.relayer != view.address) continue;
            ++view.live;
            if (!slot.attempts.empty()) view.promised += cost_of(slot.attempts.back());
        }
        const auto price = fees ? fees->max_fee * kPayGas : Wei{0};
        view.is_funded = view.funds >= price && view.funds > 0;
        if (!view.is_funded)
            warn("no_gas", "relayer " + view.address + " has " + to_decimal(view.funds) +
                               " wei, too little for one payout");
        else if (view.funds < kGasReserve * price)
            warn("gas_low", "relayer " + view.address + " has " + to_decimal(view.funds) +
                                " wei, enough for fewer than " + std::to_string(kGasReserve) +
                                " payouts");
        views.push_back(std::move(view));
    }
    return views;
}

std::optional<Fees> PayoutEngine::fees_now()
{
    if (!quote_) {
        const auto quote = ports_.nodes.first([](Node& node) { return node.fee_quote(); });
        if (!quote) return std::nullopt;
        quote_ = *quote;
    }
    const auto fees = market_fees(*quote_, settings_.max_fee);
    if (!fees)
        warn("fee_ceiling", "the chain asks " + to_decimal(quote_->base_fee + quote_->tip) +
                                " wei a unit of gas, above the ceiling of " +
                                to_decimal(settings_.max_fee));
    return fees;
}

std::string PayoutEngine::payload(SlotKind kind, std::span<const PayoutRow> payouts) const
{
    std::vector<std::string> calls;
    for (const auto& row : payouts) {
        const auto to = parse_address(sight_.payees.at(row.payee).address);
        const auto signature = unpacked(row.signature);
        if (!to || !signature) return {};
        calls.push_back(
            encode_transfer({.from = treasury_,
                             .to = *to,
                             .value = Money::from_micro(row.value),
                             .valid_after = 0,
                             .valid_before = static_cast<std::uint64_t>(row.valid_before),
                             .nonce = row.nonce},
                            *signature));
    }
    return kind == SlotKind::batch ? encode_batch(settings_.domain.contract, calls) : calls.front();
}

bool PayoutEngine::may_be_sent(const PayoutRow& row)
{
    const bool is_turn = row.state == PayoutState::signed_ ||
                         (row.state == PayoutState::held && is_temporary(row.reason) &&
                          sight_.now - checked_at_[row.id] >= std::min(kTryAgain, settings_.bump));
    return is_turn && !row.signature.empty() &&
           static_cast<std::uint64_t>(row.valid_before) >= heads_.latest.timestamp + kTimeToBeMined;
}

// Which payouts can be sent now. The others are held with their reason, and held ones whose reason
// is gone are released.
std::vector<PayoutRow> PayoutEngine::preflight(const std::vector<RelayerView>& relayers)
{
    std::vector<PayoutRow> tried;
    for (const auto& row : sight_.open)
        if (may_be_sent(row)) tried.push_back(row);
    if (tried.empty()) return {};
    std::vector<std::string> calls;
    for (const auto& row : tried) calls.push_back(payload(SlotKind::pay, std::span{&row, 1}));
    const auto results =
        ports_.nodes.first([&](Node& node) { return token_calls(node, calls, std::nullopt); });
    if (!results) return {};

    const bool has_gas = std::ranges::any_of(relayers, &RelayerView::is_funded);
    // What the balance does not show yet is as good as gone.
    auto free = sight_.treasury.balance - settings_.floor.micro();
    for (const auto& row : sight_.included)
        if (!row.seen) free -= row.value;
    for (const auto& row : sight_.open)
        if (row.state == PayoutState::sent) free -= row.value;

    std::vector<PayoutRow> good;
    std::vector<std::int64_t> released;
    std::vector<std::pair<std::int64_t, Trouble>> held;
    for (std::size_t i = 0; i < tried.size(); ++i) {
        const auto& row = tried[i];
        checked_at_[row.id] = sight_.now;
        if ((*results)[i].reverted) {
            auto trouble = trouble_of((*results)[i].reason);
            if (*trouble.code != '\0') held.emplace_back(row.id, std::move(trouble));
        } else if (row.value > free) {
            held.emplace_back(row.id, Trouble{.code = "no_funds",
                                              .detail = "the treasury does not hold enough USDC"});
        } else if (!has_gas) {
            if (!relayers.empty())
                held.emplace_back(
                    row.id, Trouble{.code = "no_gas", .detail = "no relayer has ether for gas"});
        } else {
            free -= row.value;
            if (row.state == PayoutState::held) released.push_back(row.id);
            good.push_back(row);
        }
    }
    if (!held.empty() || !released.empty())
        ports_.books.transact([&](Books& books) {
            Payouts payouts{books};
            for (const auto& [id, trouble] : held) payouts.hold(id, trouble.code, trouble.detail);
            for (const auto id : released) payouts.release(id);
        });
    for (const auto& [id, trouble] : held)
        warn(trouble.code, "payout " + std::to_string(id) + " is held: " + trouble.detail);
    ports_.watcher.pass("preflighted");
    return good;
}

// What a transaction of this kind is to do for these payouts. Nothing: the treasury did not sign.
std::optional<PayoutEngine::Content> PayoutEngine::content_of(SlotKind kind,
                                                              std::span<const PayoutRow> payouts,
                                                              const RelayerView& relayer)
{
    const auto& token = settings_.domain.contract;
    switch (kind) {
        case SlotKind::pay:
            return Content{.to = token, .data = payload(kind, payouts), .gas = kPayGas};
        case SlotKind::batch:
            return Content{.to = multicall3(),
                           .data = payload(kind, payouts),
                           .gas = batch_gas(payouts.size())};
        case SlotKind::fill: break;
        case SlotKind::cancel: {
            const Cancellation order{.authorizer = treasury_, .nonce = payouts.front().nonce};
            const auto signature = ports_.treasury.sign(settings_.domain, order);
            if (signature)
                return Content{
                    .to = token, .data = encode_cancel(order, *signature), .gas = kCancelGas};
            warn("treasury_signer", signature.error().what);
            return std::nullopt;
        }
    }
    return Content{.to = relayer.signer->address(), .data = {}, .gas = kEmptyGas};
}

std::optional<AttemptRow> PayoutEngine::signed_attempt(RelayerView& relayer, std::int64_t number,
                                                       const Content& content, const Fees& fees)
{
    const auto signed_one = relayer.signer->sign({.chain_id = settings_.domain.chain_id,
                                                  .nonce = static_cast<std::uint64_t>(number),
                                                  .max_priority_fee = fees.tip,
                                                  .max_fee = fees.max_fee,
                                                  .gas_limit = content.gas,
                                                  .to = content.to,
                                                  .data = content.data});
    if (!signed_one) {
        warn("relayer_signer", signed_one.error().what);
        return std::nullopt;
    }
    return AttemptRow{.hash = signed_one->hash,
                      .raw = signed_one->raw,
                      .max_fee = to_decimal(fees.max_fee),
                      .tip = to_decimal(fees.tip),
                      .gas = static_cast<std::int64_t>(content.gas)};
}

std::optional<PayoutEngine::Draft> PayoutEngine::draft(RelayerView& relayer, std::uint64_t number,
                                                       SlotKind kind,
                                                       std::span<const PayoutRow> payouts,
                                                       const Fees& fees)
{
    const auto content = content_of(kind, payouts, relayer);
    if (!content) return std::nullopt;
    SlotRow slot{
        .relayer = relayer.address, .nonce = static_cast<std::int64_t>(number), .kind = kind};
    auto attempt = signed_attempt(relayer, slot.nonce, *content, fees);
    if (!attempt) return std::nullopt;
    Draft draft{.slot = std::move(slot), .attempt = std::move(*attempt), .payouts = {}};
    for (const auto& row : payouts) draft.payouts.push_back(row.id);
    return draft;
}

// A draft at the relayer's next number, which is then taken.
std::optional<PayoutEngine::Draft> PayoutEngine::next_draft(RelayerView& relayer, SlotKind kind,
                                                            std::span<const PayoutRow> payouts,
                                                            const Fees& fees)
{
    auto next = draft(relayer, relayer.next_nonce, kind, payouts, fees);
    if (!next) return std::nullopt;
    ++relayer.next_nonce;
    ++relayer.live;
    relayer.promised += cost_of(next->attempt);
    return next;
}

void PayoutEngine::preflight_and_send()
{
    const auto good = preflight(relayers_);
    const auto fees = good.empty() ? std::nullopt : fees_now();
    if (!fees) return;
    std::vector<Draft> drafts;
    for (std::size_t i = 0; i < good.size();) {
        RelayerView* best = nullptr;
        for (auto& relayer : relayers_) {
            if (relayer.free() < fees->max_fee * kPayGas || relayer.live >= kLiveSlotsMax) continue;
            if (best == nullptr || relayer.live < best->live) best = &relayer;
        }
        if (best == nullptr) break;
        // No more than its ether is good for: no pool takes the rest.
        auto size = std::min(settings_.has_multicall ? kBatchMax : 1, good.size() - i);
        while (size > 1 && best->free() < fees->max_fee * batch_gas(size)) --size;
        const auto part = std::span{good}.subspan(i, size);
        auto one = next_draft(*best, size > 1 ? SlotKind::batch : SlotKind::pay, part, *fees);
        if (!one) break;
        drafts.push_back(std::move(*one));
        i += size;
    }
    store_and_send(std::move(drafts));
}

void PayoutEngine::store_and_send(std::vector<Draft> drafts)
{
    if (drafts.empty()) return;
    std::vector<std::pair<SlotRow, AttemptRow>> stored;
    ports_.books.transact([&](Books& books) {
        stored.clear();
        Payouts payouts{books};
        for (const auto& one : drafts) {
            const auto slot = payouts.open_slot(one.slot, one.attempt, one.payouts);
            // The numbers after it would leave a gap.
            if (!slot) break;
            stored.emplace_back(*slot, one.attempt);
        }
    });
    ports_.watcher.pass("attempt_stored");
    for (const auto& [slot, attempt] : stored) broadcast(slot, attempt);
    ports_.watcher.pass("broadcast");
}

Wei PayoutEngine::cost_of(const AttemptRow& attempt)
{
    return parse_decimal(attempt.max_fee).value_or(0) * static_cast<Wei>(attempt.gas);
}

void PayoutEngine::broadcast(const SlotRow& slot, const AttemptRow& attempt)
{
    sent_at_[slot.id] = sight_.now;
    for (const auto& answer : ports_.nodes.send_to_all(attempt.raw)) {
        if (!answer) continue;  // unknown: the same bytes are sent again until the chain shows
        switch (answer->outcome) {
            case SendOutcome::accepted:
            case SendOutcome::known_already:
                if (!slot.accepted) accepted_.insert(slot.id);
                break;
            case SendOutcome::insufficient_funds:
                warn("no_gas", "relayer " + slot.relayer + ": " + answer->what);
                break;
            case SendOutcome::rejected:
                warn("rejected", "a node refuses a transaction: " + answer->what);
                break;
            // Each mends itself: by a receipt, by raising the fee, by waiting, by filling a gap.
            case SendOutcome::nonce_too_low:
            case SendOutcome::underpriced_replacement:
            case SendOutcome::nonce_too_high:
            case SendOutcome::fee_too_low:
            case SendOutcome::pool_full: break;
        }
    }
}

// What an operator asked to cancel: the cancellation goes the way of a payout.
void PayoutEngine::cancel()
{
    for (const auto& row : sight_.open) {
        if (row.state != PayoutState::held || row.reason != "canceling") continue;
        if (canceled_in_.contains(row.id) || cancellation_of(row) != nullptr) continue;
        const auto fees = fees_now();
        if (!fees) return;
        const auto relayer = std::ranges::find_if(relayers_, [&](const RelayerView& view) {
            return view.free() >= fees->max_fee * kCancelGas && view.live < kLiveSlotsMax;
        });
        if (relayer == relayers_.end()) return;
        auto one = next_draft(*relayer, SlotKind::cancel, std::span{&row, 1}, *fees);
        if (!one) return;
        store_and_send({std::move(*one)});
    }
}

// The transaction that cancels it, on its way or mined; one that was to pay it is none.
const SlotRow* PayoutEngine::cancellation_of(const PayoutRow& row) const
{
    const auto is_it = [&](const SlotRow& slot) {
        return slot.id == row.slot && slot.kind == SlotKind::cancel;
    };
    for (const auto& live : sight_.live)
        if (is_it(live.row)) return &live.row;
    const auto mined = std::ranges::find_if(sight_.mined, is_it);
    return mined == sight_.mined.end() ? nullptr : &*mined;
}

}  // namespace purse
