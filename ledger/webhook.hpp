// SPDX-License-Identifier: Apache-2.0
// Rows of webhooks: who is told of what, how far it has been told, and what could not be
// delivered. What is told is the journal's: only places in it are kept here.
#pragma once

#include <cstdint>
#include <string>

#include "ledger/clock.hpp"

namespace purse {

enum class WebhookState : std::uint8_t {
    on = 0,
    off = 1,  ///< its receiver has said that it wants no more (410 Gone)
};

/// How far a webhook has come; kept by whoever delivers.
struct WebhookProgress {
    /// All up to this entry is delivered, or kept as a letter.
    std::int64_t cursor = 0;
    std::int64_t delivered = 0;  ///< messages ever
    Instant delivered_at{};      ///< the latest; the zero: none yet
    std::int64_t failures = 0;   ///< since the latest delivery
    Instant paused_until{};      ///< before this nothing new is tried
    std::string trouble;         ///< what went wrong last; empty: the last one was delivered
};

struct WebhookRow {
    std::string id;      ///< public: "wh_..."
    std::string url;     ///< as the operator gave it; may hold a secret
    std::string events;  ///< patterns, joined by blanks: "decision.* payout.trouble"
    std::string agent;   ///< only what is of this agent; empty: everything
    /// Raw keys for signing. They must be usable, so they are stored as they are.
    std::string secret;
    std::string old_secret;  ///< signs too until `old_until`; empty: there is none
    Instant old_until{};
    std::string note;
    Instant created_at;
    WebhookState state = WebhookState::on;
    WebhookProgress progress;
};

/// A message whose delivery has failed: it is tried again, or it is dead. An entry of the journal
/// may make several messages; `part` says which.
struct WebhookLetter {
    std::string webhook;
    std::int64_t seq = 0;
    std::string part;
    bool is_dead = false;
    std::int64_t attempts = 0;
    Instant first_at;  ///< of the attempts
    Instant next_at;   ///< of the next one; a dead letter has none
    std::string trouble;
};

/// A cap's threshold that was told of.
struct WebhookMark {
    std::string webhook;
    std::string cap;  ///< budget, kind and scope
    std::int64_t percent = 0;
    Instant at;  ///< calendar windows: the window's start; rolling ones: when it was told
};

}  // namespace purse
