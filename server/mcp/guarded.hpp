// SPDX-License-Identifier: Apache-2.0
// A value behind a lock of its own, for the few tables that answering threads and the reading
// thread share (docs/decisions/0008). Nothing that waits is done under it.
#pragma once

#include <mutex>
#include <utility>

namespace purse::server {

template <typename T>
class Guarded {
public:
    /// Runs `use(T&)` under the lock and returns what it returns.
    template <typename Use>
    decltype(auto) with(Use&& use)
    {
        const std::scoped_lock lock{mutex_};
        return std::forward<Use>(use)(value_);
    }

private:
    std::mutex mutex_;
    T value_;
};

}  // namespace purse::server
