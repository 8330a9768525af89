// SPDX-License-Identifier: Apache-2.0
// One treasury at a glance: what it has, what it owes, and how far its payments are.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "ledger/books.hpp"
#include "server/cli/output.hpp"
#include "server/wallet/wallet_files.hpp"

namespace purse::server::cli {

/// Payments in one stage, micro-USDC.
struct StageSum {
    std::int64_t micro = 0;
    std::int64_t count = 0;  ///< payouts
};

struct PayoutView {
    TreasuryRow treasury;
    std::int64_t uncovered = 0;  ///< owed and on no payout yet
    StageSum queued;             ///< of payouts; none of it is sent
    StageSum on_its_way;         ///< sent, or in a block that may still be taken back
    StageSum paid;               ///< in a block that the chain calls safe
    StageSum held;
    std::int64_t final_micro = 0;
    std::map<std::string, std::int64_t> reasons;  ///< of what is held: how many payouts
    /// For new holds. Nothing: the balance was never read, or the wallet's document, which knows
    /// the floor, is not at hand.
    std::optional<std::int64_t> free_micro;
    /// Of payees by address: in a block, though it could still be taken back.
    std::map<std::string, std::int64_t> in_block;
};

/// The treasury of the wallet, else the latest one. Nothing: settlements are booked, no more.
std::optional<PayoutView> payout_view(Books& books, const std::optional<Wallet>& wallet);

/// "evm: USDC on chain 84532, paid by 0x..."
std::string rail_words(const PayoutView& view);
void print_payouts(const PayoutView& view, Instant now, Output& output);
boost::json::object payouts_json(const PayoutView& view);

}  // namespace purse::server::cli
