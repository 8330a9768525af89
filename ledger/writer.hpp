// SPDX-License-Identifier: Apache-2.0
// The one thread that writes. While a commit is in flight, what queues up becomes
// the next one: no timer, so a lone caller waits for nothing.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

#include "ledger/ledger.hpp"

namespace purse {

/// Port: who is told of each transaction, on the writer's thread.
class WriterObserver {
public:
    virtual ~WriterObserver() = default;
    virtual void begin_commit(std::size_t pieces) = 0;
    virtual void end_commit() = 0;
};

class Writer {
public:
    struct Settings {
        std::size_t queued_max = 8192;  ///< pieces waiting; more are turned away
        std::size_t batch_max = 512;    ///< pieces a commit: bounds how long one commit takes
        /// How often at most the thread looks for more work before it sleeps: a caller that asks
        /// again at once then waits for no wake-up. A look takes about 12 ns; 0 where there is one
        /// processor.
        int looks_before_sleep = 0;
        AroundAnswers around_answers;
        WriterObserver* observer = nullptr;  ///< may be nullptr
    };

    Writer(Ledger& ledger, Settings settings);
    /// Finishes what was queued, signs the head, then ends the thread.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Hands over a piece of work; `done` will be called on the writer's thread. False: the
    /// queue is full and `work` was not taken.
    bool submit(Work& work);

private:
    void loop();
    /// The next pieces; empty when there is a pause to tidy up in, or the end.
    std::vector<Work> next(bool& ended);

    Ledger& ledger_;
    const Settings settings_;
    void look_for_work() noexcept;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Work> queue_;
    std::atomic<bool> has_work_ = false;  // a hint for the thread that has not yet gone to sleep
    bool stop_ = false;
    int looks_;           // of the writer's thread
    std::thread thread_;  // last: it starts when all else stands
};

}  // namespace purse
