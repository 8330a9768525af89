// SPDX-License-Identifier: Apache-2.0
// Port: where payouts are kept, as a part of the Store. Rows in, rows out; the rules are in
// payouts.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ledger/payout.hpp"

namespace purse {

/// A part of one write transaction. Every member throws StoreError. insert_* take rows whose id is
/// 0 and return the id that they gave.
class PayoutRows {
public:
    virtual ~PayoutRows() = default;

    virtual std::optional<TreasuryRow> treasury(std::int64_t id) = 0;
    virtual std::vector<TreasuryRow> treasuries() = 0;
    virtual std::int64_t insert_treasury(const TreasuryRow& row) = 0;
    virtual void update_treasury(const TreasuryRow& row) = 0;

    virtual std::optional<PayeeRow> payee(std::int64_t id) = 0;
    virtual std::optional<PayeeRow> payee(std::int64_t treasury, std::string_view address) = 0;
    virtual std::int64_t insert_payee(const PayeeRow& row) = 0;
    virtual void update_payee(const PayeeRow& row) = 0;
    /// By id, from after `after`.
    virtual std::vector<PayeeRow> payees(std::int64_t treasury, std::int64_t after,
                                         std::size_t count_max) = 0;
    /// The same; only those with uncovered debts and no pending payout.
    virtual std::vector<PayeeRow> waiting_payees(std::int64_t treasury, std::int64_t after,
                                                 std::size_t count_max) = 0;

    virtual void insert_debt(const DebtRow& row) = 0;
    virtual std::optional<DebtRow> debt(std::int64_t hold) = 0;
    /// The latest first.
    virtual std::vector<DebtRow> debts_of(std::string_view agent, std::size_t count_max) = 0;

    virtual std::int64_t insert_payout(const PayoutRow& row) = 0;
    virtual void update_payout(const PayoutRow& row) = 0;
    virtual std::optional<PayoutRow> payout(std::int64_t id) = 0;
    /// By id, from after `after`.
    virtual std::vector<PayoutRow> payouts_in(PayoutState state, std::int64_t after,
                                              std::size_t count_max) = 0;
    virtual std::vector<PayoutRow> payouts_of_slot(std::int64_t slot) = 0;
    /// Of one payee by number, from `k_min`.
    virtual std::vector<PayoutRow> payouts_of(std::int64_t payee, std::int64_t k_min,
                                              std::size_t count_max) = 0;
    /// The one of a payee, not dead, that covers its debts up to `upto`.
    virtual std::optional<PayoutRow> payout_covering(std::int64_t payee, std::int64_t upto) = 0;
    /// All, the latest first, with an id below `before`.
    virtual std::vector<PayoutRow> latest_payouts(std::int64_t before, std::size_t count_max) = 0;

    virtual std::int64_t insert_slot(const SlotRow& row) = 0;
    virtual void update_slot(const SlotRow& row) = 0;
    virtual std::optional<SlotRow> slot(std::int64_t id) = 0;
    virtual std::vector<SlotRow> slots_in(SlotState state, std::int64_t after,
                                          std::size_t count_max) = 0;
    /// The one with the highest number.
    virtual std::optional<SlotRow> last_slot(std::string_view relayer) = 0;

    virtual void insert_attempt(const AttemptRow& row) = 0;
    /// By version.
    virtual std::vector<AttemptRow> attempts(std::int64_t slot) = 0;
    virtual std::optional<AttemptRow> attempt_by_hash(const Digest& hash) = 0;
};

}  // namespace purse
