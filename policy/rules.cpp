// SPDX-License-Identifier: Apache-2.0
#include "policy/rules.hpp"

namespace purse::policy {

Money OverCapture::excess(Money amount) const noexcept
{
    static constexpr std::int64_t kHundredPercent = 100'000'000;  // in millionths of a percent
    std::optional<std::int64_t> most;
    if (percent_micro) {
        // In two parts, so that the product stays within 64 bits: exact, rounded down once.
        const auto whole = amount.micro() / kHundredPercent;
        const auto rest = amount.micro() % kHundredPercent;
        most = whole * *percent_micro + rest * *percent_micro / kHundredPercent;
    }
    if (absolute) most = std::min(most.value_or(absolute->micro()), absolute->micro());
    return Money::from_micro(most.value_or(0));
}

}  // namespace purse::policy
