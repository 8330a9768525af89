// SPDX-License-Identifier: Apache-2.0
// Payout rows whose every call may fail, in front of real ones; a part of FaultTx.
#pragma once

#include <functional>
#include <utility>

#include "ledger/payout_rows.hpp"

namespace purse::test {

class FaultPayoutRows final : public PayoutRows {
public:
    /// `pass` is called before each call and throws when that one is to fail.
    FaultPayoutRows(PayoutRows& real, std::function<void()> pass)
        : real_{real},
          pass_{std::move(pass)}
    {
    }

    std::optional<TreasuryRow> treasury(std::int64_t id) override { return on().treasury(id); }
    std::vector<TreasuryRow> treasuries() override { return on().treasuries(); }
    std::int64_t insert_treasury(const TreasuryRow& row) override
    {
        return on().insert_treasury(row);
    }
    void update_treasury(const TreasuryRow& row) override { return on().update_treasury(row); }
    std::optional<PayeeRow> payee(std::int64_t id) override { return on().payee(id); }
    std::optional<PayeeRow> payee(std::int64_t treasury, std::string_view address) override
    {
        return on().payee(treasury, address);
    }
    std::int64_t insert_payee(const PayeeRow& row) override { return on().insert_payee(row); }
    void update_payee(const PayeeRow& row) override { return on().update_payee(row); }
    std::vector<PayeeRow> payees(std::int64_t treasury, std::int64_t after,
                                 std::size_t count_max) override
    {
        return on().payees(treasury, after, count_max);
    }
    std::vector<PayeeRow> waiting_payees(std::int64_t treasury, std::int64_t after,
                                         std::size_t count_max) override
    {
        return on().waiting_payees(treasury, after, count_max);
    }
    void insert_debt(const DebtRow& row) override { return on().insert_debt(row); }
    std::optional<DebtRow> debt(std::int64_t hold) override { return on().debt(hold); }
    std::vector<DebtRow> debts_of(std::string_view agent, std::size_t count_max) override
    {
        return on().debts_of(agent, count_max);
    }
    std::int64_t insert_payout(const PayoutRow& row) override { return on().insert_payout(row); }
    void update_payout(const PayoutRow& row) override { return on().update_payout(row); }
    std::optional<PayoutRow> payout(std::int64_t id) override { return on().payout(id); }
    std::vector<PayoutRow> payouts_in(PayoutState state, std::int64_t after,
                                      std::size_t count_max) override
    {
        return on().payouts_in(state, after, count_max);
    }
    std::vector<PayoutRow> payouts_of_slot(std::int64_t slot) override
    {
        return on().payouts_of_slot(slot);
    }
    std::vector<PayoutRow> payouts_of(std::int64_t payee, std::int64_t k_min,
                                      std::size_t count_max) override
    {
        return on().payouts_of(payee, k_min, count_max);
    }
    std::optional<PayoutRow> payout_covering(std::int64_t payee, std::int64_t upto) override
    {
        return on().payout_covering(payee, upto);
    }
    std::vector<PayoutRow> latest_payouts(std::int64_t before, std::size_t count_max) override
    {
        return on().latest_payouts(before, count_max);
    }
    std::int64_t insert_slot(const SlotRow& row) override { return on().insert_slot(row); }
    void update_slot(const SlotRow& row) override { return on().update_slot(row); }
    std::optional<SlotRow> slot(std::int64_t id) override { return on().slot(id); }
    std::vector<SlotRow> slots_in(SlotState state, std::int64_t after,
                                  std::size_t count_max) override
    {
        return on().slots_in(state, after, count_max);
    }
    std::optional<SlotRow> last_slot(std::string_view relayer) override
    {
        return on().last_slot(relayer);
    }
    void insert_attempt(const AttemptRow& row) override { return on().insert_attempt(row); }
    std::vector<AttemptRow> attempts(std::int64_t slot) override { return on().attempts(slot); }
    std::optional<AttemptRow> attempt_by_hash(const Digest& hash) override
    {
        return on().attempt_by_hash(hash);
    }

private:
    PayoutRows& on()
    {
        pass_();
        return real_;
    }

    PayoutRows& real_;
    std::function<void()> pass_;
};

}  // namespace purse::test
