// SPDX-License-Identifier: Apache-2.0
// What a journal entry says to webhooks: a pure function of the entry. Most entries make one
// message, some two or more, and none is made of anything else.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/store.hpp"

namespace purse::server {

/// A cap that is used up to 80 or 95 percent.
struct Threshold {
    std::string cap;  ///< budget, kind, scope and limit
    int percent = 0;
    Span span{};     ///< of a rolling window; zero: a calendar window, a task, or for ever
    Instant mark{};  ///< calendar: the window's start; rolling: the entry's time

    /// Whether it need not be told again after it was told with that mark.
    bool is_told(Instant told) const noexcept
    {
        return span.us == 0 ? told == mark : mark - told < span;
    }
};

struct WebhookMessage {
    std::string type;  ///< "decision.approved"
    std::string part;  ///< tells the messages of one entry apart
    std::int64_t seq = 0;
    std::string agent;   ///< whose it is; "*": everybody's; empty: nobody's
    std::string body{};  ///< canonical JSON: data, timestamp, type
    std::optional<Threshold> threshold{};
};

/// None where the entry's kind is not known, or when it cannot be read.
std::vector<WebhookMessage> messages_of(const JournalRow& row);

/// The same id for each attempt at one message to one webhook: "msg_" and 26 characters.
std::string message_id(std::string_view webhook, const WebhookMessage& message);

/// The message that asks whether a receiver is there.
std::string ping_body(std::string_view webhook, Instant at);

/// Every type there is, in the order of docs/webhooks.md.
std::span<const std::string_view> event_types() noexcept;

/// Whether one of the patterns ("decision.*", "hold.voided", "*"), joined by blanks, is the type's.
bool is_wanted(std::string_view events, std::string_view type) noexcept;

/// Patterns as the command line has them, joined by commas or blanks, in the form in which they
/// are stored; an error's text for one that fits nothing.
std::expected<std::string, std::string> read_events(std::string_view text);

}  // namespace purse::server
