// SPDX-License-Identifier: Apache-2.0
// Every number that bounds a policy document, with its why. The document is the
// operator's, but a slip of a generator must end in a message, not in a stuck server.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ledger/clock.hpp"

namespace purse::policy::limits {

/// A document of ten thousand small agents fits; it is read whole, stored in the ledger
/// with every change, and kept in memory once.
inline constexpr std::size_t kDocumentBytesMax = 1024 * 1024;
/// The document's own form needs seven levels; the rest is room for a clear message.
inline constexpr std::size_t kDepthMax = 16;

/// Each agent, budget and service costs memory for as long as the document is in force.
inline constexpr std::size_t kAgentsMax = 10'000;
inline constexpr std::size_t kBudgetsMax = 1'000;
inline constexpr std::size_t kServicesMax = 10'000;
/// Shared budgets one spend is charged to: every one adds its caps to every hold.
inline constexpr std::size_t kSharedBudgetsMax = 16;
/// Rolling and count caps keep one row a hold until it leaves the window.
inline constexpr std::size_t kRollingCapsMax = 8;
inline constexpr std::size_t kCountCapsMax = 8;
/// Opening times are searched for their next change, eight days ahead.
inline constexpr std::size_t kTimesMax = 16;
/// Allow and deny lists are searched in every decision (by halving).
inline constexpr std::size_t kListMax = 1'000;

/// Names appear in ids, file names and answers.
inline constexpr std::size_t kNameCharsMax = 64;
/// For people; stored and shown, never interpreted.
inline constexpr std::size_t kDescriptionBytesMax = 500;

/// Shorter windows than a second are below what a client's clock can tell.
inline constexpr Span kWindowSpanMin = Span::seconds(1);
/// One year: what is older is a matter of the calendar caps, which keep no rows.
inline constexpr Span kWindowSpanMax = Span::days(366);
/// A loop is a matter of minutes; a repeated order tomorrow is none.
inline constexpr Span kLoopSpanMax = Span::hours(24);
/// Far above what a ledger takes in one window; keeps sums far from overflow.
inline constexpr std::int64_t kCallsMax = 1'000'000'000;
/// The same payment twice is the least that can be called a loop.
inline constexpr std::int64_t kLoopTimesMin = 2;

/// A hold must outlive one call to a service, and must not block a budget for days.
inline constexpr Span kHoldTtlMin = Span::seconds(1);
inline constexpr Span kHoldTtlMax = Span::hours(24);
inline constexpr Span kHoldTtlDefault = Span::minutes(2);

/// Nobody answers in less than a second, and an answer after a day is about another matter.
inline constexpr Span kApprovalWithinMin = Span::seconds(1);
inline constexpr Span kApprovalWithinMax = Span::hours(24);
inline constexpr Span kApprovalWithinDefault = Span::minutes(10);
/// How long an approved hold stays for its agent: an agent that asks again now and then must find
/// it, and a forgotten one must not block a budget for long.
inline constexpr Span kApprovalLastsDefault = Span::minutes(15);

/// How far ahead the next opening or closing is looked for: any weekly time comes round in it.
inline constexpr Span kHoursSearch = Span::days(8);
/// Services compared with an unknown name to find what was meant: an agent that asks for nonsense
/// all day must stay cheap.
inline constexpr std::size_t kServicesCompared = 1'000;
/// Names listed in one sentence; the rest is "and N more".
inline constexpr std::size_t kNamesInSentence = 8;

}  // namespace purse::policy::limits
