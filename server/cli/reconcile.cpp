// SPDX-License-Identifier: Apache-2.0
#include "server/cli/reconcile.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "server/cli/reconcile_books.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "wallet/chain_check.hpp"

namespace purse::server::cli {

namespace {
constexpr int kTries = 5;  // of the chain check

std::optional<TreasuryRow> treasury_in(App& app, const Wallet& wallet)
{
    std::optional<TreasuryRow> found;
    app.look([&](Books& books) {
        for (auto& row : books.rows().payouts().treasuries())
            if (row.chain == static_cast<std::int64_t>(wallet.settings.token.chain_id) &&
                row.token == to_string(wallet.settings.token.contract) &&
                row.address == to_string(wallet.treasury))
                found = row;
    });
    return found;
}

struct Sums {
    std::int64_t owed = 0;
    std::int64_t paid = 0;
};

Sums sums_of(const InLedger& ledger)
{
    Sums sums;
    for (const auto& payee : ledger.payees) {
        sums.owed += payee.owed;
        sums.paid += payee.included;
    }
    return sums;
}

void print_json(const OnChain& chain, const InLedger& ledger, const Comparison& result,
                Output& output)
{
    const auto sums = sums_of(ledger);
    boost::json::array list;
    for (const auto& one : result.differences)
        list.push_back(boost::json::object{{"code", one.code}, {"what", one.what}});
    const boost::json::object json{{"agrees", result.differences.empty()},
                                   {"fromBlock", chain.from},
                                   {"toBlock", chain.to},
                                   {"onChain", chain.uses.size()},
                                   {"moved", usdc(chain.moved())},
                                   {"onItsWay", result.on_its_way},
                                   {"payouts", ledger.payouts.size()},
                                   {"owed", usdc(sums.owed)},
                                   {"paid", usdc(sums.paid)},
                                   {"differences", std::move(list)}};
    output.out << boost::json::serialize(json) << '\n';
}

void print(const OnChain& chain, const InLedger& ledger, const Comparison& result, Output& output)
{
    const auto sums = sums_of(ledger);
    output.out << "Chain   "
               << counted(static_cast<std::int64_t>(chain.uses.size()), "payment", "payments")
               << " of " << usdc(chain.moved()) << " USDC, blocks " << chain.from << " to "
               << chain.to << "\nLedger  " << usdc(sums.owed) << " USDC owed in all, "
               << usdc(sums.paid) << " paid\n";
    if (result.on_its_way > 0)
        output.out << counted(static_cast<std::int64_t>(result.on_its_way), "payment is",
                              "payments are")
                   << " newer than the worker's last look; it books them when it runs.\n";
    for (const auto& one : result.differences)
        output.out << painted(output.style, Colour::red, one.code) << ": " << one.what << '\n';
    if (result.differences.empty())
        output.out << painted(output.style, Colour::green, "They agree") << ".\n";
}

/// False, and told, when it is another chain or nobody answers.
bool is_our_chain(Nodes& nodes, const Wallet& wallet, Output& output)
{
    const ChainExpectation expected{.token = wallet.settings.token, .treasury = wallet.treasury};
    auto checked = check_chain(nodes, expected);
    for (int i = 1; i < kTries && !checked; ++i) checked = check_chain(nodes, expected);
    if (checked) return true;
    complain(output, kNo,
             "the chain is not there as the wallet has it: " + checked.error().front().what);
    return false;
}
}  // namespace

int reconcile(App& app, const ReconcileOptions& options, Output& output)
{
    const auto& settings = app.settings();
    if (!has_ledger(settings)) return complain_no_ledger(output, settings);
    const auto wallet = find_wallet(settings.wallet_file, Absent::is_an_error);
    if (!wallet) return complain(output, kWrong, wallet.error());
    auto nodes = open_nodes(**wallet, app.clock(), app.entropy());
    if (!nodes) return complain(output, kWrong, nodes.error());
    if (!is_our_chain(**nodes, **wallet, output)) return kNo;
    return reconcile_with(app, **nodes, **wallet, options, output);
}

int reconcile_with(App& app, Nodes& nodes, const Wallet& wallet, const ReconcileOptions& options,
                   Output& output)
{
    const auto treasury = treasury_in(app, wallet);
    if (!treasury || (treasury->first_block == 0 && !options.from_block))
        return complain(output, kNo,
                        "this ledger has not looked at the chain with this treasury yet; servers "
                        "and `purse payout run` do");
    const auto from =
        static_cast<std::uint64_t>(options.from_block.value_or(treasury->first_block));
    OnChain chain;
    InLedger ledger;
    Comparison result;
    // The chain first: what the worker books meanwhile is then on both sides. What it books while
    // the chain is read may differ for a moment, so a difference is looked at twice.
    for (int look = 0; look < 2; ++look) {
        auto read = read_chain(nodes, {wallet.settings.token.contract, wallet.treasury}, from);
        if (!read) return complain(output, kNo, read.error());
        chain = std::move(*read);
        app.look([&](Books& books) { ledger = read_ledger(books, treasury->id); });
        result = compare(chain, ledger);
        if (result.differences.empty()) break;
    }
    if (options.form == Form::json)
        print_json(chain, ledger, result, output);
    else
        print(chain, ledger, result, output);
    if (result.differences.empty()) return kDone;
    return options.form == Form::json ? kNo
                                      : complain(output, kNo, "the chain and the ledger differ");
}

}  // namespace purse::server::cli
