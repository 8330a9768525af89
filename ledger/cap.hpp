// SPDX-License-Identifier: Apache-2.0
// Caps and what is counted against them. A cap is written, never summed: each has
// counters with `held` and `spent`, and a hold fits while held + spent + x <= limit.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "ledger/calendar.hpp"
#include "ledger/refusal.hpp"

namespace purse {

/// What a cap counts.
enum class Unit : std::uint8_t {
    micro_usdc,  ///< money; a void or an expiry gives it back
    calls,       ///< holds taken; never given back
};

/// A limit that never refuses: the counter is kept for reports and for caps to come.
inline constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

/// When a counter makes a person be asked.
enum class Asks : std::uint8_t {
    never,
    when_full,     ///< instead of refusing; what a person allows is then not counted here
    when_unspent,  ///< nothing was ever paid under this scope
};

/// One cap of one budget, as the policy document defines it. Immutable.
struct CapRule {
    std::string budget;  ///< "agent/image-gen-agent-v2" or "budget/team-design"
    std::string
        kind;  ///< "daily", "perTask", "rolling 1h", "count 1m", "loop 1m"; unique in its budget
    Unit unit = Unit::micro_usdc;
    Window window = Window::lifetime;
    Span span;                                    ///< length, for Window::rolling
    std::int64_t limit = kNoLimit;                ///< micro-USDC or calls
    Reason reason = Reason::spend_limit_reached;  ///< what a refusal by this cap says
    Asks asks = Asks::never;
};

/// One cap that applies to one hold. The rule outlives the leg (the policy snapshot owns it).
struct Leg {
    const CapRule* rule = nullptr;
    std::string scope;  ///< which of the cap's counters: a task id, a workflow id, a loop's
                        ///< signature, or ""
};

/// Whole percent of a limit, rounded down, at most 999; 0 without a limit, 100 of a limit of 0.
constexpr int used_percent(std::int64_t used, std::int64_t limit) noexcept
{
    if (limit == kNoLimit) return 0;
    if (limit == 0) return 100;
    __extension__ using Wide = __int128;  // a hundredfold sum needs more than 64 bits
    const auto percent = static_cast<Wide>(used) * 100 / limit;
    return percent > 999 ? 999 : static_cast<int>(percent);
}

/// A counter as it stood at one moment, in the words of the table in DESIGN.md.
struct CapState {
    std::string budget;
    std::string kind;
    std::string scope;
    Unit unit = Unit::micro_usdc;
    Window window = Window::lifetime;
    Span span;
    std::int64_t limit = 0;  ///< kNoLimit: counted, not capped
    std::int64_t held = 0;
    std::int64_t spent = 0;
    Reason reason = Reason::spend_limit_reached;
    std::optional<Instant> resets_at;  ///< when room returns; nothing: never by itself

    /// What is left; never negative (a lowered limit can leave a counter above it).
    std::int64_t available() const noexcept
    {
        const auto used = held + spent;
        return used >= limit ? 0 : limit - used;
    }
    /// As purse::used_percent, of what is held or spent.
    int used_percent() const noexcept { return purse::used_percent(held + spent, limit); }
};

}  // namespace purse
