// SPDX-License-Identifier: Apache-2.0
// The turn of one process among all on a ledger: a lock on a file, which the kernel frees when
// its holder dies.
#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

namespace purse::server {

class FileTurn {
public:
    /// Makes the file where there is none. Throws std::runtime_error.
    explicit FileTurn(const std::string& file)
        : fd_{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)}
    {
        if (fd_ < 0) throw std::runtime_error{"cannot open " + file};
    }
    ~FileTurn()
    {
        if (fd_ >= 0) ::close(fd_);
    }
    FileTurn(const FileTurn&) = delete;
    FileTurn& operator=(const FileTurn&) = delete;

    /// False: another process has it.
    bool take() noexcept { return ::flock(fd_, LOCK_EX | LOCK_NB) == 0; }
    void give() noexcept { ::flock(fd_, LOCK_UN); }

private:
    int fd_;
};

}  // namespace purse::server
