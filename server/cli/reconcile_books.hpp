// SPDX-License-Identifier: Apache-2.0
// What the chain shows of a treasury, what the ledger has, and where they differ.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ledger/books.hpp"
#include "ledger/payouts.hpp"
#include "wallet/calls.hpp"
#include "wallet/nodes.hpp"

namespace purse::server::cli {

/// A treasury on its token.
struct Payer {
    Address token;
    Address treasury;
};

/// A payment that the chain shows.
struct Use {
    UsedAuthorization what;
    std::string tx;  ///< 32 bytes
    std::uint64_t block = 0;
};

struct OnChain {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::map<Digest, Use> uses;    ///< by nonce
    std::int64_t other_micro = 0;  ///< left the treasury by other means than an authorization
    std::size_t others = 0;        ///< transfers

    std::int64_t moved() const;  ///< by uses, micro-USDC
};

struct InLedger {
    struct Known {
        PayoutRow row;
        std::string payee;
    };
    std::int64_t latest = 0;          ///< the block up to which the ledger has looked
    std::map<Digest, Known> payouts;  ///< by nonce
    std::vector<PayeeRow> payees;
    std::map<std::string, AccountTotal> accounts;  ///< of payees, by name
};

/// One thing that a person must look at. `code`: unknown_payment, not_booked, other_amount,
/// not_on_chain, other_transfer, books.
struct Difference {
    std::string code;
    std::string what;
};

struct Comparison {
    std::vector<Difference> differences;
    std::size_t on_its_way = 0;  ///< paid in blocks at which the ledger has not looked yet
};

/// Reads from block `from` to the latest. The error: why no node tells.
std::expected<OnChain, std::string> read_chain(Nodes& nodes, const Payer& payer,
                                               std::uint64_t from);

/// All payouts and payees of a treasury.
InLedger read_ledger(Books& books, std::int64_t treasury);

Comparison compare(const OnChain& chain, const InLedger& ledger);

}  // namespace purse::server::cli
