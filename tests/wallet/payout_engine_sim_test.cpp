// SPDX-License-Identifier: Apache-2.0
// A short run of what payout_sim does for hours: by the same seeds, so that a failure is told as
// `payout_sim --seed N`.
#include "tests/wallet/payout_engine_sim.hpp"

#include <catch2/catch.hpp>

namespace purse::test {

TEST_CASE("simulation: every debt is paid once, whatever happens")
{
    for (std::uint64_t seed = 1; seed <= 128; ++seed) {
        const auto result = simulate({.seed = seed});
        INFO("payout_sim --seed " << seed);
        REQUIRE(result.wrong == "");
    }
}

TEST_CASE("simulation: ledgers put back among dead numbers")
{
    for (std::uint64_t seed = 1; seed <= 64; ++seed) {
        const auto result = simulate({.seed = seed, .is_beyond = true});
        INFO("payout_sim --beyond --seed " << seed);
        REQUIRE(result.wrong == "");
    }
}

TEST_CASE("simulation: the same seed, the same run")
{
    const auto first = simulate({.seed = 42});
    const auto second = simulate({.seed = 42});
    CHECK(first.ticks == second.ticks);
    CHECK(first.happened == second.happened);
}

}  // namespace purse::test
