// SPDX-License-Identifier: Apache-2.0
// Counts bad attempts of each address and forgives them in time. Lives on the I/O thread.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

namespace purse::server {

class BadAttempts {
public:
    /// Whether that address has had too many of late.
    bool is_throttled(const std::string& address) const;
    void count(const std::string& address);
    /// As often as Handler::tick comes.
    void tick();

private:
    std::unordered_map<std::string, std::size_t> bad_;  // not yet forgiven, by address
    std::size_t now_ = 0;                               // in ticks
};

}  // namespace purse::server
