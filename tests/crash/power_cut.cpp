// SPDX-License-Identifier: Apache-2.0
// Cuts the power under the ledger: its whole life is recorded on a simulated disk, and of many
// moments the image is made that a power cut may have left there, opened and audited.
//   PURSE_POWER_IMAGES, --images N   how many images (default 500)
//   PURSE_POWER_SEED, --seed N       of the first life (default 1)
//   --lying-disk                     the disk only says that it syncs: succeeds when that is
//                                    found out, so that the test is known to be able to fail
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/crash/power_images.hpp"
#include "tests/support/temp_folder.hpp"

using namespace purse::test;

namespace {
constexpr int kImagesALife = 250;
constexpr int kCommitsALife = 150;
constexpr std::size_t kMistakesShown = 10;

struct Options {
    long images = 500;
    long seed = 1;
    SimDisk::Syncs syncs = SimDisk::Syncs::kept;
};

long setting(const char* name, long otherwise)
{
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtol(text, nullptr, 10);
}

bool read(int argc, char** argv, Options& options)
{
    for (int i = 1; i < argc; ++i) {
        const bool has_value = i + 1 < argc;
        if (std::strcmp(argv[i], "--lying-disk") == 0)
            options.syncs = SimDisk::Syncs::ignored;
        else if (std::strcmp(argv[i], "--images") == 0 && has_value)
            options.images = std::strtol(argv[++i], nullptr, 10);
        else if (std::strcmp(argv[i], "--seed") == 0 && has_value)
            options.seed = std::strtol(argv[++i], nullptr, 10);
        else
            return false;
    }
    return options.images > 0;
}

struct Totals {
    long lives = 0;
    std::size_t commits = 0;
    std::size_t holds = 0;
    std::size_t events = 0;
    std::size_t syncs = 0;
    std::map<std::string, int> commits_of;  ///< by kind of piece
};

/// One life, and the images of its power cuts.
void live(const Options& options, int images, std::uint64_t seed, Totals& totals, CutTally& tally)
{
    const TempFolder folder{TempFolder::On::memory};
    SimDisk disk{{.seed = seed, .syncs = options.syncs}};
    PowerLife life{disk, folder.path(), seed};
    life.live(kCommitsALife);
    const auto& log = disk.log();
    ++totals.lives;
    totals.commits += life.moments().size() - 1;
    totals.holds += life.told().size();
    totals.events += log.size();
    totals.syncs += log.sync_points().size();
    for (const auto& moment : life.moments())
        for (const auto& kind : moment.what) ++totals.commits_of[kind];
    const PowerImages cut{life, log, folder.path()};
    Dice dice{seed};
    const auto before = tally.mistakes.size();
    for (const auto& one : cut.cuts(images, dice)) cut.look(one, tally);
    for (auto i = before; i < tally.mistakes.size() && i < before + kMistakesShown; ++i)
        std::printf("%s life %llu, %s\n",
                    options.syncs == SimDisk::Syncs::kept ? "MISTAKE" : "found",
                    static_cast<unsigned long long>(seed), tally.mistakes[i].c_str());
}

void print(const Totals& totals, const CutTally& tally)
{
    std::printf(
        "%ld lives, %zu commits, %zu holds, %zu writes and syncs (%zu syncs)\n"
        "%d images: %d cuts fell into a commit (%d of these commits are there, %d are not), %d "
        "were followed by a second cut\n",
        totals.lives, totals.commits, totals.holds, totals.events, totals.syncs, tally.images,
        tally.rolled_on + tally.rolled_back, tally.rolled_on, tally.rolled_back, tally.second_cuts);
    for (const auto& [kind, count] : totals.commits_of) {
        const auto inside = tally.inside.find(kind);
        std::printf("  %-28s %6d in the lives, %6d images cut into its commit\n", kind.c_str(),
                    count, inside == tally.inside.end() ? 0 : inside->second);
    }
    std::printf("%zu mistakes, in %d images something acknowledged is lost\n",
                tally.mistakes.size(), tally.lost);
}

int cut_power(const Options& options)
{
    std::printf("seed %ld, %ld images\n", options.seed, options.images);
    Totals totals;
    CutTally tally;
    for (auto left = options.images; left > 0; left -= kImagesALife)
        live(options, static_cast<int>(std::min<long>(left, kImagesALife)),
             static_cast<std::uint64_t>(options.seed + totals.lives), totals, tally);
    print(totals, tally);
    if (options.syncs == SimDisk::Syncs::ignored) return tally.lost > 0 ? 0 : 1;
    return tally.mistakes.empty() ? 0 : 1;
}
}  // namespace

int main(int argc, char** argv)
{
    Options options{.images = setting("PURSE_POWER_IMAGES", 500),
                    .seed = setting("PURSE_POWER_SEED", 1)};
    if (!read(argc, argv, options)) {
        std::fputs("usage: power_cut [--images N] [--seed N] [--lying-disk]\n", stderr);
        return 2;
    }
    try {
        return cut_power(options);
    } catch (const std::exception& error) {
        std::printf("%s\n", error.what());
        return 1;
    }
}
