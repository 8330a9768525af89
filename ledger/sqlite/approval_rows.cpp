// SPDX-License-Identifier: Apache-2.0
#include "ledger/sqlite/approval_rows.hpp"

#include "ledger/require.hpp"

namespace purse::sqlite {

namespace {
#define PURSE_APPROVAL                                                                         \
    "SELECT hold, token, state, wishes, client, asked_at, until, lasts, in_chat, decided_at, " \
    "decided_by, channel, note FROM approval "

template <typename Enum>
std::int64_t number(Enum value)
{
    return static_cast<std::int64_t>(value);
}

template <typename Enum>
Enum known(std::int64_t stored, Enum last, const char* what)
{
    require(stored >= 0 && stored <= number(last), what);
    return static_cast<Enum>(stored);
}

Approval approval_of(const Statement::Cursor& row)
{
    const auto wishes = json::parse(row.text(3));
    require(wishes.has_value(), "a stored approval's wishes are JSON");
    return {.id = {.seq = row.integer(0), .token = static_cast<std::uint64_t>(row.integer(1))},
            .state = known(row.integer(2), ApprovalState::disconnected,
                           "a stored approval has a known state"),
            .wishes = wishes_from_json(&wishes->root()),
            .client = row.text(4),
            .asked_at = row.instant(5),
            .until = row.instant(6),
            .lasts = Span{row.integer(7)},
            .in_chat = row.integer(8) != 0,
            .decided_at = row.instant(9),
            .by = row.text(10),
            .channel = known(row.integer(11), Channel::command,
                             "a stored approval came by a known channel"),
            .note = row.text(12)};
}
}  // namespace

SqliteApprovalRows::SqliteApprovalRows(Connection& connection)
    : db_{connection},
      insert_{db_,
              "INSERT INTO approval (hold, token, state, agent, wishes, client, asked_at, until, "
              "lasts, in_chat, decided_at, decided_by, channel, note) VALUES "
              "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
      find_{db_, PURSE_APPROVAL "WHERE hold = ?"},
      // Only one that waits is decided: whoever comes second changes nothing.
      decide_{db_,
              "UPDATE approval SET state = ?, decided_at = ?, decided_by = ?, channel = ?, "
              "note = ? WHERE hold = ? AND state = 0"},
      waiting_{db_, PURSE_APPROVAL "WHERE state = 0 ORDER BY until, hold LIMIT ?"},
      decided_{db_, PURSE_APPROVAL "WHERE state > 0 ORDER BY hold DESC LIMIT ?"},
      count_waiting_{db_, "SELECT COUNT(*) FROM approval WHERE state = 0 AND agent = ?"}
{
}

void SqliteApprovalRows::insert(const Approval& row, std::string_view agent)
{
    const auto wishes = to_json(row.wishes);
    insert_.use()
        .bind(row.id.seq)
        .bind(static_cast<std::int64_t>(row.id.token))
        .bind(number(row.state))
        .bind(agent)
        .bind(std::string_view{wishes})
        .bind(row.client)
        .bind(row.asked_at)
        .bind(row.until)
        .bind(row.lasts.us)
        .bind(std::int64_t{row.in_chat})
        .bind(row.decided_at)
        .bind(row.by)
        .bind(number(row.channel))
        .bind(row.note)
        .run();
}

std::optional<Approval> SqliteApprovalRows::find(std::int64_t seq)
{
    auto row = find_.use();
    row.bind(seq);
    return row.step() ? std::optional{approval_of(row)} : std::nullopt;
}

void SqliteApprovalRows::decide(const Approval& row)
{
    decide_.use()
        .bind(number(row.state))
        .bind(row.decided_at)
        .bind(row.by)
        .bind(number(row.channel))
        .bind(row.note)
        .bind(row.id.seq)
        .run();
    require(db_.changes() == 1, "an approval is decided once");
}

std::vector<Approval> SqliteApprovalRows::list(Statement& statement, std::size_t count_max)
{
    std::vector<Approval> rows;
    auto row = statement.use();
    row.bind(static_cast<std::int64_t>(count_max));
    while (row.step()) rows.push_back(approval_of(row));
    return rows;
}

std::vector<Approval> SqliteApprovalRows::waiting(std::size_t count_max)
{
    return list(waiting_, count_max);
}

std::vector<Approval> SqliteApprovalRows::decided(std::size_t count_max)
{
    return list(decided_, count_max);
}

std::int64_t SqliteApprovalRows::count_waiting(std::string_view agent)
{
    auto row = count_waiting_.use();
    row.bind(agent);
    return row.step() ? row.integer(0) : 0;
}

}  // namespace purse::sqlite
