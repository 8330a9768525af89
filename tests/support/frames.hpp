// SPDX-License-Identifier: Apache-2.0
// A transport that keeps frames in memory.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "server/mcp/transport.hpp"

namespace purse::test {

class Frames final : public server::Transport {
public:
    void send(std::string frame) override
    {
        const std::scoped_lock lock{mutex_};
        if (!frame.empty()) frames_.push_back(std::move(frame));
        changed_.notify_all();
    }
    void answer(std::string frame, std::optional<server::ErrorCode>) override
    {
        send(std::move(frame));
    }
    void begin_call() override
    {
        const std::scoped_lock lock{mutex_};
        ++calls_;
    }
    void end_call(std::string frame, std::optional<server::ErrorCode>) override
    {
        const std::scoped_lock lock{mutex_};
        if (!frame.empty()) frames_.push_back(std::move(frame));
        --calls_;
        changed_.notify_all();
    }

    std::size_t calls() const
    {
        const std::scoped_lock lock{mutex_};
        return calls_;
    }
    /// The next frame. Nothing: none is there and no call is open, or it takes too long.
    std::optional<std::string> take(std::chrono::milliseconds patience)
    {
        std::unique_lock lock{mutex_};
        changed_.wait_for(lock, patience, [this] { return !frames_.empty() || calls_ == 0; });
        if (frames_.empty()) return std::nullopt;
        auto frame = std::move(frames_.front());
        frames_.pop_front();
        return frame;
    }
    std::optional<std::string> take() { return take(std::chrono::milliseconds{20'000}); }
    bool wait_for_calls()
    {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, std::chrono::seconds{20}, [this] { return calls_ == 0; });
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> frames_;
    std::size_t calls_ = 0;
};

}  // namespace purse::test
