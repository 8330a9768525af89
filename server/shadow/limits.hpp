// SPDX-License-Identifier: Apache-2.0
// Every number that bounds the following of a shadow policy, each with its why.
#pragma once

#include <cstddef>

#include "ledger/clock.hpp"

namespace purse::server {

/// Entries read in one round: a piece of the writer's transaction of about a millisecond.
constexpr std::size_t kShadowEntriesARound = 512;

/// How often the ledger is looked at; with no shadow policy in it; for the turn.
constexpr Span kShadowPulse = Span::seconds(1);
constexpr Span kShadowPulseIdle = Span::seconds(5);
constexpr Span kShadowTurnEvery = Span::seconds(1);

}  // namespace purse::server
