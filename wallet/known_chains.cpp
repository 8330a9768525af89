// SPDX-License-Identifier: Apache-2.0
#include "wallet/known_chains.hpp"

#include <algorithm>
#include <iterator>

#include "ledger/require.hpp"

namespace purse {

namespace {
constexpr KnownChain kChains[] = {
    {.name = "base",
     .id = 8453,
     .token = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
     .token_name = "USD Coin",
     .token_version = "2",
     .separator = "02fa7265e7c5d81118673727957699e4d68f74cd74b7db77da710fe8a2c7834f"},
    {.name = "base-sepolia",
     .id = 84532,
     .token = "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
     .token_name = "USDC",
     .token_version = "2",
     .separator = "71f17a3b2ff373b803d70a5a07c046c1a2bc8e89c09ef722fcb047abe94c9818"},
    {.name = "ethereum",
     .id = 1,
     .token = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
     .token_name = "USD Coin",
     .token_version = "2",
     .separator = "06c37168a7db5138defc7866392bb87a741f9b3d104deb5094588ce041cae335"},
};
}  // namespace

std::span<const KnownChain> known_chains() noexcept
{
    return kChains;
}

const KnownChain* known_chain(std::string_view name) noexcept
{
    const auto* found = std::ranges::find(kChains, name, &KnownChain::name);
    return found == std::end(kChains) ? nullptr : found;
}

TokenDomain token_domain(const KnownChain& chain)
{
    const auto token = parse_address(chain.token);
    require(token.has_value(), "a known chain's token is an address");
    return {.name = std::string{chain.token_name},
            .version = std::string{chain.token_version},
            .chain_id = chain.id,
            .contract = *token};
}

}  // namespace purse
