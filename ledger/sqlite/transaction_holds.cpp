// SPDX-License-Identifier: Apache-2.0
// Rows of holds and of the requests that made them.
#include "ledger/require.hpp"
#include "ledger/sqlite/transaction.hpp"

namespace purse::sqlite {

void SqliteTx::insert_hold(const HoldRow& row)
{
    const auto& hold = row.hold;
    const auto legs = to_text(row.legs);
    sql_.insert_hold.use()
        .bind(hold.id.seq)
        .bind(static_cast<std::int64_t>(hold.id.token))
        .bind(static_cast<std::int64_t>(hold.state))
        .bind(hold.who.agent)
        .bind(hold.who.credential)
        .bind(hold.what.service)
        .bind(hold.what.payee)
        .bind(hold.what.amount.micro())
        .bind(hold.what.purpose)
        .bind(hold.what.task)
        .bind(hold.what.workflow)
        .bind(hold.taken_at)
        .bind(hold.expires_at)
        .bind(hold.max_capture.micro())
        .bind(std::string_view{legs})
        .run();
    sql_.insert_open.use().bind(hold.expires_at).bind(hold.id.seq).run();
}

std::optional<HoldRow> SqliteTx::hold(std::int64_t seq)
{
    auto row = sql_.hold.use();
    row.bind(seq);
    if (!row.step()) return std::nullopt;
    HoldRow found;
    auto& hold = found.hold;
    hold.id = {.seq = row.integer(0), .token = static_cast<std::uint64_t>(row.integer(1))};
    require(row.integer(2) >= 0 && row.integer(2) <= 5, "a stored hold has a known state");
    hold.state = static_cast<HoldState>(row.integer(2));
    hold.who.agent = row.text(3);
    hold.who.credential = row.text(4);
    hold.what.service = row.text(5);
    hold.what.payee = row.text(6);
    hold.what.amount = Money::from_micro(row.integer(7));
    hold.what.purpose = row.text(8);
    hold.what.task = row.text(9);
    hold.what.workflow = row.text(10);
    hold.taken_at = row.instant(11);
    hold.expires_at = row.instant(12);
    hold.ended_at = row.instant(13);
    hold.max_capture = Money::from_micro(row.integer(14));
    hold.captured = Money::from_micro(row.integer(15));
    hold.late = row.integer(16) != 0;
    found.legs = legs_of(row.text(17));
    return found;
}

void SqliteTx::open_awaiting_hold(const Hold& hold, Instant awaited_until)
{
    sql_.open_awaiting.use().bind(hold.expires_at).bind(hold.id.seq).run();
    require(sql_.db.changes() == 1, "a hold is opened that was waiting");
    sql_.erase_open.use().bind(awaited_until).bind(hold.id.seq).run();
    require(sql_.db.changes() == 1, "a waiting hold is on the due list");
    sql_.insert_open.use().bind(hold.expires_at).bind(hold.id.seq).run();
}

void SqliteTx::end_hold(const Hold& hold, HoldState from)
{
    sql_.end_hold.use()
        .bind(static_cast<std::int64_t>(hold.state))
        .bind(hold.captured.micro())
        .bind(hold.ended_at)
        .bind(static_cast<std::int64_t>(hold.late))
        .bind(hold.id.seq)
        .bind(static_cast<std::int64_t>(from))
        .run();
    require(sql_.db.changes() == 1, "a hold ends from the state it was in");
    if (has_ended(from)) return;
    sql_.erase_open.use().bind(hold.expires_at).bind(hold.id.seq).run();
    require(sql_.db.changes() == 1, "an open hold is on the due list");
}

std::vector<std::int64_t> SqliteTx::due_holds(Instant now, std::size_t count_max)
{
    std::vector<std::int64_t> due;
    auto row = sql_.due_holds.use();
    row.bind(now).bind(static_cast<std::int64_t>(count_max));
    while (row.step()) due.push_back(row.integer(0));
    return due;
}

std::vector<Hold> SqliteTx::open_holds(std::string_view agent, std::size_t scan_max,
                                       std::size_t count_max)
{
    std::vector<Hold> holds;
    auto row = sql_.next_open.use();
    row.bind(static_cast<std::int64_t>(scan_max));
    while (holds.size() < count_max && row.step()) {
        auto found = hold(row.integer(0));
        require(found.has_value(), "the due list names stored holds");
        if (agent.empty() || found->hold.who.agent == agent)
            holds.push_back(std::move(found->hold));
    }
    return holds;
}

std::optional<RequestRow> SqliteTx::request(std::string_view agent, std::string_view key)
{
    auto row = sql_.request.use();
    row.bind(agent).bind(key);
    if (!row.step()) return std::nullopt;
    return RequestRow{.fingerprint = row.digest(0), .seq = row.integer(1)};
}

void SqliteTx::insert_request(std::string_view agent, std::string_view key, const RequestRow& row)
{
    sql_.insert_request.use().bind(agent).bind(key).bind(row.fingerprint).bind(row.seq).run();
}

}  // namespace purse::sqlite
