// SPDX-License-Identifier: Apache-2.0
// Rows of debts on their way to payees: treasuries, payees, debts, payouts, and the relayers'
// transactions that carry them. Accounts and hashes are as the chain has them; meaning is the
// wallet's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/clock.hpp"
#include "ledger/hash.hpp"

namespace purse {

/// An account that pays, of one token on one chain, and what was last seen of both.
struct TreasuryRow {
    std::int64_t id = 0;
    std::int64_t chain = 0;
    std::string token;
    std::string address;
    std::int64_t balance = 0;        ///< micro-USDC, at `balance_block`
    std::int64_t balance_block = 0;  ///< 0: never seen
    /// Payouts that the balance shows already, micro-USDC: balance + paid_seen is all the money
    /// that ever was there to pay with.
    std::int64_t paid_seen = 0;
    std::int64_t owed = 0;         ///< all debts ever and what payees got beyond theirs, micro-USDC
    std::int64_t first_block = 0;  ///< the latest one when this treasury was first seen
    std::int64_t latest = 0;       ///< highest block numbers seen
    std::int64_t safe = 0;         ///<
    std::int64_t finalized = 0;    ///<
    Instant seen_at;               ///< when the balance was read
};

/// One who is owed by one treasury. Sums are micro-USDC and only rise, but for `covered` and
/// `included`, which fall when a payout dies or its block is taken back.
struct PayeeRow {
    std::int64_t id = 0;
    std::int64_t treasury = 0;
    std::string address;
    std::int64_t owed = 0;      ///< all debts ever
    std::int64_t covered = 0;   ///< by payouts that are not dead
    std::int64_t included = 0;  ///< by payouts in a block
    std::int64_t paid = 0;      ///< by payouts that are final
    std::int64_t next_k = 0;    ///< number of the next payout
    /// Payout that the next one waits for, at most one; 0: none. It is in no block yet, or the
    /// block says another amount than was asked: that is believed only when it is final.
    std::int64_t pending = 0;
    Instant waiting_since;  ///< when the oldest debt that is not covered was booked

    /// Below zero: more was paid than is owed (a ledger older than the chain); later debts use it
    /// up.
    std::int64_t uncovered() const noexcept { return owed - covered; }
};

/// What one settlement owes.
struct DebtRow {
    std::int64_t hold = 0;
    std::int64_t seq = 0;  ///< the journal entry that booked it
    std::int64_t payee = 0;
    std::string agent;
    std::int64_t amount = 0;
    std::int64_t upto = 0;  ///< all debts to this payee up to and with this one
};

enum class PayoutState : std::uint8_t {
    queued = 0,    ///< has its nonce; nothing is signed
    signed_ = 1,   ///< its authorization is signed and stored
    sent = 2,      ///< in a relayer's transaction, which is stored and was or will be sent
    included = 3,  ///< its authorization is used in a block
    final_ = 4,    ///< ... in a block that cannot be taken back
    held = 5,      ///< waits for a person or for something to change: `reason`
    expired = 6,   ///< can never be used any more; the debt is owed again
    canceled = 7,  ///< the same, by cancellation
};

/// "queued", "signed", "sent", "included", "final", "held", "expired", "canceled".
std::string_view wire_name(PayoutState state) noexcept;

struct PayoutRow {
    std::int64_t id = 0;
    std::int64_t payee = 0;
    std::int64_t k = 0;
    std::int64_t value = 0;  ///< micro-USDC; while included and final: what the chain moved
    std::int64_t asked = 0;  ///< what is signed for: no node's word changes it
    std::int64_t start = 0;  ///< covers the payee's debts from here to start + value
    Digest nonce{};
    std::int64_t valid_before = 0;  ///< seconds since 1970
    std::string signature;          ///< 65 bytes r, s, v; empty before it is signed
    PayoutState state = PayoutState::queued;
    std::string reason;      ///< of held: a code
    std::int64_t slot = 0;   ///< which transaction carries it; 0: none of ours
    std::string tx;          ///< included: 32 bytes
    std::int64_t block = 0;  ///< included
    std::string block_hash;  ///< included: 32 bytes
    bool seen = false;       ///< the treasury's balance shows it
    Instant created_at;
    Instant changed_at;

    bool is_dead() const noexcept
    {
        return state == PayoutState::expired || state == PayoutState::canceled;
    }
};

enum class SlotKind : std::uint8_t {
    pay = 0,     ///< one payout
    batch = 1,   ///< several, each for itself
    cancel = 2,  ///< cancels an authorization
    fill = 3,    ///< nothing but its number: a transaction that held it is gone from the chain
};

/// "pay", "batch", "cancel", "fill".
std::string_view wire_name(SlotKind kind) noexcept;

enum class SlotState : std::uint8_t {
    live = 0,    ///< may be mined
    mined = 1,   ///< in a block
    closed = 2,  ///< in a block that cannot be taken back
    lost = 3,    ///< its number was used by a transaction that is none of ours
};

/// One number of one relayer's account, and what became of it.
struct SlotRow {
    std::int64_t id = 0;
    std::string relayer;
    std::int64_t nonce = 0;
    SlotKind kind = SlotKind::pay;
    SlotState state = SlotState::live;
    std::string tx;  ///< mined: 32 bytes
    std::int64_t block = 0;
    std::string block_hash;
    std::int64_t gas_used = 0;
    std::string cost = "0";  ///< wei, decimal: gas and, on a rollup, the fee of the layer below
    bool accepted = false;   ///< a node has said that it has it
    Instant created_at;
};

/// How far the money of one settlement has come.
enum class Stage : std::uint8_t {
    booked,     ///< the book rail: the ledger's entry is the settlement
    queued,     ///< owed; nothing of it is on its way
    submitted,  ///< a transaction carries it, or a block that may still be taken back
    paid,       ///< in a block that the chain calls safe
    final_,     ///< in a block that cannot be taken back
    held,       ///< waits: `reason`
    in_doubt,   ///< sent some seconds ago, and no node has said that it has it
};

/// "settled", "queued", "submitted", "paid", "final", "held", "in_doubt".
std::string_view wire_name(Stage stage) noexcept;

struct Settlement {
    Stage stage = Stage::booked;
    std::int64_t payout = 0;  ///< 0: none covers it yet
    std::string reason;       ///< of held
    std::string tx;           ///< 32 bytes, of the block or of the last version sent; may be empty
    std::int64_t block = 0;
    std::int64_t gas_used = 0;  ///< of the whole transaction, which may pay for much else
    std::string cost;           ///< wei; empty: not known
};

/// One signed version of a slot's transaction; each is kept and looked for.
struct AttemptRow {
    std::int64_t slot = 0;
    std::int64_t version = 0;  ///< 1, 2, ...
    Digest hash{};
    std::string raw;
    std::string max_fee;  ///< wei a unit of gas, decimal
    std::string tip;      ///< the same
    std::int64_t gas = 0;
    Instant signed_at;
};

}  // namespace purse
