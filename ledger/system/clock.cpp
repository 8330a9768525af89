// SPDX-License-Identifier: Apache-2.0
#include "ledger/system/clock.hpp"

#include <openssl/crypto.h>
#include <sys/random.h>

#include <algorithm>
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
}  // namespace

Instant SystemClock::wall() const
{
    return {microseconds(CLOCK_REALTIME)};
}

Span SystemClock::boot() const
{
    return {microseconds(CLOCK_BOOTTIME)};
}

SystemEntropy::~SystemEntropy()
{
    OPENSSL_cleanse(pool_, sizeof pool_);
}

void SystemEntropy::fill(std::span<std::uint8_t> out)
{
    while (!out.empty()) {
        if (left_ == 0) {
            if (getrandom(pool_, sizeof pool_, 0) != static_cast<ssize_t>(sizeof pool_))
                throw std::runtime_error{"the system gives no random bytes"};
            left_ = sizeof pool_;
        }
        // Bytes are handed out once and forgotten.
        const auto count = std::min(left_, out.size());
        auto* from = pool_ + (sizeof pool_ - left_);
        std::memcpy(out.data(), from, count);
        OPENSSL_cleanse(from, count);
        left_ -= count;
        out = out.subspan(count);
    }
}

}  // namespace purse::system
