// SPDX-License-Identifier: Apache-2.0
// Webhook rows whose every call may fail, in front of real ones; a part of FaultTx.
#pragma once

#include <functional>
#include <utility>

#include "ledger/webhook_rows.hpp"

namespace purse::test {

class FaultWebhookRows final : public WebhookRows {
public:
    /// `pass` is called before each call and throws when that one is to fail.
    FaultWebhookRows(WebhookRows& real, std::function<void()> pass)
        : real_{real},
          pass_{std::move(pass)}
    {
    }

    void insert(const WebhookRow& row) override { on().insert(row); }
    std::optional<WebhookRow> find(std::string_view id) override { return on().find(id); }
    std::vector<WebhookRow> list(std::size_t max) override { return on().list(max); }
    void update(const WebhookRow& row) override { on().update(row); }
    void erase(std::string_view id) override { on().erase(id); }

    void put_letter(const WebhookLetter& letter) override { on().put_letter(letter); }
    void erase_letter(const WebhookLetter& letter) override { on().erase_letter(letter); }
    std::optional<WebhookLetter> letter(std::string_view webhook, std::int64_t seq,
                                        std::string_view part) override
    {
        return on().letter(webhook, seq, part);
    }
    std::vector<WebhookLetter> letters(std::string_view webhook, Letters which,
                                       std::size_t max) override
    {
        return on().letters(webhook, which, max);
    }
    std::vector<WebhookLetter> due_letters(std::string_view webhook, Instant now,
                                           std::size_t max) override
    {
        return on().due_letters(webhook, now, max);
    }
    std::int64_t count_letters(std::string_view webhook, Letters which) override
    {
        return on().count_letters(webhook, which);
    }
    void wake_letters(std::string_view webhook, Letters which, Instant next_at) override
    {
        on().wake_letters(webhook, which, next_at);
    }

    std::optional<Instant> mark(std::string_view webhook, std::string_view cap,
                                std::int64_t percent) override
    {
        return on().mark(webhook, cap, percent);
    }
    void put_mark(const WebhookMark& mark) override { on().put_mark(mark); }

private:
    WebhookRows& on()
    {
        pass_();
        return real_;
    }

    WebhookRows& real_;
    std::function<void()> pass_;
};

}  // namespace purse::test
