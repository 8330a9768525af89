// SPDX-License-Identifier: Apache-2.0
#include "server/door/bad_attempts.hpp"

#include <algorithm>

#include "server/door/limits.hpp"

namespace purse::server {

bool BadAttempts::is_throttled(const std::string& address) const
{
    const auto found = bad_.find(address);
    return found != bad_.end() && found->second >= kBadAttemptsBurst;
}

void BadAttempts::count(const std::string& address)
{
    if (bad_.size() >= kBadAddressesMax && !bad_.contains(address)) return;
    auto& count = bad_[address];
    count = std::min(count + 1, kBadAttemptsBurst);
}

void BadAttempts::tick()
{
    ++now_;
    if (now_ % kTicksPerSecond != 0) return;
    for (auto& [address, count] : bad_) count -= std::min(count, kBadAttemptsPerSecond);
    std::erase_if(bad_, [](const auto& entry) { return entry.second == 0; });
}

}  // namespace purse::server
