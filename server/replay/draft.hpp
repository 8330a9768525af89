// SPDX-License-Identifier: Apache-2.0
// A policy document drawn from habits: caps with headroom, each with its reason beside it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/replay/habits.hpp"

namespace purse::server::replay {

/// One proposed limit and why.
struct Proposal {
    std::string cap;  ///< "perTx", "hourly", "daily", "count"
    Unit unit = Unit::micro_usdc;
    std::int64_t limit = 0;     ///< micro-USDC or calls
    std::int64_t observed = 0;  ///< the same
    std::string reason;         ///< for people: "busiest day 2026-11-20: 12.40 USDC; + 25 %"
};
std::vector<Proposal> proposals(const Habit& habit, std::int64_t headroom);

/// The kinds of caps that a replay of a measuring draft finds the peaks of.
inline constexpr const char* kMeasured[] = {"hourly", "daily", "count 1m"};

enum class Draft : std::uint8_t {
    proposal,
    measuring,  ///< the same, with windows that count and never refuse
};
struct DraftOptions {
    Draft kind = Draft::proposal;
    std::int64_t headroom = 25;        ///< percent
    std::vector<std::string> heading;  ///< lines of the comment at the top
};
std::string draft(const policy::Document& catalogue, const Habits& habits,
                  const DraftOptions& options);

/// The least amount or count of one or two leading digits that is not less (10, 12, 15, 20, ...).
std::int64_t nice_up(std::int64_t value);

}  // namespace purse::server::replay
