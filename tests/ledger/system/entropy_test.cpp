// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <thread>
#include <vector>

#include "ledger/system/clock.hpp"

using namespace purse;

TEST_CASE("entropy: threads that share it are never given the same bytes")
{
    // The ledger's writer, the I/O thread and the workers of a server draw from one.
    constexpr std::size_t kThreads = 4;
    constexpr std::size_t kDraws = 200'000;
    system::SystemEntropy entropy;
    std::vector<std::vector<std::uint64_t>> drawn(kThreads);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : drawn)
            threads.emplace_back([&] {
                mine.reserve(kDraws);
                for (std::size_t i = 0; i < kDraws; ++i) {
                    std::array<std::uint8_t, 8> bytes{};
                    entropy.fill(bytes);
                    std::uint64_t number = 0;
                    std::memcpy(&number, bytes.data(), sizeof number);
                    mine.push_back(number);
                }
            });
    }
    std::vector<std::uint64_t> all;
    for (const auto& mine : drawn) all.insert(all.end(), mine.begin(), mine.end());
    std::ranges::sort(all);
    // Of 800,000 numbers of 64 bits two are the same by chance once in 58 million runs.
    CHECK(std::ranges::adjacent_find(all) == all.end());
}
