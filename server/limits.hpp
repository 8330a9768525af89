// SPDX-License-Identifier: Apache-2.0
// Every number that bounds what a peer can make this room hold, read or wait for,
// each with its why.
#pragma once

#include <chrono>
#include <cstddef>

#include "ledger/clock.hpp"

namespace purse::server {

/// One message on stdio, without its line end. A payment call is under 2 KiB; 64 KiB leaves room
/// for long `_meta` and is what a Linux pipe holds, so that one read can take a whole message.
constexpr std::size_t kLineBytesMax = std::size_t{64} * 1024;

/// Nesting of a message. Our deepest own shape has six levels; a client's `_meta` may add some.
constexpr std::size_t kDepthMax = 32;

/// A request id is echoed in every answer and kept while its call runs. Clients count or use UUIDs.
constexpr std::size_t kIdBytesMax = 256;

/// What a client calls itself goes into the journal with every entry.
constexpr std::size_t kClientBytesMax = 96;

/// A peer's own words repeated in an error message (a method, a tool's name).
constexpr std::size_t kEchoBytesMax = 128;

/// Calls whose answers have not been made yet. Two full commits of the ledger's writer (512 each):
/// enough to keep it busy, and far below its queue. At the bound, input is left unread.
constexpr std::size_t kInFlightMax = 1024;

/// Reading goes on only when calls have fallen this low, so that a full house costs one wake-up
/// for many calls and not one for each.
constexpr std::size_t kInFlightResume = kInFlightMax * 3 / 4;

/// Answers waiting for a peer that does not read. At the bound, input is left unread; what is in
/// flight then may still add its answers.
constexpr std::size_t kQueuedBytesMax = std::size_t{1} << 20;
constexpr std::size_t kQueuedBytesResume = kQueuedBytesMax / 2;

/// A corked outbox writes nevertheless when this much waits: half a pipe, so that the peer can
/// start reading while more answers are made.
constexpr std::size_t kCorkBytesMax = std::size_t{32} * 1024;

/// Messages in one JSON-RPC batch (2025-03-26 only). All of them may be calls.
constexpr std::size_t kBatchMax = 64;

/// Open subscriptions/listen requests of one connection. A client needs one.
constexpr std::size_t kSubscriptionsMax = 16;

/// Questions to one legacy client that are open at once (elicitation). One call asks one or two.
constexpr std::size_t kAsksMax = 64;

/// How many ticks (half a second each) a question stays open: ten minutes to find a person.
constexpr std::size_t kAskTicks = 1200;

/// A call that waits for this many ticks, and whose client wants to hear of progress, is reported
/// on; and again after as many. Clients give up after 60 seconds, or so long after the last report.
constexpr std::size_t kProgressTicks = 4;

/// Calls that are watched for that at once. More go without a report.
constexpr std::size_t kWatchedMax = 4096;

/// How many ticks a call waits for a person who decides elsewhere: 25 seconds, well below the
/// minute after which clients give up. Then it says that it still waits, and may be made again.
constexpr std::size_t kDecisionTicks = 50;

/// Calls that wait for such decisions at once. More are told at once how things stand.
constexpr std::size_t kDecisionsMax = 4096;

/// Rounds of questions that one legacy call may take.
constexpr std::size_t kRoundsMax = 8;

/// How long the state of a multi-round-trip request is good for: as long as a question stays open.
constexpr Span kStateLife = Span::minutes(10);

/// States taken back within kStateLife, remembered so that none is taken twice. More fail closed.
constexpr std::size_t kBurnedMax = 16'384;

/// Entries of one page of a list. Ours are shorter; a page of 100 tools is some 100 KiB.
constexpr std::size_t kPageMax = 100;

/// How long a peer may leave our last answers unread after it closed its side or we were asked to
/// stop. The answers are on record; a process that never ends would be worse.
constexpr std::chrono::milliseconds kLastWordsPatience{5000};

/// How long a modern client may keep what server/discover and tools/list said. It is constant
/// in a release; this bounds how long an upgrade stays unseen.
constexpr std::chrono::milliseconds kListTtl{300'000};

}  // namespace purse::server
