// SPDX-License-Identifier: Apache-2.0
// A disk in memory under the real store: an SQLite VFS, the default for every connection opened
// while it stands, that knows what a power cut would leave. Locks and the shared memory of the
// write-ahead log are there for several connections of this process.
//
//   SimDisk disk{{.seed = 7}};
//   ...                                       // a store at work, in any (real) folder
//   const auto image = disk.cut_power(dice);  // now; or at any moment of the past:
//   // disk.log().image_after_power_cut(point, dice), point <= disk.log().size()
//   ...                                       // the store is let go of: what it does is in vain
//   disk.restart_from(image);
//
// Only what SQLite writes is in here. The ledger's lock files and the journal's key stay in the
// real folder, and so does an empty file in the database's name, which nobody reads.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>

#include "tests/support/sim_medium.hpp"

namespace purse::test {

class SimDisk {
public:
    /// Whether what was done is remembered for log(); a long run needs its memory for other things.
    enum class History { kept, dropped };
    /// A disk that says that it has synced and has not loses what it was trusted with.
    enum class Syncs { kept, ignored };
    struct Settings {
        std::uint64_t seed = 1;  ///< of what SQLite takes for chance
        DiskImage image{};       ///< what is on it in the beginning
        History history = History::kept;
        Syncs syncs = Syncs::kept;
    };

    explicit SimDisk(Settings settings);
    /// The VFS before it is the default again. Its connections must be closed.
    ~SimDisk();
    SimDisk(const SimDisk&) = delete;
    SimDisk& operator=(const SimDisk&) = delete;

    /// What was done since the disk began, or was restarted. Only where history is kept.
    const DiskLog& log() const noexcept { return log_; }
    /// What a power cut at this moment would leave.
    DiskImage image_now(Dice& dice) const;
    /// The same, and from now on every call of a connection that is open fails.
    DiskImage cut_power(Dice& dice);
    /// The disk begins anew with `image`; connections that are still open stay without it.
    void restart_from(DiskImage image);

    /// How many syncs were asked for since the disk began, the ignored ones among them.
    std::int64_t syncs() const noexcept { return syncs_; }

private:
    struct Vfs;     // what SQLite calls
    struct Node;    // a file
    struct Handle;  // a file opened by one connection
    struct Slot;    // where SQLite keeps the handle

    static SimDisk* current;  // SQLite's callbacks have no other way to the disk

    std::shared_ptr<Node> open(const std::string& path, bool may_create);
    bool remove(const std::string& path);
    void note(DiskEvent event);
    void note_of(const Node& node, DiskEvent event);

    const Settings settings_;
    SimDisk* const before_;
    sqlite3_vfs* const real_;
    sqlite3_vfs vfs_{};
    std::mt19937_64 chance_;
    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Node>> files_;
    int last_file_ = 0;
    int life_ = 1;         // handles of an earlier one are without power
    bool is_off_ = false;  // from a power cut until the restart
    std::int64_t syncs_ = 0;
    Medium medium_;
    DiskLog log_;
};

}  // namespace purse::test
