// SPDX-License-Identifier: Apache-2.0
#include "audit/findings.hpp"

namespace purse::auditor {

std::string_view word_of(HoldState state) noexcept
{
    constexpr std::array<std::string_view, kHoldStates> kWords{
        "open", "settled", "voided", "expired", "awaiting_approval", "denied"};
    return kWords[static_cast<std::size_t>(state)];
}

void Findings::wrong(std::int64_t seq, std::string what)
{
    ++mistakes_in_all;
    if (mistakes.size() < kMistakesMax) mistakes.push_back({.seq = seq, .what = std::move(what)});
}

std::array<std::int64_t, kHoldStates> Findings::states() const
{
    std::array<std::int64_t, kHoldStates> counts{};
    for (const auto& [id, hold] : holds) ++counts[static_cast<std::size_t>(hold.state)];
    return counts;
}

}  // namespace purse::auditor
