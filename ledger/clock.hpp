// SPDX-License-Identifier: Apache-2.0
// Time as the ledger sees it: whole microseconds since 1970-01-01 UTC, read
// only through the Clock port, so that a simulator can own it.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace purse {

/// A length of time in whole microseconds.
struct Span {
    std::int64_t us = 0;

    static constexpr Span seconds(std::int64_t s) noexcept { return {s * 1'000'000}; }
    static constexpr Span minutes(std::int64_t m) noexcept { return seconds(m * 60); }
    static constexpr Span hours(std::int64_t h) noexcept { return minutes(h * 60); }
    static constexpr Span days(std::int64_t d) noexcept { return hours(d * 24); }
    constexpr auto operator<=>(const Span&) const noexcept = default;
};

/// A moment in whole microseconds since 1970-01-01T00:00:00Z.
struct Instant {
    std::int64_t us = 0;

    static constexpr Instant never() noexcept { return {std::numeric_limits<std::int64_t>::max()}; }
    constexpr Instant operator+(Span s) const noexcept { return {us + s.us}; }
    constexpr Instant operator-(Span s) const noexcept { return {us - s.us}; }
    constexpr Span operator-(Instant o) const noexcept { return {us - o.us}; }
    constexpr auto operator<=>(const Instant&) const noexcept = default;
};

/// Port: where time comes from. Both may be read from any thread.
class Clock {
public:
    virtual ~Clock() = default;
    /// The wall clock. May jump in either direction.
    virtual Instant wall() const = 0;
    /// A clock that only rises and counts while the machine sleeps; its zero means nothing.
    virtual Span boot() const = 0;
};

}  // namespace purse
