// SPDX-License-Identifier: Apache-2.0
// A pipe with both ends in this process, for tests of what reads and writes descriptors.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <string_view>
#include <system_error>

namespace purse::test {

class Pipe {
public:
    Pipe()
    {
        std::signal(SIGPIPE, SIG_IGN);
        if (::pipe2(ends_.data(), O_CLOEXEC) != 0)
            throw std::system_error{errno, std::generic_category(), "pipe2"};
    }
    ~Pipe()
    {
        close_read();
        close_write();
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    int read_end() const { return ends_[0]; }
    int write_end() const { return ends_[1]; }
    void close_read() { close(ends_[0]); }
    void close_write() { close(ends_[1]); }

    /// Blocks until all is written.
    bool write(std::string_view bytes) const
    {
        while (!bytes.empty()) {
            const auto count = ::write(ends_[1], bytes.data(), bytes.size());
            if (count < 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }
    /// What is there now, or comes within `patience`; empty at the end or when nothing comes.
    std::string read(std::chrono::milliseconds patience = std::chrono::milliseconds{0}) const
    {
        pollfd ready{ends_[0], POLLIN, 0};
        if (::poll(&ready, 1, static_cast<int>(patience.count())) <= 0) return {};
        std::array<char, 65536> bytes{};
        const auto count = ::read(ends_[0], bytes.data(), bytes.size());
        return {bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
    }

private:
    static void close(int& fd)
    {
        if (fd >= 0) ::close(fd);
        fd = -1;
    }
    std::array<int, 2> ends_{-1, -1};
};

}  // namespace purse::test
