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

/// getrandom(2), a page at a time.
class SystemEntropy final : public Entropy {
public:
    ~SystemEntropy() override;
    void fill(std::span<std::uint8_t> out) override;

private:
    static constexpr std::size_t kPoolBytes = 512;
    std::uint8_t pool_[kPoolBytes] = {};
    std::size_t left_ = 0;
};

}  // namespace purse::system
