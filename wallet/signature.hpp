// SPDX-License-Identifier: Apache-2.0
// A recoverable secp256k1 signature as Ethereum writes it: r, s (low), v (27 or 28).
#pragma once

#include <cstdint>

#include "ledger/hash.hpp"

namespace purse {

struct Signature {
    Digest r{};
    Digest s{};
    std::uint8_t v = 0;  ///< 27 + parity of the point's y
    bool operator==(const Signature&) const = default;
};

}  // namespace purse
