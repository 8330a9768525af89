// SPDX-License-Identifier: Apache-2.0
// The ledger's rules for debts on their way to payees. Every step of a payout is one call here,
// and nothing moves that is not in the state the step begins from.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ledger/hold.hpp"
#include "ledger/payout_rows.hpp"

namespace purse {

class Books;

/// Where on the chain something was found.
struct FoundAt {
    std::string tx;  ///< 32 bytes
    std::int64_t block = 0;
    std::string block_hash;  ///< 32 bytes
};

/// What a mined transaction cost.
struct GasSpent {
    std::int64_t used = 0;
    std::string cost;  ///< wei, decimal
};

/// The most that one payout may be, micro-USDC: 10^9 USDC, so that sums of what nodes say fit.
inline constexpr std::int64_t kPayoutMax = 1'000'000'000'000'000;

/// What was last seen of a chain.
struct ChainView {
    std::int64_t latest = 0;
    std::int64_t safe = 0;
    std::int64_t finalized = 0;
    std::optional<std::int64_t> balance;  ///< of the treasury at `balance_block`; nothing: not read
    std::int64_t balance_block = 0;
};

/// One transaction's view of the payouts. A step returns false, and does nothing, when the payout
/// is not where the step begins: another process or a person was faster.
class Payouts {
public:
    explicit Payouts(Books& books);

    PayoutRows& rows() noexcept { return rows_; }
    Instant now() const noexcept;

    /// The treasury's row; made when there is none.
    TreasuryRow open_treasury(std::int64_t chain, std::string_view token, std::string_view address);
    void book_debt(const Hold& hold, std::int64_t seq, std::int64_t treasury);
    Settlement settlement_of(std::int64_t hold);
    void note_chain(std::int64_t treasury, const ChainView& view);

    // The way of a payout.

    /// A new payout of `value` to a payee that has none pending. Nothing: there is one, or the
    /// payee is not owed so much.
    std::optional<PayoutRow> reserve(std::int64_t payee, std::int64_t value, const Digest& nonce);
    /// queued -> signed.
    bool authorize(std::int64_t id, std::int64_t valid_before, std::string_view signature);
    /// queued, signed, sent or held -> held. `detail` is a sentence for a person.
    bool hold(std::int64_t id, std::string_view reason, std::string_view detail);
    /// held -> signed, or queued when nothing was signed.
    bool release(std::int64_t id);
    /// Any state but included, final and dead -> included, with what the chain moved (above 0, at
    /// most kPayoutMax). When that is not what was asked, the payee's next payout waits until it is
    /// final: else one node's word could have the rest paid a second time.
    bool include(std::int64_t id, const FoundAt& at, std::int64_t value);
    /// included -> sent, or signed, or queued: the block is gone, and with it what it said was
    /// moved.
    bool take_back(std::int64_t id);
    /// included -> final: the books are closed. False, too, while the balance does not show it.
    bool finish(std::int64_t id);
    /// Any state but included, final and dead -> expired or canceled: the debt is owed again.
    bool die(std::int64_t id, PayoutState how);

    // The way of a transaction.

    /// A new slot with its first version; signed payouts -> sent. Nothing: one of them is not
    /// signed any more, or the number is taken.
    std::optional<SlotRow> open_slot(const SlotRow& slot, const AttemptRow& first,
                                     std::span<const std::int64_t> payouts);
    /// Another version of a live slot.
    bool add_version(std::int64_t slot, const AttemptRow& attempt);
    void note_accepted(std::int64_t slot);
    /// live -> mined. What it carries is included or leaves it by calls of their own.
    bool mine(std::int64_t slot, const FoundAt& at, const GasSpent& gas);
    /// mined -> live: the block is gone.
    bool unmine(std::int64_t slot);
    /// mined -> closed.
    bool close(std::int64_t slot);
    /// live -> lost; what it carried -> signed.
    bool lose(std::int64_t slot);
    /// sent -> signed: its transaction does not pay it, or no more. One that is held stays held.
    bool leave_slot(std::int64_t id);

private:
    struct Change {
        std::int64_t owed = 0;
        std::int64_t covered = 0;
    };
    PayeeRow payee_of(const PayoutRow& row);
    /// Changes a payee's sums, and with them what its treasury has to pay in the end: debts, and
    /// what was paid beyond them, which must not count for the debts to others.
    void owe(PayeeRow& payee, Change by);
    /// Moves the payouts that come after one whose share of the debts has changed.
    void shift_later(const PayoutRow& row, std::int64_t by);
    void resize(PayoutRow& row, PayeeRow& payee, std::int64_t value);
    std::optional<SlotRow> revive(std::int64_t slot);
    void unsee(PayoutRow& row, const PayeeRow& payee);
    void put(PayoutRow& row, PayoutState state);
    std::int64_t note(std::string_view kind, const PayoutRow& row, const PayeeRow& payee);

    Books& books_;
    PayoutRows& rows_;
};

}  // namespace purse
