// SPDX-License-Identifier: Apache-2.0
// The treasury's signed orders to the token: transfers and cancellations by authorization
// (EIP-3009) under the token's domain (EIP-712).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/hash.hpp"
#include "ledger/money.hpp"
#include "wallet/address.hpp"

namespace purse {

/// The EIP-712 domain of one token on one chain.
struct TokenDomain {
    std::string name;     ///< "USD Coin" on Base, "USDC" on Base Sepolia: it differs by chain
    std::string version;  ///< "2"
    std::uint64_t chain_id = 0;
    Address contract;
    bool operator==(const TokenDomain&) const = default;
};

/// The domain separator (EIP-712, definition of domainSeparator).
Digest domain_separator(const TokenDomain& domain);

/// TransferWithAuthorization (EIP-3009). Times are seconds since 1970; both bounds are exclusive.
struct Authorization {
    Address from;
    Address to;
    Money value;
    std::uint64_t valid_after = 0;
    std::uint64_t valid_before = 0;
    Digest nonce{};
};

/// CancelAuthorization (EIP-3009).
struct Cancellation {
    Address authorizer;
    Digest nonce{};
};

/// hashStruct (EIP-712).
Digest struct_hash(const Authorization& authorization);
Digest struct_hash(const Cancellation& cancellation);

/// What is signed: keccak256(0x1901 || domainSeparator || hashStruct) (EIP-712).
Digest signing_digest(const Digest& separator, const Digest& structure);

/// What makes a payout the only one of its kind.
struct PayoutName {
    Digest ledger{};  ///< names the books: two ledgers with one treasury never share a nonce
    std::uint64_t chain_id = 0;
    Address token;
    Address treasury;
    Address payee;
    std::uint64_t k = 0;  ///< 0, 1, 2 ... for each payee
};

/// The authorization's nonce: keccak256(abi.encode("purse/payout/1" padded to 32 bytes, ledger,
/// chainId, token, treasury, payee, k)). The same for ever, also from a restored ledger: the token
/// itself then refuses a second payment.
Digest payout_nonce(const PayoutName& name);

}  // namespace purse
