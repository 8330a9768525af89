// SPDX-License-Identifier: Apache-2.0
#include "ledger/webhooks.hpp"

#include <array>

#include "ledger/books.hpp"
#include "ledger/ids.hpp"

namespace purse {

namespace {
constexpr std::string_view kIdPrefix = "wh_";
// Ids are public: 50 bits keep those of one ledger apart.
constexpr std::size_t kIdBytes = 7;
constexpr std::size_t kIdChars = 10;
}  // namespace

std::string make_webhook_secret(Entropy& entropy)
{
    std::array<std::uint8_t, kWebhookSecretBytes> bytes{};
    entropy.fill(bytes);
    return {bytes.begin(), bytes.end()};
}

Webhooks::Webhooks(Books& books) : books_{books}, rows_{books.rows().webhooks()} {}

void Webhooks::write(std::string_view kind, const WebhookRow& row, std::string_view by,
                     std::string_view where, std::string_view reason)
{
    EntryWriter entry;
    entry.text_if("agent", row.agent).time("at", books_.now());
    entry.text_if("by", json::well_formed(by)).text("events", row.events).text("id", row.id);
    entry.text("kind", kind).text_if("note", json::well_formed(row.note));
    entry.text_if("reason", json::well_formed(reason)).number("seq", books_.next_seq());
    entry.text_if("url", where);
    books_.write(entry.take());
}

std::optional<WebhookRow> Webhooks::add(const Wish& wish, Entropy& entropy)
{
    if (rows_.list(kWebhooksMax).size() >= kWebhooksMax) return std::nullopt;
    std::array<std::uint8_t, kIdBytes> id{};
    entropy.fill(id);
    WebhookRow row{.id = std::string{kIdPrefix} + to_base32(id).substr(0, kIdChars),
                   .url = wish.url,
                   .events = wish.events,
                   .agent = wish.agent,
                   .secret = wish.secret,
                   .old_secret = {},
                   .note = wish.note,
                   .created_at = books_.now(),
                   .progress = {.trouble = {}}};
    write("webhook_added", row, wish.by, wish.where);
    row.progress.cursor = books_.meta().seq;
    rows_.insert(row);
    return row;
}

bool Webhooks::remove(std::string_view id, std::string_view by)
{
    const auto row = rows_.find(id);
    if (!row) return false;
    rows_.erase(id);
    write("webhook_removed", *row, by);
    return true;
}

bool Webhooks::rotate(std::string_view id, const NewSecret& key)
{
    auto row = rows_.find(id);
    if (!row) return false;
    row->old_secret = key.old_until > books_.now() ? row->secret : std::string{};
    row->old_until = key.old_until;
    row->secret = key.secret;
    rows_.update(*row);
    write("webhook_secret_changed", *row, key.by);
    return true;
}

bool Webhooks::turn_off(std::string_view id, std::string_view why)
{
    auto row = rows_.find(id);
    if (!row || row->state == WebhookState::off) return false;
    row->state = WebhookState::off;
    row->progress.trouble = why;
    rows_.update(*row);
    write("webhook_off", *row, {}, {}, why);
    return true;
}

std::optional<std::int64_t> Webhooks::retry(std::string_view id, std::string_view by)
{
    auto row = rows_.find(id);
    if (!row) return std::nullopt;
    rows_.wake_letters(id, Letters::waiting, books_.now());
    rows_.wake_letters(id, Letters::dead, books_.now());
    const bool was_off = row->state == WebhookState::off;
    row->state = WebhookState::on;
    row->progress.failures = 0;
    row->progress.paused_until = {};
    rows_.update(*row);
    if (was_off) write("webhook_on", *row, by);
    return rows_.count_letters(id, Letters::waiting);
}

}  // namespace purse
