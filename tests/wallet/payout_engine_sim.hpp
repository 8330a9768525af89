// SPDX-License-Identifier: Apache-2.0
// One run of payouts through everything that can go wrong, decided by its seed.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace purse::test {

struct SimResult {
    std::string wrong;  ///< empty: all promises were kept
    int ticks = 0;
    int rounds_to_heal = 0;
    std::map<std::string, int> happened;  ///< for people: what the run was made of
};

struct SimPlan {
    std::uint64_t seed = 1;
    int steps = 60;
    /// A ledger that is put back, and in the same run authorizations that die by time or by
    /// cancellation.
    bool is_beyond = false;
    bool is_loud = false;  ///< tells each event on standard error
};

SimResult simulate(const SimPlan& plan);

}  // namespace purse::test
