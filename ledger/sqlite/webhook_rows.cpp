// SPDX-License-Identifier: Apache-2.0
#include "ledger/sqlite/webhook_rows.hpp"

#include "ledger/require.hpp"

namespace purse::sqlite {

namespace {
#define PURSE_WEBHOOK                                                                         \
    "SELECT id, url, events, agent, secret, old_secret, old_until, note, created_at, state, " \
    "position, delivered, delivered_at, failures, paused_until, trouble FROM webhook "
#define PURSE_LETTER \
    "SELECT webhook, seq, part, dead, attempts, first_at, next_at, trouble FROM webhook_letter "

WebhookRow webhook_of(const Statement::Cursor& row)
{
    require(row.integer(9) >= 0 && row.integer(9) <= 1, "a stored webhook has a known state");
    return {.id = row.text(0),
            .url = row.text(1),
            .events = row.text(2),
            .agent = row.text(3),
            .secret = row.text(4),
            .old_secret = row.text(5),
            .old_until = row.instant(6),
            .note = row.text(7),
            .created_at = row.instant(8),
            .state = static_cast<WebhookState>(row.integer(9)),
            .progress = {.cursor = row.integer(10),
                         .delivered = row.integer(11),
                         .delivered_at = row.instant(12),
                         .failures = row.integer(13),
                         .paused_until = row.instant(14),
                         .trouble = row.text(15)}};
}

WebhookLetter letter_of(const Statement::Cursor& row)
{
    return {.webhook = row.text(0),
            .seq = row.integer(1),
            .part = row.text(2),
            .is_dead = row.integer(3) != 0,
            .attempts = row.integer(4),
            .first_at = row.instant(5),
            .next_at = row.instant(6),
            .trouble = row.text(7)};
}

std::vector<WebhookLetter> all_letters(Statement::Cursor& row)
{
    std::vector<WebhookLetter> letters;
    while (row.step()) letters.push_back(letter_of(row));
    return letters;
}
}  // namespace

SqliteWebhookRows::SqliteWebhookRows(Connection& connection)
    : db_{connection},
      insert_{db_,
              "INSERT INTO webhook (id, url, events, agent, secret, old_secret, old_until, note, "
              "created_at, state, position, delivered, delivered_at, failures, paused_until, "
              "trouble) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
      find_{db_, PURSE_WEBHOOK "WHERE id = ?"},
      list_{db_, PURSE_WEBHOOK "ORDER BY created_at, id LIMIT ?"},
      update_{db_,
              "UPDATE webhook SET secret = ?, old_secret = ?, old_until = ?, state = ?, "
              "position = ?, delivered = ?, delivered_at = ?, failures = ?, paused_until = ?, "
              "trouble = ? WHERE id = ?"},
      erase_{db_, "DELETE FROM webhook WHERE id = ?"},
      erase_letters_{db_, "DELETE FROM webhook_letter WHERE webhook = ?"},
      erase_marks_{db_, "DELETE FROM webhook_mark WHERE webhook = ?"},
      put_letter_{db_,
                  "INSERT INTO webhook_letter (webhook, seq, part, dead, attempts, first_at, "
                  "next_at, trouble) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
                  "ON CONFLICT (webhook, seq, part) DO UPDATE SET dead = excluded.dead, "
                  "attempts = excluded.attempts, first_at = excluded.first_at, "
                  "next_at = excluded.next_at, trouble = excluded.trouble"},
      erase_letter_{db_, "DELETE FROM webhook_letter WHERE webhook = ? AND seq = ? AND part = ?"},
      letter_{db_, PURSE_LETTER "WHERE webhook = ? AND seq = ? AND part = ?"},
      letters_{db_, PURSE_LETTER "WHERE webhook = ? AND dead = ? ORDER BY seq, part LIMIT ?"},
      due_letters_{db_, PURSE_LETTER
                   "WHERE webhook = ? AND dead = 0 AND next_at <= ? ORDER BY next_at, seq, part "
                   "LIMIT ?"},
      count_letters_{db_, "SELECT COUNT(*) FROM webhook_letter WHERE webhook = ? AND dead = ?"},
      wake_waiting_{db_,
                    "UPDATE webhook_letter SET next_at = ? WHERE webhook = ? AND dead = 0 "
                    "AND next_at > ?"},
      wake_dead_{db_,
                 "UPDATE webhook_letter SET dead = 0, attempts = 0, first_at = ?, next_at = ? "
                 "WHERE webhook = ? AND dead = 1"},
      mark_{db_, "SELECT told_at FROM webhook_mark WHERE webhook = ? AND cap = ? AND percent = ?"},
      put_mark_{db_,
                "INSERT INTO webhook_mark (webhook, cap, percent, told_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (webhook, cap, percent) DO UPDATE SET told_at = excluded.told_at"}
{
}

void SqliteWebhookRows::insert(const WebhookRow& row)
{
    const auto& progress = row.progress;
    insert_.use()
        .bind(row.id)
        .bind(row.url)
        .bind(row.events)
        .bind(row.agent)
        .bind_blob(row.secret)
        .bind_blob(row.old_secret)
        .bind(row.old_until)
        .bind(row.note)
        .bind(row.created_at)
        .bind(static_cast<std::int64_t>(row.state))
        .bind(progress.cursor)
        .bind(progress.delivered)
        .bind(progress.delivered_at)
        .bind(progress.failures)
        .bind(progress.paused_until)
        .bind(progress.trouble)
        .run();
}

std::optional<WebhookRow> SqliteWebhookRows::find(std::string_view id)
{
    auto row = find_.use();
    row.bind(id);
    return row.step() ? std::optional{webhook_of(row)} : std::nullopt;
}

std::vector<WebhookRow> SqliteWebhookRows::list(std::size_t count_max)
{
    std::vector<WebhookRow> rows;
    auto row = list_.use();
    row.bind(static_cast<std::int64_t>(count_max));
    while (row.step()) rows.push_back(webhook_of(row));
    return rows;
}

void SqliteWebhookRows::update(const WebhookRow& row)
{
    const auto& progress = row.progress;
    update_.use()
        .bind_blob(row.secret)
        .bind_blob(row.old_secret)
        .bind(row.old_until)
        .bind(static_cast<std::int64_t>(row.state))
        .bind(progress.cursor)
        .bind(progress.delivered)
        .bind(progress.delivered_at)
        .bind(progress.failures)
        .bind(progress.paused_until)
        .bind(progress.trouble)
        .bind(row.id)
        .run();
    require(db_.changes() == 1, "a webhook that is changed is there");
}

void SqliteWebhookRows::erase(std::string_view id)
{
    for (auto* statement : {&erase_marks_, &erase_letters_, &erase_})
        statement->use().bind(id).run();
}

void SqliteWebhookRows::put_letter(const WebhookLetter& letter)
{
    put_letter_.use()
        .bind(letter.webhook)
        .bind(letter.seq)
        .bind(letter.part)
        .bind(std::int64_t{letter.is_dead})
        .bind(letter.attempts)
        .bind(letter.first_at)
        .bind(letter.next_at)
        .bind(letter.trouble)
        .run();
}

void SqliteWebhookRows::erase_letter(const WebhookLetter& letter)
{
    erase_letter_.use().bind(letter.webhook).bind(letter.seq).bind(letter.part).run();
}

std::optional<WebhookLetter> SqliteWebhookRows::letter(std::string_view webhook, std::int64_t seq,
                                                       std::string_view part)
{
    auto row = letter_.use();
    row.bind(webhook).bind(seq).bind(part);
    return row.step() ? std::optional{letter_of(row)} : std::nullopt;
}

std::vector<WebhookLetter> SqliteWebhookRows::letters(std::string_view webhook, Letters which,
                                                      std::size_t count_max)
{
    auto row = letters_.use();
    row.bind(webhook)
        .bind(static_cast<std::int64_t>(which))
        .bind(static_cast<std::int64_t>(count_max));
    return all_letters(row);
}

std::vector<WebhookLetter> SqliteWebhookRows::due_letters(std::string_view webhook, Instant now,
                                                          std::size_t count_max)
{
    auto row = due_letters_.use();
    row.bind(webhook).bind(now).bind(static_cast<std::int64_t>(count_max));
    return all_letters(row);
}

std::int64_t SqliteWebhookRows::count_letters(std::string_view webhook, Letters which)
{
    auto row = count_letters_.use();
    row.bind(webhook).bind(static_cast<std::int64_t>(which));
    return row.step() ? row.integer(0) : 0;
}

void SqliteWebhookRows::wake_letters(std::string_view webhook, Letters which, Instant next_at)
{
    if (which == Letters::waiting)
        wake_waiting_.use().bind(next_at).bind(webhook).bind(next_at).run();
    else
        wake_dead_.use().bind(next_at).bind(next_at).bind(webhook).run();
}

std::optional<Instant> SqliteWebhookRows::mark(std::string_view webhook, std::string_view cap,
                                               std::int64_t percent)
{
    auto row = mark_.use();
    row.bind(webhook).bind(cap).bind(percent);
    return row.step() ? std::optional{row.instant(0)} : std::nullopt;
}

void SqliteWebhookRows::put_mark(const WebhookMark& mark)
{
    put_mark_.use().bind(mark.webhook).bind(mark.cap).bind(mark.percent).bind(mark.at).run();
}

}  // namespace purse::sqlite
