// SPDX-License-Identifier: Apache-2.0
#include "policy/rules.hpp"

namespace purse::policy {

Money OverCapture::excess(Money amount) const noexcept
{
    static constexpr std::int64_t kMicroPerWhole = 100'000'000;  // 100 percent, in millionths
    auto micro = amount.micro();  // 100 percent is the most that can be allowed by percentage
    if (percent_micro)
        micro = static_cast<std::int64_t>(static_cast<__int128>(amount.micro()) * *percent_micro /
                                          kMicroPerWhole);
    if (absolute) micro = percent_micro ? std::min(micro, absolute->micro()) : absolute->micro();
    return Money::from_micro(micro);
}

}  // namespace purse::policy
