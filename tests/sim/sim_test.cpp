// SPDX-License-Identifier: Apache-2.0
// A short run of what purse_sim does for hours: by the same seeds, so that a failure is told as
// `purse_sim --seed N`. PURSE_SIM_SEEDS sets how many.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/sim/kept_seeds.hpp"
#include "tests/sim/run.hpp"

namespace purse::sim {

namespace {
// A seed's first thousands of events have all kinds of trouble that it has.
constexpr int kEvents = 1500;

std::string told(const Report& report)
{
    std::string text;
    for (const auto& line : report.last) text += line + "\n";
    return text;
}

void check(std::uint64_t seed, int events)
{
    const auto plan = draw_plan(seed, events);
    const auto report = simulate(plan);
    INFO("purse_sim --seed " << seed << " --events " << events << " --verbose\n"
                             << plan.text() << "\n"
                             << (report.wrong.empty() ? std::string{} : told(report)));
    REQUIRE(report.wrong == "");
}
}  // namespace

TEST_CASE("simulation: every answer is the one that the shadow foretells, whatever happens")
{
    const char* wish = std::getenv("PURSE_SIM_SEEDS");
    const auto seeds = wish == nullptr ? 200 : std::strtoull(wish, nullptr, 10);
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) check(seed, kEvents);
}

TEST_CASE("simulation: seeds that once found something")
{
    const auto kept = kept_seeds(PURSE_SOURCE_DIR "/tests/sim/seeds");
    REQUIRE_FALSE(kept.empty());
    for (const auto& one : kept) {
        INFO(one.file << ": " << one.found);
        // The same number draws something else where the draw has changed; then it is to be found
        // anew, or let go.
        CHECK(settings_hash(draw_plan(one.seed, one.events)) == one.settings);
        check(one.seed, one.events);
    }
}

TEST_CASE("simulation: the same seed twice gives the same answers")
{
    for (const std::uint64_t seed : {3, 42, 77}) {
        const auto first = simulate(draw_plan(seed, kEvents));
        const auto second = simulate(draw_plan(seed, kEvents));
        CHECK(first.wrong == "");
        CHECK(first.digest == second.digest);
        CHECK(first.counted == second.counted);
        CHECK(first.digest != simulate(draw_plan(seed + 1, kEvents)).digest);
    }
}

}  // namespace purse::sim
