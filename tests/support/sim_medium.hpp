// SPDX-License-Identifier: Apache-2.0
// What a storage medium keeps when the power is cut: everything that was synced, and of what was
// not, anything that a page cache may have written out by then. Knows files, names and sectors,
// and nothing of SQLite.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/seeded_entropy.hpp"

namespace purse::test {

/// The files of a medium: contents by path.
using DiskImage = std::map<std::string, std::string>;

/// One thing that was done to a medium. Files have numbers, because a name may be removed and given
/// to another file.
struct DiskEvent {
    enum class Kind : std::uint8_t {
        create,       ///< `path` names `file` from now on
        remove,       ///< `path` names nothing any more
        write,        ///< `bytes` to `at`
        truncate,     ///< to the length `at`
        sync,         ///< the file's contents
        sync_folder,  ///< the names in the folder `path`
    };
    Kind kind = Kind::write;
    int file = 0;  ///< not of remove and sync_folder
    std::string path{};
    std::int64_t at = 0;
    std::string bytes{};
};

/// What is on the medium for good, and what is still on its way there.
class Medium {
public:
    Medium() = default;
    /// One on which all of `image` is durable. Its files have the numbers 1, 2, 3 ... in the order
    /// of their paths.
    explicit Medium(const DiskImage& image);

    void apply(const DiskEvent& event);

    /// What a power cut at this moment leaves. Names come in the order in which they were given
    /// and taken; of each file's unsynced writes, by the dice: none, all, those up to some
    /// moment, some, some in another order, or every sector as it was at a moment of its own;
    /// each maybe torn between sectors of 512 bytes.
    DiskImage after_power_cut(Dice& dice) const;

    /// Whether a power cut could lose anything at all.
    bool is_clean() const noexcept;

private:
    /// A write or truncation that was not synced.
    struct Change {
        bool is_truncate = false;
        std::int64_t at = 0;
        std::string bytes;
    };
    struct File {
        std::string durable;
        std::vector<Change> pending;
    };
    /// A name given (`file` != 0) or taken.
    struct Naming {
        std::string path;
        int file = 0;
    };

    static void change(std::string& contents, const Change& change);
    static std::string contents_after(const File& file, Dice& dice);
    static std::string by_sector(const File& file, Dice& dice);
    static std::vector<Change> some_changes(const File& file, Dice& dice);
    void sync_names(std::string_view folder);

    std::map<int, File> files_;
    std::map<std::string, int> names_;  ///< the durable ones
    std::vector<Naming> naming_;        ///< those on their way
};

/// All that was ever done to a medium, so that the power can be cut at any moment of it, also
/// when all is over.
class DiskLog {
public:
    explicit DiskLog(DiskImage before = {});

    void add(DiskEvent event) { events_.push_back(std::move(event)); }
    /// How many events there are; a point is a number from 0 to this.
    std::size_t size() const noexcept { return events_.size(); }
    const std::vector<DiskEvent>& events() const noexcept { return events_; }
    /// The points behind each sync of a file or folder, in order.
    std::vector<std::size_t> sync_points() const;

    /// What a power cut leaves when the first `point` events have happened. Quick for points that
    /// only rise from call to call.
    DiskImage image_after_power_cut(std::size_t point, Dice& dice) const;

private:
    DiskImage before_;
    std::vector<DiskEvent> events_;
    mutable Medium at_;  // a medium to which the first `reached_` events were done
    mutable std::size_t reached_ = 0;
};

}  // namespace purse::test
