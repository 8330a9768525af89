// SPDX-License-Identifier: Apache-2.0
// The numbers that bound a replay, with their reasons.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ledger/clock.hpp"

namespace purse::server::replay {

/// Entries read in one transaction: some milliseconds in which nobody else decides.
inline constexpr std::size_t kEntriesPerLook = 2'000;
/// Holds that expire in one go: as many as the ledger ends in one transaction.
inline constexpr std::size_t kExpireSlice = 512;
/// A hold that a person was asked about ends as it did; this is only so that it cannot end before.
inline constexpr Span kAfterApproval = Span::hours(1);
/// Marks a hold from before the time that is asked about, in place of a purpose.
inline constexpr std::string_view kAsItWas = "as it was";

}  // namespace purse::server::replay
