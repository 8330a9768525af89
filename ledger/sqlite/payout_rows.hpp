// SPDX-License-Identifier: Apache-2.0
// Payouts on SQLite: the rows, and nothing but the rows. Prepared when first used: a ledger on
// the book rail needs none of it.
#pragma once

#include "ledger/payout_rows.hpp"
#include "ledger/sqlite/connection.hpp"

namespace purse::sqlite {

class SqlitePayoutRows final : public PayoutRows {
public:
    explicit SqlitePayoutRows(Connection& connection);

    std::optional<TreasuryRow> treasury(std::int64_t id) override;
    std::vector<TreasuryRow> treasuries() override;
    std::int64_t insert_treasury(const TreasuryRow& row) override;
    void update_treasury(const TreasuryRow& row) override;

    std::optional<PayeeRow> payee(std::int64_t id) override;
    std::optional<PayeeRow> payee(std::int64_t treasury, std::string_view address) override;
    std::int64_t insert_payee(const PayeeRow& row) override;
    void update_payee(const PayeeRow& row) override;
    std::vector<PayeeRow> payees(std::int64_t treasury, std::int64_t after,
                                 std::size_t count_max) override;
    std::vector<PayeeRow> waiting_payees(std::int64_t treasury, std::int64_t after,
                                         std::size_t count_max) override;

    void insert_debt(const DebtRow& row) override;
    std::optional<DebtRow> debt(std::int64_t hold) override;
    std::vector<DebtRow> debts_of(std::string_view agent, std::size_t count_max) override;

    std::int64_t insert_payout(const PayoutRow& row) override;
    void update_payout(const PayoutRow& row) override;
    std::optional<PayoutRow> payout(std::int64_t id) override;
    std::vector<PayoutRow> payouts_in(PayoutState state, std::int64_t after,
                                      std::size_t count_max) override;
    std::vector<PayoutRow> payouts_of_slot(std::int64_t slot) override;
    std::vector<PayoutRow> payouts_of(std::int64_t payee, std::int64_t k_min,
                                      std::size_t count_max) override;
    std::optional<PayoutRow> payout_covering(std::int64_t payee, std::int64_t upto) override;
    std::vector<PayoutRow> latest_payouts(std::int64_t before, std::size_t count_max) override;

    std::int64_t insert_slot(const SlotRow& row) override;
    void update_slot(const SlotRow& row) override;
    std::optional<SlotRow> slot(std::int64_t id) override;
    std::vector<SlotRow> slots_in(SlotState state, std::int64_t after,
                                  std::size_t count_max) override;
    std::optional<SlotRow> last_slot(std::string_view relayer) override;

    void insert_attempt(const AttemptRow& row) override;
    std::vector<AttemptRow> attempts(std::int64_t slot) override;
    std::optional<AttemptRow> attempt_by_hash(const Digest& hash) override;

private:
    std::int64_t last_id(Statement& statement);
    void changed_one(const char* what);

    Connection& db_;
    Statement treasury_, treasuries_, last_treasury_, insert_treasury_, update_treasury_;
    Statement payee_, payee_by_address_, payees_, waiting_payees_, last_payee_, insert_payee_,
        update_payee_;
    Statement insert_debt_, debt_, debts_of_;
    Statement payout_, payouts_in_, payouts_of_slot_, payouts_of_, payout_covering_,
        latest_payouts_, last_payout_, insert_payout_, update_payout_;
    Statement slot_, slots_in_, last_slot_, last_slot_id_, insert_slot_, update_slot_;
    Statement insert_attempt_, attempts_, attempt_by_hash_;
};

}  // namespace purse::sqlite
