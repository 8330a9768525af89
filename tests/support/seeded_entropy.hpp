// SPDX-License-Identifier: Apache-2.0
// Random bytes and numbers that come again with their seed.
#pragma once

#include <random>

#include "ledger/entropy.hpp"

namespace purse::test {

class SeededEntropy final : public Entropy {
public:
    explicit SeededEntropy(std::uint64_t seed = 1) : engine_{seed} {}

    void fill(std::span<std::uint8_t> out) override
    {
        for (auto& byte : out) byte = static_cast<std::uint8_t>(engine_());
    }

private:
    std::mt19937_64 engine_;
};

/// Draws for tests; the same on every platform (the standard's distributions are not).
class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_{seed} {}

    /// low .. high, both included.
    std::int64_t between(std::int64_t low, std::int64_t high)
    {
        const auto width = static_cast<std::uint64_t>(high - low) + 1;
        return low + static_cast<std::int64_t>(engine_() % width);
    }
    /// True `times` out of `of`.
    bool odds(int times, int of) { return between(1, of) <= times; }

private:
    std::mt19937_64 engine_;
};

}  // namespace purse::test
