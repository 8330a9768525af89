// SPDX-License-Identifier: Apache-2.0
#include "later.hpp"

#include <utility>

namespace purse::conformance {

Later::Later() : thread_{[this] { run(); }} {}

Later::~Later()
{
    stop();
}

void Later::after(std::chrono::milliseconds pause, Work work)
{
    {
        const std::scoped_lock lock{mutex_};
        if (stopped_) return;
        waiting_.emplace(std::chrono::steady_clock::now() + pause, std::move(work));
    }
    wake_.notify_one();
}

void Later::stop()
{
    std::multimap<Time, Work> dropped;  // let go of outside of the lock: it may call back
    {
        const std::scoped_lock lock{mutex_};
        stopped_ = true;
        dropped.swap(waiting_);
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Later::run()
{
    std::unique_lock lock{mutex_};
    while (!stopped_) {
        if (waiting_.empty()) {
            wake_.wait(lock);
            continue;
        }
        const auto next = waiting_.begin();
        if (const auto due = next->first; due > std::chrono::steady_clock::now()) {
            wake_.wait_until(lock, due);
            continue;
        }
        auto work = std::move(next->second);
        waiting_.erase(next);
        lock.unlock();
        work();
        work = nullptr;
        lock.lock();
    }
}

}  // namespace purse::conformance
