// SPDX-License-Identifier: Apache-2.0
// How a worker's thread sleeps between rounds, and is told to end: at once, not after its sleep.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <stdexcept>

#include "ledger/clock.hpp"

namespace purse::server {

class WorkerRest {
public:
    /// Throws std::runtime_error.
    WorkerRest() : wake_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)}
    {
        if (wake_ < 0) throw std::runtime_error{"the system gives no event descriptor"};
    }
    ~WorkerRest() { ::close(wake_); }
    WorkerRest(const WorkerRest&) = delete;
    WorkerRest& operator=(const WorkerRest&) = delete;

    /// From any thread; for good.
    void end() noexcept
    {
        is_over_.store(true, std::memory_order_relaxed);
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
    }
    bool is_over() const noexcept { return is_over_.load(std::memory_order_relaxed); }

    /// Sleeps so long, whole milliseconds. False: it is time to end.
    bool pause(Span length)
    {
        pollfd waiting{wake_, POLLIN, 0};
        if (!is_over()) ::poll(&waiting, 1, static_cast<int>(length.us / 1000));
        return !is_over();
    }

private:
    std::atomic<bool> is_over_ = false;
    int wake_;
};

}  // namespace purse::server
