// SPDX-License-Identifier: Apache-2.0
// What is asked of a ledger that lost its power: its tables are those of one whole commit, none
// that was acknowledged before the cut is missing, and it works on.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/crash/power_life.hpp"

namespace purse::test {

/// What a run of images has seen.
struct CutTally {
    int images = 0;
    int second_cuts = 0;                ///< of the power that had come back
    int rolled_back = 0;                ///< a commit under way is not there
    int rolled_on = 0;                  ///< a commit under way is there, though nobody was told
    int lost = 0;                       ///< images in which something acknowledged is missing
    std::map<std::string, int> inside;  ///< images whose cut fell into a commit of that kind
    std::vector<std::string> mistakes;
};

/// Draws images of one life's log and looks at each. The ledger is opened by the normal code.
class PowerImages {
public:
    struct Cut {
        std::size_t point = 0;
        std::uint64_t seed = 0;
    };
    PowerImages(const PowerLife& life, const DiskLog& log, std::string folder);

    /// Points for `count` cuts, rising: as many before each sync, between two and behind each.
    std::vector<Cut> cuts(int count, Dice& dice) const;
    void look(const Cut& cut, CutTally& tally) const;

private:
    /// Which commits can be the last one in an image.
    struct Range {
        std::size_t first = 0;
        std::size_t last = 0;
    };
    Range range_at(std::size_t point) const;
    /// The last commit whose tables these are; nothing: of none in the range.
    std::optional<std::size_t> moment_of(const Digest& tables, Range range) const;
    std::string examine(const Cut& cut, Range range, CutTally& tally) const;
    std::string no_commit(const Digest& tables, Range range, CutTally& tally) const;
    std::string compare_holds(std::size_t moment) const;
    std::string go_on(std::size_t moment, const SimDisk& disk, Dice& dice, CutTally& tally) const;
    std::string ask_again(std::size_t moment, Books& books) const;
    std::string cut_again(std::size_t moment, const SimDisk& disk, Dice& dice, const Digest& tables,
                          std::size_t acknowledged) const;

    const PowerLife& life_;
    const DiskLog& log_;
    const std::string folder_;
};

}  // namespace purse::test
