// SPDX-License-Identifier: Apache-2.0
#include "server/cli/payout_view.hpp"

#include <algorithm>
#include <array>

#include "ledger/payouts.hpp"
#include "server/cli/text.hpp"
#include "wallet/funding.hpp"

namespace purse::server::cli {

namespace {
constexpr std::size_t kPage = 1000;

bool is_of(const TreasuryRow& row, const Wallet& wallet)
{
    const auto& token = wallet.settings.token;
    return row.chain == static_cast<std::int64_t>(token.chain_id) &&
           row.token == to_string(token.contract) && row.address == to_string(wallet.treasury);
}

std::map<std::int64_t, std::string> add_payees(PayoutRows& rows, PayoutView& view)
{
    std::map<std::int64_t, std::string> addresses;
    for (std::int64_t after = 0;;) {
        const auto page = rows.payees(view.treasury.id, after, kPage);
        if (page.empty()) return addresses;
        after = page.back().id;
        for (const auto& payee : page) {
            addresses[payee.id] = payee.address;
            view.uncovered += std::max<std::int64_t>(payee.uncovered(), 0);
            view.final_micro += payee.paid;
            if (payee.included > payee.paid)
                view.in_block[payee.address] = payee.included - payee.paid;
        }
    }
}

void add(const PayoutRow& row, PayoutView& view)
{
    const auto sum_of = [&]() -> StageSum& {
        switch (row.state) {
            case PayoutState::held: return view.held;
            case PayoutState::sent: return view.on_its_way;
            case PayoutState::included:
                return row.block <= view.treasury.safe ? view.paid : view.on_its_way;
            default: return view.queued;
        }
    };
    auto& sum = sum_of();
    sum.micro += row.value;
    ++sum.count;
    if (row.state == PayoutState::held) ++view.reasons[row.reason];
}

std::string reasons_words(const PayoutView& view)
{
    std::string words;
    for (const auto& [reason, count] : view.reasons)
        words += (words.empty() ? "" : ", ") + std::to_string(count) + " for " + printable(reason);
    return words;
}

boost::json::object to_json(const StageSum& sum)
{
    return {{"sum", usdc(sum.micro)}, {"payouts", sum.count}};
}
}  // namespace

std::optional<PayoutView> payout_view(Books& books, const std::optional<Wallet>& wallet)
{
    auto& rows = books.rows().payouts();
    auto treasuries = rows.treasuries();
    if (treasuries.empty()) return std::nullopt;
    const auto own = std::ranges::find_if(
        treasuries, [&](const TreasuryRow& row) { return wallet && is_of(row, *wallet); });
    PayoutView view{.treasury = own == treasuries.end() ? treasuries.back() : *own};
    if (own != treasuries.end())
        view.free_micro = Funding{wallet->settings, wallet->treasury}.available(books);
    const auto payees = add_payees(rows, view);
    using enum PayoutState;
    for (const auto state : {queued, signed_, sent, included, held})
        for (std::int64_t after = 0;;) {
            const auto page = rows.payouts_in(state, after, kPage);
            if (page.empty()) break;
            after = page.back().id;
            for (const auto& row : page)
                if (payees.contains(row.payee)) add(row, view);
        }
    return view;
}

std::string rail_words(const PayoutView& view)
{
    return "evm: USDC on chain " + std::to_string(view.treasury.chain) + ", token " +
           view.treasury.token + ", paid by " + view.treasury.address;
}

void print_payouts(const PayoutView& view, Instant now, Output& output)
{
    const auto& treasury = view.treasury;
    output.out << "\nTreasury: ";
    if (treasury.balance_block == 0)
        output.out << "its balance was never read";
    else
        output.out << usdc(treasury.balance) << " USDC, read " << relative(treasury.seen_at, now)
                   << " at block " << treasury.balance_block;
    if (view.free_micro) output.out << "; free for new holds: " << usdc(*view.free_micro);
    output.out << "\n\n";
    Table table{{{"Payments"}, {"USDC", Align::right}, {"Payouts", Align::right}, {""}}};
    const auto row = [&](const char* name, const StageSum& sum, Cell note = {}) {
        table.row({name, usdc(sum.micro), std::to_string(sum.count), std::move(note)});
    };
    table.row({"owed", usdc(view.uncovered), "", "on no payout yet"});
    row("queued", view.queued);
    row("on its way", view.on_its_way);
    row("held", view.held, {reasons_words(view), Colour::red});
    row("paid", view.paid, "not final yet");
    table.row({"final", usdc(view.final_micro)});
    table.print(output.out, output.style);
}

boost::json::object payouts_json(const PayoutView& view)
{
    const auto& treasury = view.treasury;
    auto held = to_json(view.held);
    boost::json::object reasons;
    for (const auto& [reason, count] : view.reasons) reasons[reason] = count;
    held["reasons"] = std::move(reasons);
    boost::json::object json{
        {"chain", treasury.chain},        {"token", treasury.token},
        {"treasury", treasury.address},   {"owed", usdc(view.uncovered)},
        {"queued", to_json(view.queued)}, {"onItsWay", to_json(view.on_its_way)},
        {"held", std::move(held)},        {"paid", to_json(view.paid)},
        {"final", usdc(view.final_micro)}};
    if (treasury.balance_block != 0) {
        json["balance"] = usdc(treasury.balance);
        json["balanceBlock"] = treasury.balance_block;
        json["balanceAt"] = to_rfc3339(treasury.seen_at);
    }
    if (view.free_micro) json["free"] = usdc(*view.free_micro);
    return json;
}

}  // namespace purse::server::cli
