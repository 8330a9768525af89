// SPDX-License-Identifier: Apache-2.0
// Port: where unguessable bytes come from (ids, credentials, keys).
#pragma once

#include <cstdint>
#include <span>

namespace purse {

class Entropy {
public:
    virtual ~Entropy() = default;
    /// Fills `out` with bytes nobody can guess. Throws std::runtime_error when it cannot.
    virtual void fill(std::span<std::uint8_t> out) = 0;
};

}  // namespace purse
