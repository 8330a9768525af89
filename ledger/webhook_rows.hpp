// SPDX-License-Identifier: Apache-2.0
// Port: where webhooks are kept, as a part of the Store. Rows in, rows out; the rules are in
// webhooks.cpp, and delivering is the server's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ledger/webhook.hpp"

namespace purse {

enum class Letters : std::uint8_t { waiting = 0, dead = 1 };

/// A part of one write transaction. Every member throws StoreError.
class WebhookRows {
public:
    virtual ~WebhookRows() = default;

    virtual void insert(const WebhookRow& row) = 0;
    virtual std::optional<WebhookRow> find(std::string_view id) = 0;
    /// The first made first; up to `count_max`.
    virtual std::vector<WebhookRow> list(std::size_t count_max) = 0;
    /// Stores all that changes: secrets, state and progress.
    virtual void update(const WebhookRow& row) = 0;
    /// With its letters and marks.
    virtual void erase(std::string_view id) = 0;

    /// A letter of the same place replaces the earlier.
    virtual void put_letter(const WebhookLetter& letter) = 0;
    virtual void erase_letter(const WebhookLetter& letter) = 0;
    virtual std::optional<WebhookLetter> letter(std::string_view webhook, std::int64_t seq,
                                                std::string_view part) = 0;
    /// By place in the journal, up to `count_max`.
    virtual std::vector<WebhookLetter> letters(std::string_view webhook, Letters which,
                                               std::size_t count_max) = 0;
    /// Waiting ones whose time has come, the earliest first.
    virtual std::vector<WebhookLetter> due_letters(std::string_view webhook, Instant now,
                                                   std::size_t count_max) = 0;
    virtual std::int64_t count_letters(std::string_view webhook, Letters which) = 0;
    /// Every letter of that kind is to be tried at `next_at`; dead ones as if for the first time.
    virtual void wake_letters(std::string_view webhook, Letters which, Instant next_at) = 0;

    virtual std::optional<Instant> mark(std::string_view webhook, std::string_view cap,
                                        std::int64_t percent) = 0;
    virtual void put_mark(const WebhookMark& mark) = 0;
};

}  // namespace purse
