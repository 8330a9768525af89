// SPDX-License-Identifier: Apache-2.0
// Every number that bounds the delivery of webhooks, each with its why.
#pragma once

#include <array>
#include <cstddef>

#include "ledger/clock.hpp"

namespace purse::server {

/// For one attempt, from the lookup of the name to the status. Receivers should store and answer.
constexpr Span kWebhookTimeout = Span::seconds(10);

/// Of an answer. Its status is all that counts; a part of the rest is shown by `webhook test`.
constexpr std::size_t kWebhookAnswerBytesMax = std::size_t{64} * 1024;
constexpr std::size_t kWebhookAnswerShown = 200;

/// From one attempt of a message to the next. After the ninth, a day after the first, it is dead.
inline constexpr std::array kWebhookDelays{Span::seconds(5),  Span::seconds(30), Span::minutes(2),
                                           Span::minutes(10), Span::minutes(30), Span::hours(2),
                                           Span::hours(6),    Span::hours(15)};
/// Receivers that ask for more (Retry-After) get this at the most.
constexpr Span kWebhookRetryAfterMax = Span::hours(1);

/// After so many failures in a row a receiver counts as down: it is asked with one message at a
/// time, after pauses. A few messages that it cannot take are not that.
constexpr std::int64_t kWebhookDownAfter = 5;
/// How long the pauses grow: as kWebhookDelays, up to the one of this place.
constexpr std::size_t kWebhookPauseMax = 3;

/// Messages of one webhook that wait to be tried again. Beyond it new ones are left in the journal
/// while the receiver is down, and are dead at once when it refuses them otherwise.
constexpr std::int64_t kWebhookLettersMax = 1'000;

/// Dead letters that are listed.
constexpr std::size_t kWebhookDeadShown = 1'000;

/// Entries of the journal looked at in one round, and letters tried again in one: a piece of the
/// writer's transaction below a millisecond.
constexpr std::size_t kWebhookEntriesARound = 256;
constexpr std::size_t kWebhookLettersARound = 16;

/// Progress is stored after each round in which something was delivered, else after so many
/// entries. What a crash loses of it is delivered twice, under the same id.
constexpr std::int64_t kWebhookSkippedMax = 8'192;

/// How often the ledger is looked at for new entries; with no webhook in it; for the turn.
constexpr Span kWebhookPulse = Span{500'000};
constexpr Span kWebhookPulseIdle = Span::seconds(5);
constexpr Span kWebhookTurnEvery = Span::seconds(1);

/// Bytes of a URL, and of all patterns together.
constexpr std::size_t kWebhookUrlMax = 2048;
constexpr std::size_t kWebhookEventsMax = 1024;

}  // namespace purse::server
