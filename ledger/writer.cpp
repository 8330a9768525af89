// SPDX-License-Identifier: Apache-2.0
#include "ledger/writer.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace purse {

namespace {
// After this long without work the head is signed and the store tidied.
constexpr std::chrono::milliseconds kPauseBeforeIdle{500};

// About a microsecond: enough to notice that looking has become worth its while.
constexpr int kLooksMin = 64;

// Tells the processor that this is a loop that waits.
inline void relax() noexcept
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}
}  // namespace

Writer::Writer(Ledger& ledger, Settings settings)
    : ledger_{ledger},
      settings_{std::move(settings)},
      looks_{settings_.looks_before_sleep},
      thread_{[this] { loop(); }}
{
}

Writer::~Writer()
{
    {
        const std::lock_guard lock{mutex_};
        stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

bool Writer::submit(Work& work)
{
    bool was_empty = false;
    {
        const std::lock_guard lock{mutex_};
        if (stop_ || queue_.size() >= settings_.queued_max) return false;
        was_empty = queue_.empty();
        queue_.push_back(std::move(work));
        has_work_.store(true, std::memory_order_relaxed);
    }
    if (was_empty) wake_.notify_one();
    return true;
}

// Looking pays where the next piece comes at once, and takes a processor from others where it does
// not: as long as it finds nothing, less is looked each time; when it does, more again.
void Writer::look_for_work() noexcept
{
    for (int look = 0; look < looks_; ++look) {
        if (has_work_.load(std::memory_order_relaxed)) {
            looks_ = std::min(2 * looks_, settings_.looks_before_sleep);
            return;
        }
        relax();
    }
    looks_ = std::min(std::max(looks_ / 2, kLooksMin), settings_.looks_before_sleep);
}

std::vector<Work> Writer::next(bool& ended)
{
    look_for_work();
    std::unique_lock lock{mutex_};
    const auto has_news = [this] { return stop_ || !queue_.empty(); };
    if (ledger_.has_unsigned_entries())
        wake_.wait_for(lock, kPauseBeforeIdle, has_news);
    else
        wake_.wait(lock, has_news);
    ended = stop_ && queue_.empty();
    has_work_.store(queue_.size() > settings_.batch_max, std::memory_order_relaxed);
    if (queue_.size() <= settings_.batch_max) return std::exchange(queue_, {});
    const auto middle = queue_.begin() + static_cast<std::ptrdiff_t>(settings_.batch_max);
    std::vector<Work> batch{std::make_move_iterator(queue_.begin()),
                            std::make_move_iterator(middle)};
    queue_.erase(queue_.begin(), middle);
    return batch;
}

void Writer::loop()
{
    for (bool ended = false; !ended;) {
        auto batch = next(ended);
        if (batch.empty()) {
            ledger_.idle();
            continue;
        }
        if (settings_.observer != nullptr) settings_.observer->begin_commit(batch.size());
        ledger_.transact(batch, settings_.around_answers);
        if (settings_.observer != nullptr) settings_.observer->end_commit();
    }
}

}  // namespace purse
