// SPDX-License-Identifier: Apache-2.0
// Rows of what proves the operator.
#include "ledger/require.hpp"
#include "ledger/sqlite/transaction.hpp"

namespace purse::sqlite {

namespace {
OperatorKeyRow operator_key_row(const Statement::Cursor& row)
{
    require(row.integer(1) >= 0 && row.integer(1) <= 1, "a stored operator key has a known kind");
    return {.hash = row.digest(0),
            .kind = static_cast<OperatorKeyKind>(row.integer(1)),
            .id = row.text(2),
            .issued_at = row.instant(3),
            .expires_at = row.instant(4),
            .seen_at = row.instant(5),
            .ended_at = row.instant(6),
            .note = row.text(7)};
}
}  // namespace

void SqliteTx::insert_operator_key(const OperatorKeyRow& row)
{
    sql_.insert_operator_key.use()
        .bind(row.hash)
        .bind(static_cast<std::int64_t>(row.kind))
        .bind(row.id)
        .bind(row.issued_at)
        .bind(row.expires_at)
        .bind(row.seen_at)
        .bind(row.ended_at)
        .bind(row.note)
        .run();
}

void SqliteTx::update_operator_key(const OperatorKeyRow& row)
{
    sql_.update_operator_key.use().bind(row.seen_at).bind(row.ended_at).bind(row.hash).run();
    require(sql_.db.changes() == 1, "an operator key that is changed is there");
}

std::optional<OperatorKeyRow> SqliteTx::operator_key(const Digest& hash)
{
    auto row = sql_.operator_key.use();
    row.bind(hash);
    if (!row.step()) return std::nullopt;
    return operator_key_row(row);
}

std::vector<OperatorKeyRow> SqliteTx::operator_keys(OperatorKeyKind kind, std::size_t count_max)
{
    std::vector<OperatorKeyRow> rows;
    auto row = sql_.operator_keys.use();
    row.bind(static_cast<std::int64_t>(kind)).bind(static_cast<std::int64_t>(count_max));
    while (row.step()) rows.push_back(operator_key_row(row));
    return rows;
}

}  // namespace purse::sqlite
