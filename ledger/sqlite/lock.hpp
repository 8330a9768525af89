// SPDX-License-Identifier: Apache-2.0
// The advisory lock that lets several processes write one ledger, one at a time and in
// turn. Held by flock(2) on side files: the kernel frees it when a process dies.
#pragma once

#include <string>

#include "ledger/clock.hpp"

namespace purse::sqlite {

class FileLock {
public:
    /// Opens (and makes) `path` and `path`.turn. Throws StoreError.
    explicit FileLock(const std::string& path);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

    /// Waits its turn; throws StoreError::Kind::busy after `patience`.
    void lock(Span patience);
    void unlock() noexcept;

private:
    int turn_ = -1;  // taken while waiting: who waits is next, however quick the holder is
    int lock_ = -1;
};

}  // namespace purse::sqlite
