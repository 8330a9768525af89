// SPDX-License-Identifier: Apache-2.0
// Every number that bounds what the operator page can make this process hold, read or wait for,
// each with its why.
#pragma once

#include <chrono>
#include <cstddef>

#include "ledger/clock.hpp"

namespace purse::server {

/// One request's body: a note and a name or two.
constexpr std::size_t kOperatorBodyMax = std::size_t{16} * 1024;
/// Nesting of such a body: an object of texts.
constexpr std::size_t kOperatorDepthMax = 4;

/// Journal entries read in one piece of work on the ledger: about two milliseconds in which
/// nobody else decides.
constexpr std::size_t kJournalPieceMax = 1'000;
/// Entries of one answer.
constexpr std::size_t kJournalLimitMax = 200;
constexpr std::size_t kJournalLimitDefault = 100;
/// Entries that one request looks at. Who looks for something rare asks again from there.
constexpr std::size_t kJournalScannedMax = 20'000;

/// An entry's body that is longer is left out where many entries are shown: a policy document.
constexpr std::size_t kEntryBodyMax = std::size_t{16} * 1024;

/// Entries behind the charts; older ones are not looked at.
constexpr std::size_t kSpendScannedMax = 200'000;

/// Event streams at once: some people with some tabs each.
constexpr std::size_t kFeedStreamsMax = 16;
/// Entries that one look brings to a stream, and their bytes: with the pause between looks, more
/// than a person can follow, and less than a browser chokes on.
constexpr std::size_t kFeedEntriesMax = 200;
constexpr std::size_t kFeedBytesMax = std::size_t{48} * 1024;
/// A stream that is further behind skips ahead and is told of the gap: the journal has the rest.
constexpr std::size_t kFeedBehindMax = kJournalPieceMax;
/// How often it is looked for entries of other processes.
constexpr std::chrono::milliseconds kFeedPulse{100};
/// The least pause between two looks, however many decisions there are.
constexpr std::chrono::milliseconds kFeedPauseMin{25};
/// Between two comments on a quiet stream, in ticks.
constexpr std::size_t kFeedKeepAliveTicks = std::size_t{15} * 2;

/// Budgets in one overview, those in use first.
constexpr std::size_t kBudgetsShownMax = 500;
/// Counters looked up in one piece of work.
constexpr std::size_t kCountersPieceMax = 400;
/// Open holds that are counted by budget, and counted at all.
constexpr std::size_t kHoldsByBudgetMax = 1'000;
constexpr std::size_t kHoldsCountedMax = 10'000;

/// Payouts, decided approvals and credentials in one answer.
constexpr std::size_t kListedMax = 200;
constexpr std::size_t kCredentialsListedMax = 1'000;

/// Secrets that were good of late: their requests pass from an address with bad attempts too.
constexpr std::size_t kGoodSecretsMax = 64;
/// Others from such an address that are looked up at once.
constexpr std::size_t kThrottledAsksMax = 8;
/// Requests of the page that wait for the ledger. A page has a handful at once.
constexpr std::size_t kAsksWaitingMax = 256;

}  // namespace purse::server
