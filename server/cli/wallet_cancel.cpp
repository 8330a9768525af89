// SPDX-License-Identifier: Apache-2.0
// purse wallet cancel: ends a payout that must not happen any more.
#include "ledger/payouts.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "server/cli/wallet.hpp"
#include "server/note.hpp"

namespace purse::server::cli {

namespace {
/// Why this one cannot be cancelled; nothing: it can.
std::optional<std::string> trouble_with(const PayoutRow& row)
{
    const auto id = "payout " + std::to_string(row.id);
    switch (row.state) {
        case PayoutState::included:
            return id + " is in block " + std::to_string(row.block) +
                   ": its money has moved, and only a reorganisation of the chain undoes that";
        case PayoutState::final_: return id + " is final: its money has moved for good";
        case PayoutState::expired: return id + " has expired: it can never be used any more";
        case PayoutState::canceled: return id + " is cancelled already";
        case PayoutState::queued:
        case PayoutState::signed_:
        case PayoutState::sent:
        case PayoutState::held: break;
    }
    return std::nullopt;
}

/// The worker only sees payouts of the wallet's own treasury.
std::optional<std::string> trouble_with_owner(Payouts& payouts, const PayoutRow& row,
                                              const Wallet& wallet)
{
    const auto payee = payouts.rows().payee(row.payee);
    const auto owner = payee ? payouts.rows().treasury(payee->treasury) : std::nullopt;
    if (owner && owner->address == to_string(wallet.treasury) &&
        owner->chain == static_cast<std::int64_t>(wallet.settings.token.chain_id) &&
        owner->token == to_string(wallet.settings.token.contract))
        return std::nullopt;
    return "payout " + std::to_string(row.id) + " belongs to another treasury than " + wallet.file +
           " names; only that treasury's key can cancel it";
}

std::string detail_of(const std::string& note)
{
    return "the operator cancels it" + (note.empty() ? "" : ": " + note);
}
}  // namespace

int cancel_payout(App& app, const WalletCancelOptions& options, Output& output)
{
    if (const auto trouble = note_trouble(options.note)) return complain(output, kWrong, *trouble);
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    const auto wallet = wallet_of(app.settings(), output);
    if (!wallet) return wallet.error();
    return change(app, output, [&](Books& books, Output& later) -> int {
        Payouts payouts{books};
        const auto row = payouts.rows().payout(options.id);
        const auto id = "payout " + std::to_string(options.id);
        if (!row)
            return complain(later, kNo, "there is no " + id + "\n`purse payout list` shows all");
        if (const auto trouble = trouble_with(*row)) return complain(later, kNo, *trouble);
        if (const auto trouble = trouble_with_owner(payouts, *row, *wallet))
            return complain(later, kNo, *trouble);
        if (row->state == PayoutState::held && row->reason == "canceling") {
            later.out << "P" << id.substr(1) << " is being cancelled already; nothing changed.\n";
            return kDone;
        }
        payouts.hold(options.id, "canceling", detail_of(options.note));
        later.out << "P" << id.substr(1) << " (" << Money::from_micro(row->value).to_string()
                  << " USDC) is being cancelled: the worker signs the cancellation and sends it.\n"
                  << "Once that is final on the chain this payout can never happen, and the debt "
                     "is owed again:\na new payout will pay it. To keep the payee from being paid, "
                     "hold the payout instead\n(`purse payout hold`).\n";
        if (!row->signature.empty())
            later.out << "It is signed, and may have been sent. Whichever the chain takes first "
                         "counts: the payment may still win.\n";
        return kDone;
    });
}

}  // namespace purse::server::cli
