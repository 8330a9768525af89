// SPDX-License-Identifier: Apache-2.0
// Seeds that once found something, kept as text files in tests/sim/seeds/: a line "seed N", a line
// "events N", a line "settings HASH" (of what the seed drew then), and what it found.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/plan.hpp"

namespace purse::sim {

struct KeptSeed {
    std::string file;
    std::uint64_t seed = 0;
    int events = 0;
    std::string settings;
    std::string found;
};

/// In the order of their names. Throws std::runtime_error where a file has another form.
std::vector<KeptSeed> kept_seeds(const std::string& folder);

/// Short, and another one when the seed draws other settings.
std::string settings_hash(const Plan& plan);

}  // namespace purse::sim
