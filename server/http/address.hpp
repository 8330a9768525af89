// SPDX-License-Identifier: Apache-2.0
// Where to listen, as an operator writes it: "HOST:PORT", "[::1]:PORT", ":PORT", "localhost:PORT".
// Numeric hosts only, so that starting needs no resolver.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace purse::server::http {

struct Address {
    std::string host;  ///< numeric, without brackets
    std::uint16_t port = 0;

    bool operator==(const Address&) const = default;
};

/// No host means 127.0.0.1. The error is a sentence that names what is wrong.
std::expected<Address, std::string> parse_address(std::string_view text);

/// Whether only this machine can reach that numeric address.
bool is_loopback(std::string_view host) noexcept;

}  // namespace purse::server::http
