// SPDX-License-Identifier: Apache-2.0
// A clock that a test owns: time passes, or the wall clock alone jumps.
#pragma once

#include <atomic>

#include "ledger/calendar.hpp"
#include "ledger/clock.hpp"

namespace purse::test {

class FakeClock final : public Clock {
public:
    explicit FakeClock(Instant start = {1'795'000'000'000'000}) noexcept : wall_us_{start.us} {}

    Instant wall() const override { return {wall_us_.load()}; }
    Span boot() const override { return {boot_us_.load()}; }

    /// Time passes: both clocks go on.
    void pass(Span span) noexcept
    {
        wall_us_ += span.us;
        boot_us_ += span.us;
    }
    /// Somebody sets the wall clock; no time passes.
    void set_wall(Instant at) noexcept { wall_us_ = at.us; }
    void jump(Span span) noexcept { wall_us_ += span.us; }

private:
    std::atomic<std::int64_t> wall_us_;
    std::atomic<std::int64_t> boot_us_{7'000'000};  // its zero means nothing
};

/// The moment of a text such as "2026-11-23T17:04:05.000000Z".
inline Instant at(std::string_view text)
{
    return from_rfc3339(text).value();
}

}  // namespace purse::test
