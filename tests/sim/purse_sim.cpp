// SPDX-License-Identifier: Apache-2.0
// Many runs of the purse, each by its seed: purse_sim [--from SEED] [--seeds COUNT]
// [--events COUNT] [--keep-going] [--seed SEED [--verbose]]. With --seed, that one run.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "tests/sim/kept_seeds.hpp"
#include "tests/sim/run.hpp"

using namespace purse::sim;

namespace {
struct Wishes {
    std::uint64_t from = 1;
    std::uint64_t seeds = 200;
    int events = 4000;
    bool keeps_going = false;
    bool is_verbose = false;
};

bool read(int count, char** arguments, Wishes& wishes)
{
    for (int i = 1; i < count; ++i) {
        const std::string_view name = arguments[i];
        if (name == "--keep-going") {
            wishes.keeps_going = true;
            continue;
        }
        if (name == "--verbose") {
            wishes.is_verbose = true;
            continue;
        }
        if (i + 1 == count) {
            std::cerr << name << " wants a number\n";
            return false;
        }
        const auto value = std::strtoull(arguments[++i], nullptr, 10);
        if (name == "--from") {
            wishes.from = value;
        } else if (name == "--seeds") {
            wishes.seeds = value;
        } else if (name == "--events") {
            wishes.events = static_cast<int>(value);
        } else if (name == "--seed") {
            wishes.from = value;
            wishes.seeds = 1;
        } else {
            std::cerr << "unknown: " << name << '\n';
            return false;
        }
    }
    return true;
}

void tell_failure(std::uint64_t seed, const Wishes& wishes, const Plan& plan, const Report& report)
{
    std::cerr << "seed " << seed << ": " << report.wrong << "\n  settings: " << plan.text()
              << "\n  to keep it in tests/sim/seeds/: seed " << seed << ", events " << wishes.events
              << ", settings " << settings_hash(plan) << "\n  again: purse_sim --seed " << seed
              << " --events " << wishes.events << " --verbose\n  the last events:\n";
    for (const auto& line : report.last) std::cerr << "    " << line << '\n';
}
}  // namespace

int main(int count, char** arguments)
{
    Wishes wishes;
    if (!read(count, arguments, wishes)) return 2;
    const auto began = std::chrono::steady_clock::now();
    Report all;
    std::uint64_t failed = 0;
    std::uint64_t ran = 0;
    for (auto seed = wishes.from; seed < wishes.from + wishes.seeds; ++seed) {
        auto plan = draw_plan(seed, wishes.events);
        plan.is_loud = wishes.is_verbose;
        if (plan.is_loud)
            std::cerr << "settings " << settings_hash(plan) << ": " << plan.text() << '\n';
        const auto report = simulate(plan);
        ++ran;
        all.add(report);
        if (report.wrong.empty()) continue;
        ++failed;
        tell_failure(seed, wishes, plan, report);
        if (!wishes.keeps_going) break;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    const auto years = static_cast<double>(all.simulated_us) / 1e6 / 86'400 / 365.25;
    std::cout << ran << " seeds, " << failed << " failed, " << all.events() << " events, "
              << took.count() << " s, " << static_cast<double>(all.events()) / took.count()
              << " events/s, " << years << " simulated years, digest " << std::hex << all.digest
              << std::dec << '\n';
    for (const auto& [what, times] : all.counted)
        std::cout << "  " << what << ": " << times << '\n';
    return failed == 0 ? 0 : 1;
}
