// SPDX-License-Identifier: Apache-2.0
#include "wallet/funding.hpp"

#include <algorithm>

#include "ledger/payouts.hpp"
#include "wallet/address.hpp"

namespace purse {

namespace {
// A round of the payout worker reads the balance: soon enough to ask again.
constexpr Span kLookAgain = Span::seconds(5);

std::string in_words(std::int64_t micro)
{
    return Money::from_micro(std::max<std::int64_t>(micro, 0)).to_string();
}
}  // namespace

Funding::Funding(const WalletSettings& settings, const Address& treasury)
    : chain_{static_cast<std::int64_t>(settings.token.chain_id)},
      token_{to_string(settings.token.contract)},
      address_{to_string(treasury)},
      floor_{settings.floor},
      rule_{settings.pay}
{
    for (const auto& [payee, rule] : settings.payees) rules_.emplace(to_string(payee), rule);
}

std::int64_t Funding::treasury(Books& books) const
{
    return Payouts{books}.open_treasury(chain_, token_, address_).id;
}

Leg Funding::treasury_leg(std::int64_t id) const
{
    return {.rule = &treasury_rule_, .scope = std::to_string(id)};
}

const PayRule& Funding::rule_of(std::string_view payee) const
{
    const auto own = rules_.find(payee);
    return own == rules_.end() ? rule_ : own->second;
}

std::optional<std::int64_t> Funding::available(Books& books) const
{
    return available(books, Payouts{books}.open_treasury(chain_, token_, address_));
}

std::optional<std::int64_t> Funding::available(Books& books, const TreasuryRow& row) const
{
    if (row.balance_block == 0) return std::nullopt;
    const auto held = books.state(treasury_leg(row.id)).held;
    // Debts that the balance does not show as paid yet.
    const auto owed = std::max<std::int64_t>(row.owed - row.paid_seen, 0);
    return row.balance - floor_.micro() - owed - held;
}

void Funding::judge(Books& books, HoldRequest& request) const
{
    auto& what = request.what;
    const auto row = Payouts{books}.open_treasury(chain_, token_, address_);
    const Leg payee_leg{.rule = &payee_rule_, .scope = std::to_string(row.id) + "/" + what.payee};
    request.legs.push_back(treasury_leg(row.id));
    request.legs.push_back(payee_leg);
    auto& refusals = request.refusals;
    if (!what.payee.starts_with("0x")) {
        if (!refusals.empty()) return;
        refusals.push_back({.reason = Reason::payee_not_payable,
                            .rule = "service/" + what.service,
                            .detail = "The service has no payee address in the policy, and this "
                                      "purse pays USDC over a chain."});
        return;
    }
    const auto amount = what.amount.micro();
    const auto free = available(books, row);
    if (!free) {
        refusals.push_back(
            {.reason = Reason::funds_insufficient,
             .rule = "treasury",
             .detail = "The treasury's balance has not been read from the chain yet.",
             .retry_at = books.now() + kLookAgain});
    } else if (amount > *free) {
        refusals.push_back({.reason = Reason::funds_insufficient,
                            .rule = "treasury",
                            .detail = "The treasury has " + in_words(*free) +
                                      " USDC that are neither held nor owed; this needs " +
                                      what.amount.to_string() + ".",
                            .allowed = Money::from_micro(std::max<std::int64_t>(*free, 0))});
    }
    const auto payee = Payouts{books}.rows().payee(row.id, what.payee);
    const auto owed = payee ? std::max<std::int64_t>(payee->owed - payee->included, 0) : 0;
    const auto& rule = rule_of(what.payee);
    const auto room = rule.owed_max.micro() - owed - books.state(payee_leg).held;
    if (amount > room) {
        Refusal refusal{.reason = Reason::payee_debt_limit,
                        .rule = "payee/" + what.payee,
                        .detail = "At most " + rule.owed_max.to_string() +
                                  " USDC may be owed to this payee at a time, and " +
                                  in_words(room) + " are left.",
                        .allowed = Money::from_micro(std::max<std::int64_t>(room, 0))};
        // What is above the limit itself never fits.
        if (what.amount <= rule.owed_max) refusal.retry_at = books.now() + kLookAgain;
        refusals.push_back(std::move(refusal));
    }
}

}  // namespace purse
