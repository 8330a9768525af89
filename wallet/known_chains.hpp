// SPDX-License-Identifier: Apache-2.0
// The chains that a setting can name, and USDC on each as its contract says (Circle's list of
// addresses; name, version and separator read from the contracts).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "ledger/hash.hpp"
#include "wallet/authorization.hpp"

namespace purse {

struct KnownChain {
    std::string_view name;  ///< in settings: "base"
    std::uint64_t id = 0;
    std::string_view token;          ///< USDC, in the form of ERC-55
    std::string_view token_name;     ///< of EIP-712; it differs by chain
    std::string_view token_version;  ///< of EIP-712
    std::string_view separator;      ///< DOMAIN_SEPARATOR(), hexadecimal
};

std::span<const KnownChain> known_chains() noexcept;

/// nullptr: there is none of that name.
const KnownChain* known_chain(std::string_view name) noexcept;

TokenDomain token_domain(const KnownChain& chain);

}  // namespace purse
