// SPDX-License-Identifier: Apache-2.0
#include "ledger/system/clock.hpp"

#include <openssl/crypto.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <stdexcept>

namespace purse::system {

namespace {
std::int64_t microseconds(clockid_t clock) noexcept
{
    struct timespec now{};
    clock_gettime(clock, &now);
    return now.tv_sec * 1'000'000 + now.tv_nsec / 1'000;
}

class Pool {
public:
    Pool() = default;
    ~Pool() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    void fill(std::span<std::uint8_t> out)
    {
        while (!out.empty()) {
            if (left_ == 0) {
                if (getrandom(bytes_.data(), bytes_.size(), 0) !=
                    static_cast<ssize_t>(bytes_.size()))
                    throw std::runtime_error{"the system gives no random bytes"};
                left_ = bytes_.size();
            }
            // Bytes are handed out once and forgotten.
            const auto count = std::min(left_, out.size());
            const auto from = std::span{bytes_}.last(left_).first(count);
            std::memcpy(out.data(), from.data(), count);
            OPENSSL_cleanse(from.data(), count);
            left_ -= count;
            out = out.subspan(count);
        }
    }

private:
    static constexpr std::size_t kBytes = 512;
    std::array<std::uint8_t, kBytes> bytes_{};
    std::size_t left_ = 0;
};
}  // namespace

Instant SystemClock::wall() const
{
    return {microseconds(CLOCK_REALTIME)};
}

Span SystemClock::boot() const
{
    return {microseconds(CLOCK_BOOTTIME)};
}

void SystemEntropy::fill(std::span<std::uint8_t> out)
{
    // One a thread: no two may be handed the same bytes.
    thread_local Pool pool;
    pool.fill(out);
}

}  // namespace purse::system
