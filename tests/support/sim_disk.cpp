// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sim_disk.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

namespace purse::test {

SimDisk* SimDisk::current = nullptr;

/// A file: what its readers see, and who holds which lock on it.
struct SimDisk::Node {
    std::string path;  // empty: a temporary one, of which nothing is remembered
    int number = 0;
    std::string contents;

    int sharers = 0;  // connections with SHARED or more
    const Handle* reserved = nullptr;
    const Handle* pending = nullptr;
    const Handle* exclusive = nullptr;

    // The shared memory of a database's write-ahead log.
    std::vector<std::unique_ptr<std::vector<std::uint64_t>>> regions;
    int mappers = 0;
    std::array<int, SQLITE_SHM_NLOCK> shared_locks{};
    std::array<const Handle*, SQLITE_SHM_NLOCK> exclusive_locks{};
};

struct SimDisk::Handle {
    SimDisk& disk;
    std::shared_ptr<Node> node;
    int life = 0;
    bool syncs_folder = false;  // as of a log or journal: with its first sync, its name is synced
    bool is_temporary = false;
    int level = SQLITE_LOCK_NONE;
    bool maps = false;
    unsigned shm_shared = 0;
    unsigned shm_exclusive = 0;

    bool has_power() const noexcept { return life == disk.life_; }
};

struct SimDisk::Slot {
    sqlite3_file base;
    Handle* handle;
};

/// The functions that SQLite calls. Those on files answer an I/O error when the power was cut.
struct SimDisk::Vfs {
    static const sqlite3_io_methods kMethods;

    static Handle& of(sqlite3_file* file) noexcept
    {
        return *reinterpret_cast<Slot*>(file)->handle;
    }

    static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out)
    {
        auto* slot = new (file) Slot{};
        auto& disk = *current;
        const std::lock_guard lock{disk.mutex_};
        const std::string path = name == nullptr ? "" : name;
        auto node = disk.is_off_ ? nullptr : disk.open(path, (flags & SQLITE_OPEN_CREATE) != 0);
        if (!node) return SQLITE_CANTOPEN;
        const bool is_log =
            (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL)) != 0;
        slot->handle = new Handle{.disk = disk,
                                  .node = std::move(node),
                                  .life = disk.life_,
                                  .syncs_folder = is_log && (flags & SQLITE_OPEN_CREATE) != 0,
                                  .is_temporary = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0};
        slot->base.pMethods = &kMethods;
        if (out != nullptr) *out = flags;
        return SQLITE_OK;
    }

    static int remove(sqlite3_vfs*, const char* name, int syncs_folder)
    {
        auto& disk = *current;
        const std::lock_guard lock{disk.mutex_};
        if (disk.is_off_) return SQLITE_IOERR_DELETE;
        if (!disk.remove(name)) return SQLITE_IOERR_DELETE_NOENT;
        if (syncs_folder != 0) sync_folder(disk, name);
        return SQLITE_OK;
    }

    static int access(sqlite3_vfs*, const char* name, int flags, int* out)
    {
        auto& disk = *current;
        const std::lock_guard lock{disk.mutex_};
        const auto found = disk.files_.find(name);
        // As the real one: an empty file is taken for none.
        *out = found != disk.files_.end() &&
               (flags != SQLITE_ACCESS_EXISTS || !found->second->contents.empty());
        return SQLITE_OK;
    }

    static int full_path(sqlite3_vfs*, const char* name, int size, char* out)
    {
        sqlite3_snprintf(size, out, "%s", name);
        return name[0] == '/' ? SQLITE_OK : SQLITE_CANTOPEN;  // tests give whole paths
    }

    static int randomness(sqlite3_vfs*, int size, char* out)
    {
        for (int i = 0; i < size; ++i) out[i] = static_cast<char>(current->chance_());
        return size;
    }

    /// Nobody sleeps on a disk that takes no time.
    static int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }

    static int close(sqlite3_file* file)
    {
        auto* slot = reinterpret_cast<Slot*>(file);
        auto& handle = *slot->handle;
        {
            const std::lock_guard lock{handle.disk.mutex_};
            unlock_to(handle, SQLITE_LOCK_NONE);
            if (handle.is_temporary && handle.has_power()) handle.disk.remove(handle.node->path);
        }
        delete slot->handle;
        slot->handle = nullptr;
        return SQLITE_OK;
    }

    static int read(sqlite3_file* file, void* to, int size, sqlite3_int64 at)
    {
        auto& handle = of(file);
        const std::lock_guard lock{handle.disk.mutex_};
        if (!handle.has_power()) return SQLITE_IOERR_READ;
        const auto& contents = handle.node->contents;
        const auto from = std::min(contents.size(), static_cast<std::size_t>(at));
        const auto count = std::min(contents.size() - from, static_cast<std::size_t>(size));
        std::memcpy(to, contents.data() + from, count);
        if (count == static_cast<std::size_t>(size)) return SQLITE_OK;
        std::memset(static_cast<char*>(to) + count, 0, static_cast<std::size_t>(size) - count);
        return SQLITE_IOERR_SHORT_READ;
    }

    static int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 at)
    {
        auto& handle = of(file);
        const std::lock_guard lock{handle.disk.mutex_};
        if (!handle.has_power()) return SQLITE_IOERR_WRITE;
        auto& contents = handle.node->contents;
        const auto place = static_cast<std::size_t>(at);
        const auto count = static_cast<std::size_t>(size);
        if (contents.size() < place + count) contents.resize(place + count);
        std::memcpy(contents.data() + place, from, count);
        handle.disk.note_of(*handle.node, {.kind = DiskEvent::Kind::write,
                                           .at = at,
                                           .bytes = {static_cast<const char*>(from), count}});
        return SQLITE_OK;
    }

    static int truncate(sqlite3_file* file, sqlite3_int64 size)
    {
        auto& handle = of(file);
        const std::lock_guard lock{handle.disk.mutex_};
        if (!handle.has_power()) return SQLITE_IOERR_TRUNCATE;
        handle.node->contents.resize(static_cast<std::size_t>(size));
        handle.disk.note_of(*handle.node, {.kind = DiskEvent::Kind::truncate, .at = size});
        return SQLITE_OK;
    }

    static int sync(sqlite3_file* file, int)
    {
        auto& handle = of(file);
        auto& disk = handle.disk;
        const std::lock_guard lock{disk.mutex_};
        if (!handle.has_power()) return SQLITE_IOERR_FSYNC;
        ++disk.syncs_;
        if (disk.settings_.syncs == Syncs::ignored) return SQLITE_OK;
        disk.note_of(*handle.node, {.kind = DiskEvent::Kind::sync});
        if (std::exchange(handle.syncs_folder, false)) sync_folder(disk, handle.node->path);
        return SQLITE_OK;
    }

    static int size(sqlite3_file* file, sqlite3_int64* out)
    {
        auto& handle = of(file);
        const std::lock_guard lock{handle.disk.mutex_};
        if (!handle.has_power()) return SQLITE_IOERR_FSTAT;
        *out = static_cast<sqlite3_int64>(handle.node->contents.size());
        return SQLITE_OK;
    }

    static int lock(sqlite3_file* file, int level)
    {
        auto& handle = of(file);
        const std::lock_guard guard{handle.disk.mutex_};
        auto& node = *handle.node;
        if (handle.level >= level) return SQLITE_OK;
        if (level == SQLITE_LOCK_SHARED) {
            if (node.pending != nullptr || node.exclusive != nullptr) return SQLITE_BUSY;
            ++node.sharers;
        } else if (level == SQLITE_LOCK_RESERVED) {
            if (node.reserved != nullptr) return SQLITE_BUSY;
            node.reserved = &handle;
        } else {
            if (node.pending != nullptr && node.pending != &handle) return SQLITE_BUSY;
            node.pending = &handle;
            handle.level = SQLITE_LOCK_PENDING;
            if (node.sharers > 1) return SQLITE_BUSY;
            node.exclusive = &handle;
        }
        handle.level = level;
        return SQLITE_OK;
    }

    static void unlock_to(Handle& handle, int level)
    {
        auto& node = *handle.node;
        if (handle.level <= level) return;
        for (const auto** holder : {&node.reserved, &node.pending, &node.exclusive})
            if (*holder == &handle) *holder = nullptr;
        if (level == SQLITE_LOCK_NONE) --node.sharers;
        handle.level = level;
    }

    static int unlock(sqlite3_file* file, int level)
    {
        auto& handle = of(file);
        const std::lock_guard guard{handle.disk.mutex_};
        unlock_to(handle, level);
        return SQLITE_OK;
    }

    static int is_reserved(sqlite3_file* file, int* out)
    {
        auto& handle = of(file);
        const std::lock_guard guard{handle.disk.mutex_};
        *out = handle.node->reserved != nullptr ? 1 : 0;
        return SQLITE_OK;
    }

    static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
    /// As the real one: a page of its own for what must not be torn together.
    static int sector_size(sqlite3_file*) { return 4096; }
    /// As the real one: what was not written to is not damaged.
    static int traits(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

    static int shm_map(sqlite3_file* file, int region, int size, int extends, void volatile** out)
    {
        auto& handle = of(file);
        const std::lock_guard guard{handle.disk.mutex_};
        *out = nullptr;
        if (!handle.has_power()) return SQLITE_IOERR_SHMMAP;
        auto& node = *handle.node;
        if (!std::exchange(handle.maps, true)) ++node.mappers;
        const auto index = static_cast<std::size_t>(region);
        if (node.regions.size() <= index) {
            if (extends == 0) return SQLITE_OK;
            while (node.regions.size() <= index)
                node.regions.push_back(std::make_unique<std::vector<std::uint64_t>>(
                    static_cast<std::size_t>(size) / sizeof(std::uint64_t)));
        }
        *out = node.regions[index]->data();
        return SQLITE_OK;
    }

    static int shm_lock(sqlite3_file* file, int at, int count, int flags)
    {
        auto& handle = of(file);
        const std::lock_guard guard{handle.disk.mutex_};
        const bool is_shared = (flags & SQLITE_SHM_SHARED) != 0;
        if ((flags & SQLITE_SHM_UNLOCK) != 0) {
            shm_unlock(handle, at, count);
            return SQLITE_OK;
        }
        if (!handle.has_power()) return SQLITE_IOERR_SHMLOCK;
        auto& node = *handle.node;
        for (int i = at; i < at + count; ++i) {
            const auto slot = static_cast<std::size_t>(i);
            const auto* holder = node.exclusive_locks.at(slot);
            const int own = (handle.shm_shared >> i & 1U) != 0 ? 1 : 0;
            if (holder != nullptr && holder != &handle) return SQLITE_BUSY;
            if (!is_shared && node.shared_locks.at(slot) > own) return SQLITE_BUSY;
        }
        for (int i = at; i < at + count; ++i) {
            const auto slot = static_cast<std::size_t>(i);
            const auto bit = 1U << i;
            if (is_shared && (handle.shm_shared & bit) == 0) ++node.shared_locks.at(slot);
            if (!is_shared) node.exclusive_locks.at(slot) = &handle;
            (is_shared ? handle.shm_shared : handle.shm_exclusive) |= bit;
        }
        return SQLITE_OK;
    }

    static void shm_unlock(Handle& handle, int at, int count)
    {
        auto& node = *handle.node;
        for (int i = at; i < at + count; ++i) {
            const auto slot = static_cast<std::size_t>(i);
            const auto bit = 1U << i;
            if ((handle.shm_shared & bit) != 0) --node.shared_locks.at(slot);
            if ((handle.shm_exclusive & bit) != 0) node.exclusive_locks.at(slot) = nullptr;
            handle.shm_shared &= ~bit;
            handle.shm_exclusive &= ~bit;
        }
    }

    static void shm_barrier(sqlite3_file*) { std::atomic_thread_fence(std::memory_order_seq_cst); }

    static int shm_unmap(sqlite3_file* file, int)
    {
        auto& handle = of(file);
        const std::lock_guard guard{handle.disk.mutex_};
        shm_unlock(handle, 0, SQLITE_SHM_NLOCK);
        // The last one to leave takes the memory along: who comes next reads the log anew.
        if (std::exchange(handle.maps, false) && --handle.node->mappers == 0)
            handle.node->regions.clear();
        return SQLITE_OK;
    }

    static int fetch(sqlite3_file*, sqlite3_int64, int, void** out)
    {
        *out = nullptr;  // nothing is mapped: SQLite reads
        return SQLITE_OK;
    }
    static int unfetch(sqlite3_file*, sqlite3_int64, void*) { return SQLITE_OK; }

private:
    static void sync_folder(SimDisk& disk, std::string_view path)
    {
        if (disk.settings_.syncs == Syncs::ignored || path.empty()) return;
        disk.note({.kind = DiskEvent::Kind::sync_folder,
                   .path = std::string{path.substr(0, path.rfind('/'))}});
    }
};

const sqlite3_io_methods SimDisk::Vfs::kMethods{
    .iVersion = 3,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = is_reserved,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = traits,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
    .xFetch = fetch,
    .xUnfetch = unfetch,
};

SimDisk::SimDisk(Settings settings)
    : settings_{std::move(settings)},
      before_{current},
      real_{sqlite3_vfs_find(nullptr)},
      vfs_{*real_},
      chance_{settings_.seed}
{
    current = this;
    restart_from(settings_.image);
    vfs_.zName = "simulated";
    vfs_.szOsFile = static_cast<int>(sizeof(Slot));
    vfs_.mxPathname = 1'024;
    vfs_.xOpen = Vfs::open;
    vfs_.xDelete = Vfs::remove;
    vfs_.xAccess = Vfs::access;
    vfs_.xFullPathname = Vfs::full_path;
    vfs_.xRandomness = Vfs::randomness;
    vfs_.xSleep = Vfs::sleep;
    sqlite3_vfs_register(&vfs_, 1);
    // What SQLite draws comes from the seed: it asks for a new beginning.
    sqlite3_randomness(0, nullptr);
}

SimDisk::~SimDisk()
{
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
    sqlite3_randomness(0, nullptr);
    current = before_;
}

DiskImage SimDisk::image_now(Dice& dice) const
{
    const std::lock_guard lock{mutex_};
    return medium_.after_power_cut(dice);
}

DiskImage SimDisk::cut_power(Dice& dice)
{
    const std::lock_guard lock{mutex_};
    ++life_;
    is_off_ = true;
    return medium_.after_power_cut(dice);
}

void SimDisk::restart_from(DiskImage image)
{
    const std::lock_guard lock{mutex_};
    ++life_;
    is_off_ = false;
    files_.clear();
    medium_ = Medium{image};
    log_ = DiskLog{settings_.history == History::kept ? image : DiskImage{}};
    last_file_ = 0;
    for (auto& [path, contents] : image) {
        auto node = std::make_shared<Node>();
        node->path = path;
        node->number = ++last_file_;  // as Medium numbers them
        node->contents = std::move(contents);
        files_[path] = std::move(node);
    }
}

/// Nothing when it is not there and may not be made.
std::shared_ptr<SimDisk::Node> SimDisk::open(const std::string& path, bool may_create)
{
    if (const auto found = files_.find(path); found != files_.end()) return found->second;
    if (!may_create && !path.empty()) return nullptr;
    auto node = std::make_shared<Node>();
    node->path = path;
    if (path.empty()) return node;
    node->number = ++last_file_;
    files_[path] = node;
    note_of(*node, {.kind = DiskEvent::Kind::create, .path = path});
    return node;
}

bool SimDisk::remove(const std::string& path)
{
    if (files_.erase(path) == 0) return false;
    note({.kind = DiskEvent::Kind::remove, .path = path});
    return true;
}

void SimDisk::note_of(const Node& node, DiskEvent event)
{
    if (node.path.empty()) return;
    event.file = node.number;
    note(std::move(event));
}

void SimDisk::note(DiskEvent event)
{
    medium_.apply(event);
    if (settings_.history == History::kept) log_.add(std::move(event));
}

}  // namespace purse::test
