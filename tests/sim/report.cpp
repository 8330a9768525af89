// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/report.hpp"

#include <cstdio>
#include <utility>

namespace purse::sim {

namespace {
constexpr std::size_t kLastKept = 40;
}

void Report::tell(std::string what)
{
    if (is_loud) std::fprintf(stderr, "%s\n", what.c_str());
    last.push_back(std::move(what));
    if (last.size() > kLastKept) last.pop_front();
}

void Report::mix(std::string_view bytes)
{
    // FNV-1a, eight bytes at a time.
    const auto step = [this](std::uint64_t word) { digest = (digest ^ word) * 0x100000001b3ULL; };
    std::uint64_t word = bytes.size();
    step(word);
    std::size_t count = 0;
    for (const char byte : bytes) {
        word = word << 8U | static_cast<std::uint8_t>(byte);
        if (++count % 8 == 0) step(word);
    }
    step(word);
    digest ^= digest >> 29U;
}

void Report::add(const Report& other)
{
    for (const auto& [what, times] : other.counted) counted[what] += times;
    simulated_us += other.simulated_us;
    mix(std::to_string(other.digest));
}

long Report::of(const std::string& what) const
{
    const auto found = counted.find(what);
    return found == counted.end() ? 0 : found->second;
}

}  // namespace purse::sim
