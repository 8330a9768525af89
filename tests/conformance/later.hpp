// SPDX-License-Identifier: Apache-2.0
// Runs work a little later, on one thread of its own, so that no fixture holds up its door.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace purse::conformance {

class Later {
public:
    using Work = std::move_only_function<void()>;

    Later();
    ~Later();
    Later(const Later&) = delete;
    Later& operator=(const Later&) = delete;

    /// From any thread, also from within work. After stop() it is let go of.
    void after(std::chrono::milliseconds pause, Work work);
    /// What has not been run is let go of, and nothing runs any more.
    void stop();

private:
    using Time = std::chrono::steady_clock::time_point;
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::multimap<Time, Work> waiting_;
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace purse::conformance
