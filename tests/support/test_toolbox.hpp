// SPDX-License-Identifier: Apache-2.0
// Tools for tests of the doors: some answer at once, some later from another thread, some
// misbehave. `echo` and `fail` are listed; the others can be called all the same.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "tools/tool.hpp"

namespace purse::test {

/// echo {text}: {"text"}. fail: an error result. null: {}. whoami: the Caller. large {bytes}.
/// slow {ms}: as null, later, in order, from another thread. hold: as null, at release().
/// drop: lets go of its reply; throw: throws.
class TestToolbox final : public tools::Toolbox {
public:
    TestToolbox();
    ~TestToolbox() override;
    TestToolbox(const TestToolbox&) = delete;
    TestToolbox& operator=(const TestToolbox&) = delete;

    std::span<const tools::Tool> list() const override;
    bool knows(std::string_view tool) const override;
    void call(std::string_view name, const json::Value* arguments, const tools::Caller& caller,
              tools::CancelFlag cancelled, tools::Reply reply) override;

    void read(std::string_view, const tools::Caller&, tools::CancelFlag, tools::Reply) override {}
    void prompt(std::string_view, const json::Value*, const tools::Caller&, tools::CancelFlag,
                tools::Reply) override
    {
    }

    /// Answers everything `hold` keeps, oldest first; returns how many saw their flag set.
    std::size_t release();
    std::size_t held() const;
    /// Calls of any tool so far.
    std::size_t calls() const { return calls_; }

private:
    struct Held {
        tools::CancelFlag cancelled;
        tools::Reply reply;
    };
    struct Later {
        std::chrono::steady_clock::time_point due;
        tools::Reply reply;
    };
    void later(std::string_view name, const json::Value* arguments, tools::CancelFlag& cancelled,
               tools::Reply& reply);
    void run();

    std::atomic<std::size_t> calls_{0};
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Held> held_;
    std::deque<Later> later_;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace purse::test
