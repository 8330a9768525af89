// SPDX-License-Identifier: Apache-2.0
#include "audit/findings.hpp"

#include "audit/hashes.hpp"

namespace purse::auditor {

std::string_view word_of(HoldState state) noexcept
{
    constexpr std::array<std::string_view, kHoldStates> kWords{
        "open", "settled", "voided", "expired", "awaiting_approval", "denied"};
    return kWords[static_cast<std::size_t>(state)];
}

std::uint64_t words_digest(std::initializer_list<std::string_view> texts)
{
    std::string bytes;
    for (const auto text : texts)
        bytes.append(std::to_string(text.size())).append(":").append(text);
    std::uint64_t number = 0;
    for (const char c : sha256_of(bytes).substr(0, sizeof number))
        number = number << 8U | static_cast<unsigned char>(c);
    return number;
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
