// SPDX-License-Identifier: Apache-2.0
// The one thread that writes. While a commit is in flight, what queues up becomes
// the next one: no timer, so a lone caller waits for nothing.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

#include "ledger/ledger.hpp"

namespace purse {

class Writer {
public:
    struct Limits {
        std::size_t queued_max = 8192;  ///< pieces waiting; more are turned away
        std::size_t batch_max = 512;    ///< pieces a commit: bounds how long one commit takes
    };

    Writer(Ledger& ledger, Limits limits);
    /// Finishes what was queued, then ends the thread.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Hands over a piece of work; `done` will be called on the writer's thread. False: the
    /// queue is full, `work` was not taken.
    bool submit(Work& work);

private:
    void loop();

    Ledger& ledger_;
    const Limits limits_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Work> queue_;
    bool stop_ = false;
    std::thread thread_;  // last: starts when all else stands
};

}  // namespace purse
