// SPDX-License-Identifier: Apache-2.0
// The machine's clocks and its random source, as adapters of the ports.
#pragma once

#include "ledger/clock.hpp"
#include "ledger/entropy.hpp"

namespace purse::system {

class SystemClock final : public Clock {
public:
    Instant wall() const override;
    Span boot() const override;
};

/// getrandom(2), 512 bytes at a time for each thread. Any thread.
class SystemEntropy final : public Entropy {
public:
    void fill(std::span<std::uint8_t> out) override;
};

}  // namespace purse::system
