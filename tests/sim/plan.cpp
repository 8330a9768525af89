// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/plan.hpp"

namespace purse::sim {

Plan draw_plan(std::uint64_t seed, int events)
{
    Dice dice{seed * 0x9e3779b97f4a7c15ULL + 1};
    const auto rate = [&](int on_of_ten, int most) {
        return dice.odds(on_of_ten, 10) ? static_cast<int>(dice.between(1, most)) : 0;
    };
    Plan plan;
    plan.seed = seed;
    plan.events = events;
    plan.processes = static_cast<int>(dice.between(1, 3));
    plan.agents = static_cast<int>(dice.between(1, 4));
    plan.batch_max = dice.odds(1, 5) ? 1 : static_cast<int>(dice.between(2, 32));
    plan.by_file = dice.odds(1, 2);
    plan.has_people = dice.odds(1, 2);
    plan.has_heads = dice.odds(1, 3);
    plan.keyed = dice.odds(1, 4) ? 1000 : static_cast<int>(dice.between(100, 1000));
    plan.vanishing = rate(7, 200);
    plan.repeating = rate(7, 200);
    plan.lying = rate(7, 150);
    plan.late = rate(6, 300);
    plan.operating = rate(8, 60);
    plan.store_faults = rate(6, 60);
    plan.disk_faults = rate(4, 30);
    plan.crashes = rate(6, 30);
    plan.power_cuts = rate(3, 20);
    plan.restarts = rate(6, 20);
    plan.jumps = rate(5, 40);
    plan.leaps = rate(7, 60);
    plan.has_chain = dice.odds(1, 8);
    if (!plan.has_chain) return plan;
    plan.mishaps = rate(8, 200);
    // The engine is promised nothing where the clock and the chain are days apart.
    plan.jumps = 0;
    return plan;
}

std::string Plan::text() const
{
    std::string text;
    const auto add = [&](const char* name, int value) {
        text += (text.empty() ? "" : " ") + std::string{name} + "=" + std::to_string(value);
    };
    add("events", events);
    add("processes", processes);
    add("agents", agents);
    add("batch", batch_max);
    add("file", by_file ? 1 : 0);
    add("people", has_people ? 1 : 0);
    add("chain", has_chain ? 1 : 0);
    add("mishaps", mishaps);
    add("heads", has_heads ? 1 : 0);
    add("keyed", keyed);
    add("vanishing", vanishing);
    add("repeating", repeating);
    add("lying", lying);
    add("late", late);
    add("operating", operating);
    add("store_faults", store_faults);
    add("disk_faults", disk_faults);
    add("crashes", crashes);
    add("power_cuts", power_cuts);
    add("restarts", restarts);
    add("jumps", jumps);
    add("leaps", leaps);
    return text;
}

}  // namespace purse::sim
