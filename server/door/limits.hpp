// SPDX-License-Identifier: Apache-2.0
// Every number that bounds what MCP over HTTP keeps for its clients, each with its why. What
// bounds HTTP itself is in server/http/limits.hpp.
#pragma once

#include <cstddef>

#include "ledger/clock.hpp"

namespace purse::server {

/// Handler::tick comes about this often; lifetimes below are counted in ticks.
constexpr std::size_t kTicksPerSecond = 2;

/// Sessions kept in memory: one costs some 700 bytes, and ten thousand agents fit with room.
constexpr std::size_t kSessionsMax = 16'384;
/// Of one credential: no single one may take the whole house.
constexpr std::size_t kSessionsPerPrincipalMax = 12'288;

/// A session that was not used for so long, and has no stream open, leaves the memory. Its id goes
/// on: the next request brings it back.
constexpr std::size_t kSessionIdleTicks = std::size_t{15} * 60 * kTicksPerSecond;

/// How long a session id is good for. Chat hosts keep one open for days, and many do not start
/// anew when told that it has ended.
constexpr Span kSessionLife = Span::days(30);

/// Ids that their clients have ended (DELETE) are remembered, the newest of them. An id that is
/// forgotten would work again: it names a session, it proves nothing.
constexpr std::size_t kEndedMax = 16'384;

/// Event streams open at once, of all kinds; connections stay for the busy.
constexpr std::size_t kStreamsMax = 14'336;
constexpr std::size_t kStreamsPerPrincipalMax = 12'288;
/// Streams that one session has open with GET. A client needs one; a second while it reconnects.
constexpr std::size_t kStreamsPerSessionMax = 8;

/// Between two comments on a quiet event stream: proxies give up after 30 to 60 seconds.
constexpr std::size_t kKeepAliveTicks = 15 * kTicksPerSecond;

/// Events kept for a client that comes back with Last-Event-ID, of one session.
constexpr std::size_t kReplayBytesMax = std::size_t{64} * 1024;
constexpr std::size_t kReplayStreamsMax = 8;
/// How long they are kept after the stream's last event.
constexpr std::size_t kReplayTicks = std::size_t{5} * 60 * kTicksPerSecond;
/// What a client is told to wait before it comes back.
constexpr int kRetryMs = 1000;

/// Verdicts on credentials that are remembered; one costs about 150 bytes.
constexpr std::size_t kVerdictsMax = 8192;
/// A verdict this old still lets pass, while it is asked for anew: what moves money asks the ledger
/// itself, within the transaction.
constexpr std::size_t kVerdictFreshTicks = 1 * kTicksPerSecond;
/// A verdict older than this is asked for anew first.
constexpr std::size_t kVerdictStaleTicks = 10 * kTicksPerSecond;
/// Requests that wait for a verdict. More are answered 503.
constexpr std::size_t kVerdictQueueMax = 1024;

/// Bad credentials of one address: this many at once, then this many a second.
constexpr std::size_t kBadAttemptsBurst = 20;
constexpr std::size_t kBadAttemptsPerSecond = 1;
/// Unseen credentials of such addresses that are looked up at once, all together.
constexpr std::size_t kThrottledLookupsMax = 32;
/// Addresses whose bad attempts are counted at once. The fullest stay.
constexpr std::size_t kBadAddressesMax = 4096;

/// An Authorization header longer than this holds no credential of ours.
constexpr std::size_t kCredentialBytesMax = 512;

/// How long /readyz and /metrics wait for the ledger: less than the probes of the field do.
constexpr std::size_t kProbeTicks = 2 * kTicksPerSecond;
/// Of them at once. A probe comes every few seconds.
constexpr std::size_t kProbesMax = 64;

}  // namespace purse::server
