// SPDX-License-Identifier: Apache-2.0
// purse reconcile on a chain that the test tells.
#include "server/cli/reconcile.hpp"

#include <catch2/catch.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "server/cli/reconcile_books.hpp"
#include "tests/support/fake_node.hpp"
#include "tests/support/pay_desk.hpp"
#include "wallet/keccak.hpp"
#include "wallet/words.hpp"

using namespace purse;
using namespace purse::server::cli;
using purse::test::has;
using purse::test::PayDesk;

namespace {
/// A ledger with a final, an included and a sent payout, and a node that shows the first two.
struct Bench : PayDesk {
    test::FakeNode* node = nullptr;
    std::optional<Nodes> nodes;

    Bench()
    {
        auto fake = std::make_unique<test::FakeNode>();
        node = fake.get();
        std::vector<std::unique_ptr<Node>> all;
        all.push_back(std::move(fake));
        nodes.emplace(std::move(all), app().clock(), entropy);

        owe(100'000);
        const auto first = queue();
        send(first);
        see(3, 0, 9'000'000);
        include(first, 10);
        owe(50'000);
        see(12, 10, 8'900'000);
        step([&](Payouts& payouts) { payouts.finish(first); });
        const auto second = queue();
        include(second, 11);
        owe(7'000, kOther);
        send(queue(kOther));
        tip(20);
        show(nonce_of(1), kPayee, 100'000, 10);
        show(nonce_of(2), kPayee, 50'000, 11);
    }

    Digest nonce_of(std::int64_t id)
    {
        Digest nonce{};
        app().look([&](Books& books) { nonce = books.rows().payouts().payout(id)->nonce; });
        return nonce;
    }
    void tip(std::uint64_t block)
    {
        Heads heads;
        heads.latest.id.number = block;
        node->seen = heads;
    }
    /// The token's logs of a payment by authorization, as a node tells them.
    void show(const Digest& nonce, std::string_view payee, Wei micro, std::uint64_t block)
    {
        const auto hash = digest("tx" + std::to_string(block));
        auto used = log(hash, block, 1);
        used.topics = {keccak256("AuthorizationUsed(address,bytes32)"), word(wallet.treasury),
                       nonce};
        node->logged->push_back(used);
        auto moved = transfer(hash, block, 2, payee, micro);
        node->logged->push_back(moved);
        auto& receipt = node->found[hash];
        receipt = {.transaction = hash, .block = {block, {}}, .succeeded = true};
        receipt.logs = {used, moved};
    }
    Log log(const Digest& hash, std::uint64_t block, std::uint64_t index) const
    {
        return {.address = wallet.settings.token.contract,
                .topics = {},
                .data = {},
                .index = index,
                .transaction = hash,
                .block = {block, {}}};
    }
    Log transfer(const Digest& hash, std::uint64_t block, std::uint64_t index,
                 std::string_view payee, Wei micro) const
    {
        auto moved = log(hash, block, index);
        moved.topics = {keccak256("Transfer(address,address,uint256)"), word(wallet.treasury),
                        word(parse_address(payee).value())};
        moved.data = std::string{as_bytes(word(micro))};
        return moved;
    }
    void forget(std::uint64_t block)
    {
        std::erase_if(*node->logged, [&](const Log& one) { return one.block.number == block; });
    }

    int reconcile(Form form = Form::words, std::optional<std::int64_t> from = {})
    {
        return run(
            [this](server::App& its_app, const ReconcileOptions& options, Output& output) {
                return reconcile_with(its_app, *nodes, wallet, options, output);
            },
            ReconcileOptions{.from_block = from, .form = form});
    }
    /// The only difference.
    std::string difference()
    {
        REQUIRE(reconcile(Form::json) == kNo);
        const auto json = boost::json::parse(out);
        CHECK(json.at("agrees") == false);
        const auto& all = json.at("differences").as_array();
        REQUIRE(all.size() == 1);
        return std::string{all[0].at("code").as_string()} + ": " +
               std::string{all[0].at("what").as_string()};
    }
};
}  // namespace

TEST_CASE("Chain and ledger agree up to what is on its way")
{
    Bench bench;
    REQUIRE(bench.reconcile() == kDone);
    CHECK(bench.out ==
          "Chain   2 payments of 0.15 USDC, blocks 3 to 20\n"
          "Ledger  0.157 USDC owed in all, 0.15 paid\n"
          "They agree.\n");
    CHECK(bench.err.empty());
    REQUIRE(bench.reconcile(Form::json) == kDone);
    CHECK(boost::json::parse(bench.out) ==
          boost::json::parse(R"({"agrees":true,"fromBlock":3,"toBlock":20,"onChain":2,
            "moved":"0.15","onItsWay":0,"payouts":3,"owed":"0.157","paid":"0.15",
            "differences":[]})"));
}

TEST_CASE("Reconciling changes nothing")
{
    Bench bench;
    std::int64_t entries = 0;
    bench.app().look([&](Books& books) { entries = books.meta().seq; });
    bench.reconcile();
    bench.app().look([&](Books& books) { CHECK(books.meta().seq == entries); });
}

TEST_CASE("A payment that the ledger does not know is found")
{
    Bench bench;
    bench.show(PayDesk::digest("another ledger"), PayDesk::kOther, 3'000'000, 15);
    REQUIRE(bench.reconcile() == kNo);
    CHECK(has(bench.out,
              "unknown_payment: the chain shows a payment of 3.00 USDC to "
              "0x70997970c51812dc3a010c7d01b50e0d17dc79c8 (" +
                  PayDesk::hex("tx15") + ") that this ledger does not know\n"));
    CHECK_FALSE(has(bench.out, "agree"));
    CHECK(has(bench.err, "the chain and the ledger differ"));
    CHECK(has(bench.difference(), "unknown_payment"));
}

TEST_CASE("A payment that is on the chain and not in the books is found once the worker has looked")
{
    Bench bench;
    bench.show(bench.nonce_of(3), PayDesk::kOther, 7'000, 13);
    REQUIRE(bench.reconcile() == kDone);
    CHECK(has(bench.out, "1 payment is newer than the worker's last look"));
    bench.step([](Payouts& payouts) { payouts.note_chain(1, {.latest = 13}); });
    CHECK(bench.difference() == "not_booked: payout 3 is paid on the chain and sent in the ledger");
}

TEST_CASE("A payment that is booked and not on the chain is found")
{
    Bench bench;
    bench.forget(11);
    CHECK(bench.difference() ==
          "not_on_chain: payout 2 of 0.05 USDC is booked as paid, and the chain does not show it");
    SECTION("unless it is before the first block that is read")
    {
        CHECK(bench.reconcile(Form::words, 12) == kDone);
        CHECK(has(bench.out, "0 payments of 0.00 USDC, blocks 12 to 20"));
    }
    SECTION("or after the last one")
    {
        bench.tip(10);
        CHECK(bench.reconcile() == kDone);
    }
}

TEST_CASE("A payment of another amount or to another payee is found")
{
    Bench bench;
    bench.forget(11);
    SECTION("amount")
    {
        bench.show(bench.nonce_of(2), PayDesk::kPayee, 50'001, 11);
        CHECK(bench.difference() == std::string{"other_amount: payout 2 moved 0.050001 USDC to "} +
                                        PayDesk::kPayee + "; the ledger has 0.05 to " +
                                        PayDesk::kPayee);
    }
    SECTION("payee")
    {
        bench.show(bench.nonce_of(2), PayDesk::kOther, 50'000, 11);
        CHECK(has(bench.difference(),
                  std::string{"other_amount: payout 2 moved 0.05 USDC to "} + PayDesk::kOther));
    }
}

TEST_CASE("Money that left the treasury by other means is found")
{
    Bench bench;
    bench.node->logged->push_back(
        bench.transfer(PayDesk::digest("by hand"), 16, 0, PayDesk::kRelayer, 1'500'000));
    CHECK(bench.difference() ==
          "other_transfer: 1 transfer of 1.50 USDC left the treasury by other means than a payout");
    bench.node->logged->push_back(
        bench.transfer(PayDesk::digest("by hand"), 17, 0, PayDesk::kRelayer, 500'000));
    CHECK(has(bench.difference(), "2 transfers of 2.00 USDC"));
}

TEST_CASE("Other tokens and other accounts are none of its business")
{
    Bench bench;
    auto foreign = bench.transfer(PayDesk::digest("x"), 16, 0, PayDesk::kRelayer, 1);
    foreign.address = parse_address(PayDesk::kRelayer).value();
    bench.node->logged->push_back(foreign);
    auto incoming = bench.transfer(PayDesk::digest("y"), 16, 0, PayDesk::kRelayer, 1);
    std::swap(incoming.topics[1], incoming.topics[2]);
    bench.node->logged->push_back(incoming);
    CHECK(bench.reconcile() == kDone);
}

TEST_CASE("Books that do not add up are found")
{
    Bench bench;
    SECTION("sums of a payee")
    {
        bench.tamper("UPDATE payee SET covered = included - 1 WHERE id = 1");
        CHECK(has(bench.difference(), "books: the sums of payee 0x90f79bf6"));
    }
    SECTION("its account")
    {
        bench.tamper("UPDATE account SET debits = debits - 1 WHERE name LIKE 'payee/0x90%'");
        CHECK(has(bench.difference(), "books: the account of payee 0x90f79bf6"));
    }
}

TEST_CASE("Long stretches of the chain are read in parts, and nothing is missed")
{
    Bench bench;
    bench.tip(35'000);
    for (const std::uint64_t block : {10'002, 10'003, 20'002, 34'999})
        bench.show(PayDesk::digest("n" + std::to_string(block)), PayDesk::kOther, 1, block);
    REQUIRE(bench.reconcile(Form::json) == kNo);
    const auto json = boost::json::parse(bench.out);
    CHECK(json.at("differences").as_array().size() == 4);
    CHECK(json.at("onChain") == 6);
    CHECK(json.at("toBlock") == 35'000);
}

TEST_CASE("A node that fails, or contradicts itself, gives no result")
{
    Bench bench;
    SECTION("silence")
    {
        bench.node->fault = NodeFault{NodeFault::Kind::unknown, "no answer"};
        CHECK(bench.reconcile() == kNo);
        CHECK(has(bench.err, "the chain cannot be read"));
        CHECK(bench.out.empty());
    }
    SECTION("a log without its receipt")
    {
        bench.node->found.clear();
        CHECK(bench.reconcile() == kNo);
        CHECK(has(bench.err, "a log and not its receipt"));
    }
}

TEST_CASE("A ledger that has not looked at the chain has nothing to compare")
{
    Bench bench;
    bench.tamper("UPDATE treasury SET first_block = 0");
    CHECK(bench.reconcile() == kNo);
    CHECK(has(bench.err, "has not looked at the chain with this treasury yet"));
    CHECK(bench.reconcile(Form::words, 1) == kDone);
    bench.tamper("UPDATE treasury SET address = '0x0'");
    CHECK(bench.reconcile(Form::words, 1) == kNo);
}
