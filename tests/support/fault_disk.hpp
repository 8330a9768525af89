// SPDX-License-Identifier: Apache-2.0
// A disk that fails when told to: an SQLite VFS in front of the real one, the default for
// every connection opened while it stands.
#pragma once

#include <sqlite3.h>

#include <cstdint>

namespace purse::test {

class FaultDisk {
public:
    enum class Call { write, sync, truncate, shm };

    FaultDisk();
    ~FaultDisk();
    FaultDisk(const FaultDisk&) = delete;
    FaultDisk& operator=(const FaultDisk&) = delete;

    /// The `nth` call of this kind from now on (1: the next), and all after it, answer `code`.
    void fail(Call call, int nth, int code) noexcept;
    void heal() noexcept;
    /// Calls of this kind since the last fail() or heal().
    int calls(Call call) const noexcept;
    /// How often an error was answered since the last fail() or heal().
    int faults() const noexcept;

private:
    sqlite3_vfs* real_;
    sqlite3_vfs vfs_;
};

}  // namespace purse::test
