// SPDX-License-Identifier: Apache-2.0
// Many runs of payouts, each by its seed: payout_sim [--from SEED] [--seeds COUNT] [--steps COUNT]
// [--seed SEED] [--keep-going] [--beyond]. With --seed, one run that tells what happens.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "tests/wallet/payout_engine_sim.hpp"

int main(int count, char** arguments)
{
    std::uint64_t from = 1;
    std::uint64_t seeds = 2000;
    bool keeps_going = false;
    purse::test::SimPlan plan;
    for (int i = 1; i < count; ++i) {
        const std::string_view name = arguments[i];
        if (name == "--keep-going") {
            keeps_going = true;
            continue;
        }
        if (name == "--beyond") {
            plan.is_beyond = true;
            continue;
        }
        if (i + 1 == count) {
            std::cerr << name << " wants a number\n";
            return 2;
        }
        const auto value = std::strtoull(arguments[++i], nullptr, 10);
        if (name == "--from") {
            from = value;
        } else if (name == "--seeds") {
            seeds = value;
        } else if (name == "--steps") {
            plan.steps = static_cast<int>(value);
        } else if (name == "--seed") {
            from = value;
            seeds = 1;
            plan.is_loud = true;
        } else {
            std::cerr << "unknown: " << name << '\n';
            return 2;
        }
    }
    const auto began = std::chrono::steady_clock::now();
    std::map<std::string, int> happened;
    long ticks = 0;
    int failed = 0;
    int longest = 0;
    for (auto seed = from; seed < from + seeds; ++seed) {
        plan.seed = seed;
        const auto result = purse::test::simulate(plan);
        for (const auto& [what, times] : result.happened) happened[what] += times;
        ticks += result.ticks;
        longest = std::max(longest, result.rounds_to_heal);
        if (result.wrong.empty()) continue;
        ++failed;
        std::cerr << "seed " << seed << ": " << result.wrong << '\n';
        if (!keeps_going) break;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::cout << seeds << " seeds, " << failed << " failed, " << ticks << " rounds of the engine, "
              << took.count() << " s; the longest healing took " << longest << " rounds\n";
    for (const auto& [what, times] : happened) std::cout << "  " << what << ": " << times << '\n';
    return failed == 0 ? 0 : 1;
}
