// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fault_disk.hpp"

#include <new>

namespace purse::test {

namespace {
struct Plan {
    int seen[4] = {};
    int from = 0;  // 0: never
    FaultDisk::Call call = FaultDisk::Call::write;
    int code = SQLITE_OK;
    int faults = 0;
};
Plan plan;  // SQLite's callbacks have no other way back to the test

int verdict(FaultDisk::Call call) noexcept
{
    const int count = ++plan.seen[static_cast<int>(call)];
    if (plan.from == 0 || plan.call != call || count < plan.from) return SQLITE_OK;
    ++plan.faults;
    return plan.code;
}

struct File {
    sqlite3_file base;
    sqlite3_file* real() noexcept { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

sqlite3_file* real(sqlite3_file* file) noexcept
{
    return reinterpret_cast<File*>(file)->real();
}
const sqlite3_io_methods& methods(sqlite3_file* file) noexcept
{
    return *real(file)->pMethods;
}

const sqlite3_io_methods kMethods{
    .iVersion = 3,
    .xClose = [](sqlite3_file* f) { return methods(f).xClose(real(f)); },
    .xRead = [](sqlite3_file* f, void* to, int size,
                sqlite3_int64 at) { return methods(f).xRead(real(f), to, size, at); },
    .xWrite =
        [](sqlite3_file* f, const void* from, int size, sqlite3_int64 at) {
            const int code = verdict(FaultDisk::Call::write);
            return code != SQLITE_OK ? code : methods(f).xWrite(real(f), from, size, at);
        },
    .xTruncate =
        [](sqlite3_file* f, sqlite3_int64 size) {
            const int code = verdict(FaultDisk::Call::truncate);
            return code != SQLITE_OK ? code : methods(f).xTruncate(real(f), size);
        },
    .xSync =
        [](sqlite3_file* f, int flags) {
            const int code = verdict(FaultDisk::Call::sync);
            return code != SQLITE_OK ? code : methods(f).xSync(real(f), flags);
        },
    .xFileSize = [](sqlite3_file* f,
                    sqlite3_int64* size) { return methods(f).xFileSize(real(f), size); },
    .xLock = [](sqlite3_file* f, int level) { return methods(f).xLock(real(f), level); },
    .xUnlock = [](sqlite3_file* f, int level) { return methods(f).xUnlock(real(f), level); },
    .xCheckReservedLock = [](sqlite3_file* f,
                             int* out) { return methods(f).xCheckReservedLock(real(f), out); },
    .xFileControl = [](sqlite3_file* f, int op,
                       void* arg) { return methods(f).xFileControl(real(f), op, arg); },
    .xSectorSize = [](sqlite3_file* f) { return methods(f).xSectorSize(real(f)); },
    .xDeviceCharacteristics =
        [](sqlite3_file* f) { return methods(f).xDeviceCharacteristics(real(f)); },
    .xShmMap =
        [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
            const int code = verdict(FaultDisk::Call::shm);
            return code != SQLITE_OK ? code : methods(f).xShmMap(real(f), page, size, extend, out);
        },
    .xShmLock = [](sqlite3_file* f, int at, int n,
                   int flags) { return methods(f).xShmLock(real(f), at, n, flags); },
    .xShmBarrier = [](sqlite3_file* f) { methods(f).xShmBarrier(real(f)); },
    .xShmUnmap = [](sqlite3_file* f, int erase) { return methods(f).xShmUnmap(real(f), erase); },
    .xFetch = [](sqlite3_file* f, sqlite3_int64 at, int size,
                 void** out) { return methods(f).xFetch(real(f), at, size, out); },
    .xUnfetch = [](sqlite3_file* f, sqlite3_int64 at,
                   void* page) { return methods(f).xUnfetch(real(f), at, page); },
};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out)
{
    auto* beneath = static_cast<sqlite3_vfs*>(vfs->pAppData);
    auto* mine = new (file) File{};
    const int code = beneath->xOpen(beneath, name, mine->real(), flags, out);
    mine->base.pMethods = mine->real()->pMethods == nullptr ? nullptr : &kMethods;
    return code;
}
}  // namespace

FaultDisk::FaultDisk() : real_{sqlite3_vfs_find(nullptr)}, vfs_{*real_}
{
    plan = {};
    vfs_.zName = "fault";
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.pAppData = real_;
    vfs_.xOpen = open_file;
    // The rest takes the VFS as its argument but only looks at what is the same in the copy.
    sqlite3_vfs_register(&vfs_, 1);
}

FaultDisk::~FaultDisk()
{
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
}

void FaultDisk::fail(Call call, int nth, int code) noexcept
{
    plan = {.from = nth, .call = call, .code = code};
}

void FaultDisk::heal() noexcept
{
    plan = {};
}

int FaultDisk::calls(Call call) const noexcept
{
    return plan.seen[static_cast<int>(call)];
}

int FaultDisk::faults() const noexcept
{
    return plan.faults;
}

}  // namespace purse::test
