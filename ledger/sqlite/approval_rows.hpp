// SPDX-License-Identifier: Apache-2.0
// Approvals on SQLite: the rows, and nothing but the rows. Prepared when first used: a policy that
// asks nobody needs none of it.
#pragma once

#include "ledger/approval_rows.hpp"
#include "ledger/sqlite/connection.hpp"

namespace purse::sqlite {

class SqliteApprovalRows final : public ApprovalRows {
public:
    explicit SqliteApprovalRows(Connection& connection);

    void insert(const Approval& row, std::string_view agent) override;
    std::optional<Approval> find(std::int64_t seq) override;
    void decide(const Approval& row) override;
    std::vector<Approval> waiting(std::size_t count_max) override;
    std::vector<Approval> decided(std::size_t count_max) override;
    std::int64_t count_waiting(std::string_view agent) override;

private:
    static std::vector<Approval> list(Statement& statement, std::size_t count_max);

    Connection& db_;
    Statement insert_, find_, decide_, waiting_, decided_, count_waiting_;
};

}  // namespace purse::sqlite
