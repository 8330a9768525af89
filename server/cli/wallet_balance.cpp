// SPDX-License-Identifier: Apache-2.0
// purse wallet balance: what the chain says there is, beside what the ledger holds and owes.
#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "ledger/payouts.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "server/cli/wallet.hpp"
#include "wallet/calls.hpp"
#include "wallet/chain_check.hpp"
#include "wallet/funding.hpp"

namespace purse::server::cli {

namespace {
using Trouble = std::unexpected<std::string>;
// transferWithAuthorization of USDC uses 85,800, and 102,900 to a new payee (measured).
constexpr Wei kPayoutGas = 100'000;
constexpr Wei kWeiPerEther = 1'000'000'000'000'000'000;
constexpr Wei kManyPayouts = 1'000'000;
constexpr std::size_t kPayeesAtOnce = 1'000;

struct RelayerFunds {
    Address address;
    Wei funds = 0;
    std::optional<Wei> payouts;  ///< that its ether pays for at today's price, roughly
};

struct ChainFunds {
    std::uint64_t block = 0;
    Money usdc;
    std::vector<RelayerFunds> relayers;
    std::vector<std::string> warnings;
};

/// Micro-USDC.
struct LedgerFunds {
    bool knows_treasury = false;
    std::int64_t balance = 0;
    std::int64_t balance_block = 0;
    std::int64_t owed = 0;     ///< no payout of it is in a block
    std::int64_t unfinal = 0;  ///< in a block that could be taken back
    std::optional<std::int64_t> available;
};

std::string lines_of(const std::vector<ChainTrouble>& troubles)
{
    std::string text;
    for (const auto& trouble : troubles)
        text += (text.empty() ? "" : "\n") + trouble.node + ": " + trouble.what;
    return text;
}

std::expected<Money, std::string> usdc_of(Nodes& nodes, const Wallet& wallet, std::uint64_t block)
{
    const std::array call{CallRequest{.from = {},
                                      .to = wallet.settings.token.contract,
                                      .data = encode_balance_of(wallet.treasury)}};
    const auto said = nodes.first([&](Node& node) { return node.calls(call, block); });
    if (!said) return Trouble{said.error().what};
    const auto amount = said->size() == 1 && !said->front().reverted
                            ? decode_uint(said->front().data)
                            : std::nullopt;
    if (!amount) return Trouble{"the token gave no balance"};
    return Money::from_micro(
        static_cast<std::int64_t>(std::min(*amount, static_cast<Wei>(Money::max().micro()))));
}

std::expected<ChainFunds, std::string> ask_chain(const Wallet& wallet, const WalletPorts& ports)
{
    auto nodes = open_nodes(wallet, ports.clock, ports.entropy);
    if (!nodes) return Trouble{nodes.error()};
    const auto checked =
        check_chain(**nodes, {.token = wallet.settings.token, .treasury = wallet.treasury});
    if (!checked)
        return Trouble{"the chain is not known to be as the wallet's document has it:\n" +
                       lines_of(checked.error())};
    ChainFunds funds{.warnings = checked->warnings};
    if (!checked->unreachable.empty()) funds.warnings.push_back(lines_of(checked->unreachable));
    const auto heads = (*nodes)->heads();
    if (!heads) return Trouble{heads.error().what};
    funds.block = heads->latest.id.number;
    const auto usdc = usdc_of(**nodes, wallet, funds.block);
    if (!usdc) return Trouble{usdc.error()};
    funds.usdc = *usdc;
    const auto quote = (*nodes)->first([](Node& node) { return node.fee_quote(); });
    const auto price = quote ? quote->base_fee + quote->tip : Wei{0};
    for (const auto& relayer : wallet.settings.relayers) {
        const auto account = account_of(relayer, wallet.folder);
        if (!account) return Trouble{account.error()};
        const auto ether = (*nodes)->first([&](Node& node) { return node.balance(*account); });
        if (!ether) return Trouble{ether.error().what};
        RelayerFunds one{.address = *account, .funds = *ether, .payouts = {}};
        if (price > 0) one.payouts = *ether / (price * kPayoutGas);
        funds.relayers.push_back(one);
    }
    return funds;
}

LedgerFunds ask_ledger(Books& books, const Wallet& wallet)
{
    LedgerFunds funds;
    auto& rows = Payouts{books}.rows();
    const auto& token = wallet.settings.token;
    for (const auto& row : rows.treasuries()) {
        if (row.chain != static_cast<std::int64_t>(token.chain_id) ||
            row.token != to_string(token.contract) || row.address != to_string(wallet.treasury))
            continue;
        funds.knows_treasury = true;
        funds.balance = row.balance;
        funds.balance_block = row.balance_block;
        std::int64_t after = 0;
        for (;;) {
            const auto payees = rows.payees(row.id, after, kPayeesAtOnce);
            for (const auto& payee : payees) {
                funds.owed += std::max<std::int64_t>(payee.owed - payee.included, 0);
                funds.unfinal += std::max<std::int64_t>(payee.included - payee.paid, 0);
            }
            if (payees.size() < kPayeesAtOnce) break;
            after = payees.back().id;
        }
        // Only where there is a row: looking makes none.
        funds.available = Funding{wallet.settings, wallet.treasury}.available(books);
    }
    return funds;
}

std::string money(std::int64_t micro)
{
    return (micro < 0 ? "-" : "") + Money::from_micro(micro < 0 ? -micro : micro).to_string();
}

/// With nine decimals, rounded down: below that no gas is to be had.
std::string ether(Wei wei)
{
    constexpr Wei kGwei = 1'000'000'000;
    auto decimals = to_decimal(wei % kWeiPerEther / kGwei);
    decimals.insert(0, 9 - decimals.size(), '0');
    return to_decimal(wei / kWeiPerEther) + "." + decimals;
}

std::string payouts_words(const RelayerFunds& relayer)
{
    if (relayer.funds == 0) return "none: nothing can be sent";
    if (!relayer.payouts) return "not known: no node gave a price";
    if (*relayer.payouts > kManyPayouts) return "more than 1000000";
    return "about " + to_decimal(*relayer.payouts);
}

void print_chain(const Wallet& wallet, const ChainFunds& funds, Output& output)
{
    output.out << "On the chain, at block " << funds.block << '\n';
    Table table{{{"Account"}, {"Address"}, {"Has", Align::right}, {"Payouts of gas left"}}};
    table.row({"treasury", to_checksummed(wallet.treasury), funds.usdc.to_string() + " USDC"});
    std::size_t number = 0;
    for (const auto& relayer : funds.relayers)
        table.row({"relayer " + std::to_string(++number),
                   to_checksummed(relayer.address),
                   ether(relayer.funds) + " ETH",
                   {payouts_words(relayer), relayer.funds == 0 ? Colour::red : Colour::none}});
    table.print(output.out, output.style);
    output.out << "(at the present price of gas; a rollup's fee for the layer below comes on "
                  "top)\n";
}

void print_ledger(const LedgerFunds& funds, Output& output)
{
    output.out << "\nIn the ledger\n";
    if (!funds.knows_treasury) {
        output.out << "Nothing yet: no server has used this treasury.\n";
        return;
    }
    Table table{{{"What"}, {"USDC", Align::right}, {""}}};
    table.row({"balance last read", money(funds.balance),
               funds.balance_block == 0 ? "never read"
                                        : "at block " + std::to_string(funds.balance_block)});
    table.row({"owed", money(funds.owed), "to payees, in no block yet"});
    table.row({"on its way", money(funds.unfinal), "in a block that is not final"});
    if (funds.available)
        table.row({"free for new holds", money(*funds.available),
                   "balance less holds, debts and the floor"});
    table.print(output.out, output.style);
}

boost::json::object chain_json(const Wallet& wallet, const ChainFunds& funds)
{
    boost::json::array relayers;
    for (const auto& relayer : funds.relayers) {
        boost::json::object json{{"address", to_checksummed(relayer.address)},
                                 {"wei", to_decimal(relayer.funds)}};
        if (relayer.payouts) json["payoutsLeft"] = to_decimal(*relayer.payouts);
        relayers.push_back(std::move(json));
    }
    boost::json::array warnings;
    for (const auto& warning : funds.warnings) warnings.emplace_back(warning);
    return {{"block", funds.block},
            {"treasury", boost::json::object{{"address", to_checksummed(wallet.treasury)},
                                             {"usdc", funds.usdc.to_string()}}},
            {"relayers", std::move(relayers)},
            {"warnings", std::move(warnings)}};
}

boost::json::object ledger_json(const LedgerFunds& funds)
{
    if (!funds.knows_treasury) return {{"known", false}};
    boost::json::object json{{"known", true},
                             {"balance", money(funds.balance)},
                             {"balanceBlock", funds.balance_block},
                             {"owed", money(funds.owed)},
                             {"onItsWay", money(funds.unfinal)}};
    if (funds.available) json["free"] = money(*funds.available);
    return json;
}
}  // namespace

int show_balance(App& app, Form form, const WalletPorts& ports, Output& output)
{
    const auto wallet = wallet_of(app.settings(), output);
    if (!wallet) return wallet.error();
    // First the slow one: no transaction is open while nodes are asked.
    const auto chain = ask_chain(*wallet, ports);
    LedgerFunds ledger;
    if (has_ledger(app.settings()))
        app.look([&](Books& books) { ledger = ask_ledger(books, *wallet); });
    if (form == Form::json) {
        boost::json::object json{{"ledger", ledger_json(ledger)}};
        if (chain)
            json["chain"] = chain_json(*wallet, *chain);
        else
            json["trouble"] = chain.error();
        output.out << boost::json::serialize(json) << '\n';
    } else {
        if (chain) print_chain(*wallet, *chain, output);
        print_ledger(ledger, output);
    }
    if (!chain) return complain(output, kNo, chain.error());
    for (const auto& warning : chain->warnings) hint(output, printable(warning));
    return kDone;
}

}  // namespace purse::server::cli
