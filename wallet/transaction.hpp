// SPDX-License-Identifier: Apache-2.0
// A transaction of type 2 (EIP-1559) and its bytes (EIP-2718, RLP).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/hash.hpp"
#include "wallet/address.hpp"
#include "wallet/amounts.hpp"
#include "wallet/signature.hpp"

namespace purse {

/// Slots of one account that a transaction announces (EIP-2930).
struct AccessEntry {
    Address account;
    std::vector<Digest> slots;
};

struct Transaction {
    std::uint64_t chain_id = 0;
    std::uint64_t nonce = 0;
    Wei max_priority_fee = 0;  ///< wei a unit of gas
    Wei max_fee = 0;           ///< wei a unit of gas
    std::uint64_t gas_limit = 0;
    Address to;
    Wei value = 0;
    std::string data;
    std::vector<AccessEntry> access_list;
};

/// keccak256(0x02 || rlp([...])): what the sender signs.
Digest signing_hash(const Transaction& transaction);

/// What is sent, and the hash under which every node will know it.
struct SignedTransaction {
    std::string raw;
    Digest hash{};
};

/// `signature.v` is 27 or 28.
SignedTransaction with_signature(const Transaction& transaction, const Signature& signature);

/// The signature within `raw`, when these bytes are this very transaction with a signature, each
/// byte as with_signature() writes it. Whose signature it is is not looked at.
std::optional<Signature> signature_within(const Transaction& transaction, std::string_view raw);

}  // namespace purse
