// SPDX-License-Identifier: Apache-2.0
// Webhooks on SQLite: the rows, and nothing but the rows. Prepared when first used: a ledger that
// tells nobody needs none of it.
#pragma once

#include "ledger/sqlite/connection.hpp"
#include "ledger/webhook_rows.hpp"

namespace purse::sqlite {

class SqliteWebhookRows final : public WebhookRows {
public:
    explicit SqliteWebhookRows(Connection& connection);

    void insert(const WebhookRow& row) override;
    std::optional<WebhookRow> find(std::string_view id) override;
    std::vector<WebhookRow> list(std::size_t count_max) override;
    void update(const WebhookRow& row) override;
    void erase(std::string_view id) override;

    void put_letter(const WebhookLetter& letter) override;
    void erase_letter(const WebhookLetter& letter) override;
    std::optional<WebhookLetter> letter(std::string_view webhook, std::int64_t seq,
                                        std::string_view part) override;
    std::vector<WebhookLetter> letters(std::string_view webhook, Letters which,
                                       std::size_t count_max) override;
    std::vector<WebhookLetter> due_letters(std::string_view webhook, Instant now,
                                           std::size_t count_max) override;
    std::int64_t count_letters(std::string_view webhook, Letters which) override;
    void wake_letters(std::string_view webhook, Letters which, Instant next_at) override;

    std::optional<Instant> mark(std::string_view webhook, std::string_view cap,
                                std::int64_t percent) override;
    void put_mark(const WebhookMark& mark) override;

private:
    Connection& db_;
    Statement insert_, find_, list_, update_, erase_, erase_letters_, erase_marks_;
    Statement put_letter_, erase_letter_, letter_, letters_, due_letters_, count_letters_;
    Statement wake_waiting_, wake_dead_;
    Statement mark_, put_mark_;
};

}  // namespace purse::sqlite
