// SPDX-License-Identifier: Apache-2.0
// The chain's part in a decision: is there money in the treasury for this hold, can its payee be
// paid at all, and is it owed too much already? Judged in the transaction that takes the hold.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/books.hpp"
#include "wallet/settings.hpp"

namespace purse {

class Funding {
public:
    explicit Funding(const WalletSettings& settings, const Address& treasury);

    /// The id of the treasury's row; made when there is none.
    std::int64_t treasury(Books& books) const;

    /// Adds to a hold what counts its amount against the treasury and the payee, and what speaks
    /// against it: payee_not_payable, funds_insufficient, payee_debt_limit. Free is what the
    /// treasury holds less open holds, debts and what payouts must leave in it.
    void judge(Books& books, HoldRequest& request) const;

    /// Micro-USDC that new holds may still take; below zero: more is owed than there is. Nothing:
    /// the balance has never been read.
    std::optional<std::int64_t> available(Books& books) const;

private:
    Leg treasury_leg(std::int64_t id) const;
    std::optional<std::int64_t> available(Books& books, const TreasuryRow& row) const;
    const PayRule& rule_of(std::string_view payee) const;

    const std::int64_t chain_;
    const std::string token_;
    const std::string address_;
    const Money floor_;
    const PayRule rule_;
    std::map<std::string, PayRule, std::less<>> rules_;
    // Counted, never capped by the counter itself: what is allowed changes with the chain.
    const CapRule treasury_rule_{.budget = "treasury", .kind = "holds"};
    const CapRule payee_rule_{.budget = "payee", .kind = "holds"};
};

}  // namespace purse
