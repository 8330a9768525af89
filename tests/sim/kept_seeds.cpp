// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/kept_seeds.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "ledger/hash.hpp"

namespace purse::sim {

std::vector<KeptSeed> kept_seeds(const std::string& folder)
{
    std::vector<KeptSeed> kept;
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        if (entry.path().extension() != ".txt") continue;
        std::ifstream file{entry.path()};
        KeptSeed one;
        one.file = entry.path().filename();
        std::string seed;
        std::string events;
        std::string settings;
        file >> seed >> one.seed >> events >> one.events >> settings >> one.settings >> std::ws;
        if (!file || seed != "seed" || events != "events" || settings != "settings")
            throw std::runtime_error{one.file + " is no kept seed"};
        one.found.assign(std::istreambuf_iterator<char>{file}, {});
        kept.push_back(std::move(one));
    }
    std::ranges::sort(kept, {}, &KeptSeed::file);
    return kept;
}

std::string settings_hash(const Plan& plan)
{
    return to_hex(as_bytes(sha256({plan.text()}))).substr(0, 16);
}

}  // namespace purse::sim
