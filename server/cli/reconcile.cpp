// SPDX-License-Identifier: Apache-2.0
#include "server/cli/reconcile.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <limits>
#include <map>
#include <set>

#include "ledger/payouts.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "wallet/calls.hpp"
#include "wallet/chain_check.hpp"

namespace purse::server::cli {

namespace {
constexpr std::uint64_t kLogBlocks = 10'000;
constexpr std::size_t kPage = 1000;
constexpr std::size_t kReceiptsMax = 50;
constexpr int kTries = 5;  // of one question, to all nodes each

std::string usdc(std::int64_t micro)
{
    return Money::from_micro(micro).to_string();
}

struct Use {
    UsedAuthorization what;
    std::string tx;
    std::uint64_t block = 0;
};

struct OnChain {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::map<Digest, Use> uses;
    std::int64_t other_micro = 0;  ///< left the treasury by other means than an authorization
    std::size_t others = 0;
};

struct InLedger {
    std::map<Digest, std::pair<PayoutRow, std::string>> payouts;
    std::vector<PayeeRow> payees;
    std::map<std::string, AccountTotal> accounts;
};

struct Difference {
    std::string code;
    std::string what;
};

template <typename Ask>
auto ask(Nodes& nodes, Ask question)
{
    auto answer = nodes.first(question);
    for (int i = 1; i < kTries && !answer; ++i) answer = nodes.first(question);
    if (!answer) throw std::runtime_error{"the chain cannot be read: " + answer.error().what};
    return std::move(*answer);
}

void read_uses(Nodes& nodes, const Wallet& wallet, const std::vector<Digest>& transactions,
               OnChain& chain)
{
    const auto& token = wallet.settings.token.contract;
    for (std::size_t i = 0; i < transactions.size(); i += kReceiptsMax) {
        const auto part =
            std::span{transactions}.subspan(i, std::min(kReceiptsMax, transactions.size() - i));
        const auto receipts = ask(nodes, [&](Node& node) { return node.receipts(part); });
        for (const auto& receipt : receipts) {
            if (!receipt)
                throw std::runtime_error{"a node shows a log and not its receipt; try again"};
            for (const auto& use : used_authorizations(token, wallet.treasury, receipt->logs))
                chain.uses[use.nonce] = {.what = use,
                                         .tx = std::string{as_bytes(receipt->transaction)},
                                         .block = receipt->block.number};
        }
    }
}

OnChain read_chain(Nodes& nodes, const Wallet& wallet, std::uint64_t from)
{
    const auto& token = wallet.settings.token.contract;
    OnChain chain{.from = from};
    chain.to = ask(nodes, [](Node& node) { return node.heads(); }).latest.id.number;
    auto topics = used_topics(wallet.treasury, {});
    topics.resize(2);
    std::int64_t out = 0;
    std::size_t transfers = 0;
    for (auto begin = from; begin <= chain.to; begin += kLogBlocks) {
        LogQuery query{.address = token,
                       .topics = topics,
                       .from_block = begin,
                       .to_block = std::min(begin + kLogBlocks - 1, chain.to)};
        std::vector<Digest> transactions;
        for (const auto& log : ask(nodes, [&](Node& node) { return node.logs(query); }))
            if (std::ranges::find(transactions, log.transaction) == transactions.end())
                transactions.push_back(log.transaction);
        read_uses(nodes, wallet, transactions, chain);
        query.topics = sent_topics(wallet.treasury);
        for (const auto& log : ask(nodes, [&](Node& node) { return node.logs(query); })) {
            ++transfers;
            out += static_cast<std::int64_t>(decode_uint(log.data).value_or(0));
        }
    }
    for (const auto& [nonce, use] : chain.uses) out -= use.what.value.micro();
    chain.other_micro = out;
    chain.others = transfers - std::min(transfers, chain.uses.size());
    return chain;
}

InLedger read_ledger(Books& books, const TreasuryRow& treasury)
{
    InLedger ledger;
    auto& rows = books.rows().payouts();
    std::map<std::int64_t, std::string> addresses;
    for (std::int64_t after = 0;;) {
        auto page = rows.payees(treasury.id, after, kPage);
        if (page.empty()) break;
        after = page.back().id;
        for (auto& payee : page) {
            addresses[payee.id] = payee.address;
            ledger.payees.push_back(std::move(payee));
        }
    }
    for (auto before = std::numeric_limits<std::int64_t>::max();;) {
        const auto page = rows.latest_payouts(before, kPage);
        if (page.empty()) break;
        before = page.back().id;
        for (const auto& row : page)
            if (const auto payee = addresses.find(row.payee); payee != addresses.end())
                ledger.payouts[row.nonce] = {row, payee->second};
    }
    for (auto& total : books.rows().accounts("payee/", 1'000'000))
        ledger.accounts[total.name] = total;
    return ledger;
}

std::string named(const PayoutRow& row)
{
    return "payout " + std::to_string(row.id);
}

std::vector<Difference> differences(const OnChain& chain, const InLedger& ledger)
{
    std::vector<Difference> found;
    std::map<std::string, std::int64_t> moved;
    for (const auto& [nonce, use] : chain.uses) {
        const auto payee = to_string(use.what.to);
        moved[payee] += use.what.value.micro();
        const auto known = ledger.payouts.find(nonce);
        if (known == ledger.payouts.end()) {
            found.push_back({"unknown_payment", "the chain shows a payment of " +
                                                    use.what.value.to_string() + " USDC to " +
                                                    payee + " (0x" + to_hex(use.tx) +
                                                    ") that this ledger does not know"});
            continue;
        }
        const auto& [row, address] = known->second;
        const bool is_booked =
            row.state == PayoutState::included || row.state == PayoutState::final_;
        if (!is_booked)
            found.push_back({"not_booked", named(row) + " is paid on the chain and " +
                                               std::string{wire_name(row.state)} +
                                               " in the ledger"});
        else if (row.value != use.what.value.micro() || address != payee)
            found.push_back({"other_amount", named(row) + " moved " + use.what.value.to_string() +
                                                 " USDC to " + payee + "; the ledger has " +
                                                 usdc(row.value) + " to " + address});
    }
    for (const auto& [nonce, known] : ledger.payouts) {
        const auto& row = known.first;
        const bool is_booked =
            row.state == PayoutState::included || row.state == PayoutState::final_;
        // What was mined before the first block that was read is not looked for.
        if (is_booked && static_cast<std::uint64_t>(row.block) >= chain.from &&
            !chain.uses.contains(nonce))
            found.push_back({"not_on_chain", named(row) + " of " + usdc(row.value) +
                                                 " USDC is booked as paid, and the chain does "
                                                 "not show it"});
    }
    for (const auto& payee : ledger.payees) {
        if (payee.included < payee.paid || payee.covered < payee.included)
            found.push_back({"books", "the sums of payee " + payee.address + " do not fit"});
        const auto account = ledger.accounts.find("payee/" + payee.address);
        if (account != ledger.accounts.end() &&
            (account->second.debits < payee.paid || account->second.credits < payee.owed))
            found.push_back(
                {"books", "the account of payee " + payee.address + " does not fit its payouts"});
    }
    if (chain.others > 0)
        found.push_back({"other_transfer",
                         counted(static_cast<std::int64_t>(chain.others), "transfer", "transfers") +
                             " of " + usdc(std::max<std::int64_t>(chain.other_micro, 0)) +
                             " USDC left the treasury by other means than a payout"});
    return found;
}

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

int report(const OnChain& chain, const InLedger& ledger, const std::vector<Difference>& found,
           const ReconcileOptions& options, Output& output)
{
    std::int64_t owed = 0;
    std::int64_t paid = 0;
    std::int64_t moved = 0;
    for (const auto& payee : ledger.payees) {
        owed += payee.owed;
        paid += payee.included;
    }
    for (const auto& [nonce, use] : chain.uses) moved += use.what.value.micro();
    if (options.form == Form::json) {
        boost::json::array list;
        for (const auto& one : found)
            list.push_back(boost::json::object{{"code", one.code}, {"what", one.what}});
        const boost::json::object json{{"agrees", found.empty()},
                                       {"fromBlock", chain.from},
                                       {"toBlock", chain.to},
                                       {"onChain", chain.uses.size()},
                                       {"moved", usdc(moved)},
                                       {"payouts", ledger.payouts.size()},
                                       {"owed", usdc(owed)},
                                       {"paid", usdc(paid)},
                                       {"differences", std::move(list)}};
        output.out << boost::json::serialize(json) << '\n';
        return found.empty() ? kDone : kNo;
    }
    output.out << "Chain   "
               << counted(static_cast<std::int64_t>(chain.uses.size()), "payment", "payments")
               << " of " << usdc(moved) << " USDC, blocks " << chain.from << " to " << chain.to
               << "\nLedger  " << usdc(owed) << " USDC owed in all, " << usdc(paid) << " paid\n";
    for (const auto& one : found)
        output.out << painted(output.style, Colour::red, one.code) << ": " << one.what << '\n';
    if (found.empty()) {
        output.out << painted(output.style, Colour::green, "They agree") << ".\n";
        return kDone;
    }
    return complain(output, kNo, "the chain and the ledger differ");
}
}  // namespace

int reconcile(App& app, const ReconcileOptions& options, Output& output)
{
    const auto& settings = app.settings();
    if (!has_ledger(settings)) return complain_no_ledger(output, settings);
    const auto wallet = find_wallet(settings.wallet_file, Absent::is_an_error);
    if (!wallet) return complain(output, kWrong, wallet.error());
    const auto treasury = treasury_in(app, **wallet);
    if (!treasury)
        return complain(output, kNo, "this ledger has paid nothing from this treasury yet");
    auto nodes = open_nodes(**wallet, app.clock(), app.entropy());
    if (!nodes) return complain(output, kWrong, nodes.error());
    auto checked =
        check_chain(**nodes, {.token = (*wallet)->settings.token, .treasury = (*wallet)->treasury});
    for (int i = 1; i < kTries && !checked; ++i)
        checked = check_chain(
            **nodes, {.token = (*wallet)->settings.token, .treasury = (*wallet)->treasury});
    if (!checked)
        return complain(
            output, kNo,
            "the chain is not there as the wallet has it: " + checked.error().front().what);
    const auto from = options.from_block.value_or(treasury->first_block);
    // The ledger first: what is paid meanwhile is on the chain and not in this picture of the
    // ledger; so look at the chain, then at the ledger, and once more where they differ.
    std::vector<Difference> found;
    OnChain chain;
    InLedger ledger;
    for (int look = 0; look < 2; ++look) {
        chain = read_chain(**nodes, **wallet, static_cast<std::uint64_t>(from));
        app.look([&](Books& books) { ledger = read_ledger(books, *treasury); });
        found = differences(chain, ledger);
        if (found.empty()) break;
    }
    return report(chain, ledger, found, options, output);
}

}  // namespace purse::server::cli
