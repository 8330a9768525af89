// SPDX-License-Identifier: Apache-2.0
#include "server/cli/reconcile_books.hpp"

#include <algorithm>
#include <limits>
#include <span>

#include "server/cli/text.hpp"

namespace purse::server::cli {

namespace {
constexpr std::uint64_t kLogBlocks = 10'000;
constexpr std::size_t kPage = 1000;
constexpr std::size_t kReceiptsMax = 50;
constexpr std::size_t kAccountsMax = 1'000'000;
constexpr int kTries = 5;  // of one question, to all nodes each

/// Why the chain cannot be read; never leaves this file.
struct Unreadable {
    std::string what;
};

template <typename Ask>
auto ask(Nodes& nodes, Ask question)
{
    auto answer = nodes.first(question);
    for (int i = 1; i < kTries && !answer; ++i) answer = nodes.first(question);
    if (!answer) throw Unreadable{"the chain cannot be read: " + answer.error().what};
    return std::move(*answer);
}

void read_uses(Nodes& nodes, const Payer& payer, const std::vector<Digest>& transactions,
               OnChain& chain)
{
    for (std::size_t i = 0; i < transactions.size(); i += kReceiptsMax) {
        const auto part =
            std::span{transactions}.subspan(i, std::min(kReceiptsMax, transactions.size() - i));
        const auto receipts = ask(nodes, [&](Node& node) { return node.receipts(part); });
        for (const auto& receipt : receipts) {
            if (!receipt) throw Unreadable{"a node shows a log and not its receipt; try again"};
            for (const auto& use : used_authorizations(payer.token, payer.treasury, receipt->logs))
                chain.uses[use.nonce] = {.what = use,
                                         .tx = std::string{as_bytes(receipt->transaction)},
                                         .block = receipt->block.number};
        }
    }
}

OnChain read_all(Nodes& nodes, const Payer& payer, std::uint64_t from)
{
    OnChain chain{.from = from};
    chain.to = ask(nodes, [](Node& node) { return node.heads(); }).latest.id.number;
    auto topics = used_topics(payer.treasury, {});
    topics.resize(2);  // of any nonce
    std::int64_t out = 0;
    std::size_t transfers = 0;
    for (auto begin = from; begin <= chain.to; begin += kLogBlocks) {
        LogQuery query{.address = payer.token,
                       .topics = topics,
                       .from_block = begin,
                       .to_block = std::min(begin + kLogBlocks - 1, chain.to)};
        std::vector<Digest> transactions;
        for (const auto& log : ask(nodes, [&](Node& node) { return node.logs(query); }))
            if (transactions.empty() || transactions.back() != log.transaction)
                transactions.push_back(log.transaction);
        read_uses(nodes, payer, transactions, chain);
        query.topics = sent_topics(payer.treasury);
        for (const auto& log : ask(nodes, [&](Node& node) { return node.logs(query); })) {
            ++transfers;
            out += static_cast<std::int64_t>(decode_uint(log.data).value_or(0));
        }
    }
    chain.other_micro = std::max<std::int64_t>(out - chain.moved(), 0);
    chain.others = transfers - std::min(transfers, chain.uses.size());
    return chain;
}

std::string named(const PayoutRow& row)
{
    return "payout " + std::to_string(row.id);
}

bool is_booked(const PayoutRow& row)
{
    return row.state == PayoutState::included || row.state == PayoutState::final_;
}

/// What the chain shows against the ledger.
void compare_uses(const OnChain& chain, const InLedger& ledger, Comparison& result)
{
    auto& found = result.differences;
    for (const auto& [nonce, use] : chain.uses) {
        const auto payee = to_string(use.what.to);
        const auto moved = use.what.value.to_string() + " USDC to " + payee;
        const auto known = ledger.payouts.find(nonce);
        if (known == ledger.payouts.end()) {
            found.push_back({"unknown_payment", "the chain shows a payment of " + moved + " (0x" +
                                                    to_hex(use.tx) +
                                                    ") that this ledger does not know"});
            continue;
        }
        const auto& row = known->second.row;
        if (!is_booked(row)) {
            // The worker books what it sees when it looks.
            if (use.block > static_cast<std::uint64_t>(ledger.latest))
                ++result.on_its_way;
            else
                found.push_back({"not_booked", named(row) + " is paid on the chain and " +
                                                   std::string{wire_name(row.state)} +
                                                   " in the ledger"});
        } else if (row.value != use.what.value.micro() || known->second.payee != payee) {
            found.push_back({"other_amount", named(row) + " moved " + moved + "; the ledger has " +
                                                 usdc(row.value) + " to " + known->second.payee});
        }
    }
}

/// What the ledger has against the chain.
void compare_payouts(const OnChain& chain, const InLedger& ledger, Comparison& result)
{
    for (const auto& [nonce, known] : ledger.payouts) {
        const auto& row = known.row;
        const auto block = static_cast<std::uint64_t>(row.block);
        // What is in no block that was read is not looked for.
        if (is_booked(row) && block >= chain.from && block <= chain.to &&
            !chain.uses.contains(nonce))
            result.differences.push_back(
                {"not_on_chain", named(row) + " of " + usdc(row.value) +
                                     " USDC is booked as paid, and the chain does not show it"});
    }
}

/// The ledger against itself.
void compare_books(const InLedger& ledger, Comparison& result)
{
    for (const auto& payee : ledger.payees) {
        if (payee.included < payee.paid || payee.covered < payee.included)
            result.differences.push_back(
                {"books", "the sums of payee " + payee.address + " do not fit"});
        const auto account = ledger.accounts.find("payee/" + payee.address);
        const bool fits =
            account == ledger.accounts.end()
                ? payee.owed == 0 && payee.paid == 0
                : account->second.debits >= payee.paid && account->second.credits >= payee.owed;
        if (!fits)
            result.differences.push_back(
                {"books", "the account of payee " + payee.address + " does not fit its payouts"});
    }
}
}  // namespace

std::int64_t OnChain::moved() const
{
    std::int64_t sum = 0;
    for (const auto& [nonce, use] : uses) sum += use.what.value.micro();
    return sum;
}

std::expected<OnChain, std::string> read_chain(Nodes& nodes, const Payer& payer, std::uint64_t from)
{
    try {
        return read_all(nodes, payer, from);
    } catch (const Unreadable& trouble) {
        return std::unexpected{trouble.what};
    }
}

InLedger read_ledger(Books& books, std::int64_t treasury)
{
    InLedger ledger;
    auto& rows = books.rows().payouts();
    if (const auto row = rows.treasury(treasury)) ledger.latest = row->latest;
    std::map<std::int64_t, std::string> addresses;
    for (std::int64_t after = 0;;) {
        auto page = rows.payees(treasury, after, kPage);
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
    for (auto& total : books.rows().accounts("payee/", kAccountsMax))
        ledger.accounts[total.name] = total;
    return ledger;
}

Comparison compare(const OnChain& chain, const InLedger& ledger)
{
    Comparison result;
    compare_uses(chain, ledger, result);
    compare_payouts(chain, ledger, result);
    compare_books(ledger, result);
    if (chain.others > 0)
        result.differences.push_back(
            {"other_transfer",
             counted(static_cast<std::int64_t>(chain.others), "transfer", "transfers") + " of " +
                 usdc(chain.other_micro) + " USDC left the treasury by other means than a payout"});
    return result;
}

}  // namespace purse::server::cli
