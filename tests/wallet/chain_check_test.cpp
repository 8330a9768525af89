// SPDX-License-Identifier: Apache-2.0
#include "wallet/chain_check.hpp"

#include <catch2/catch.hpp>

#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_node.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "wallet/calls.hpp"
#include "wallet/known_chains.hpp"
#include "wallet/words.hpp"

using namespace purse;
using purse::test::FakeNode;

namespace {
std::string text_word(const std::string& text)
{
    const auto padding = (32 - text.size() % 32) % 32;
    return std::string{as_bytes(word(Wei{32}))} + std::string{as_bytes(word(Wei{text.size()}))} +
           text + std::string(padding, '\0');
}

CallResult returns(std::string data)
{
    return {.reverted = false, .data = std::move(data), .reason = {}};
}

CallResult returns(Wei value)
{
    return returns(std::string{as_bytes(word(value))});
}

struct Bench {
    explicit Bench(std::size_t count = 2)
    {
        expectation.token = token_domain(*known_chain("base-sepolia"));
        expectation.treasury = parse_address("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266").value();
        std::vector<std::unique_ptr<Node>> all;
        for (std::size_t i = 0; i < count; ++i) {
            auto node = std::make_unique<FakeNode>("http://" + std::string(1, char('a' + i)));
            node->blocks[0].id.hash[0] = 7;
            node->codes[expectation.token.contract] = "token";
            node->codes[multicall3()] = "multicall";
            node->results[encode_name()] = returns(text_word("USDC"));
            node->results[encode_version()] = returns(text_word("2"));
            node->results[encode_decimals()] = returns(Wei{6});
            node->results[encode_domain_separator()] =
                returns(std::string{as_bytes(domain_separator(expectation.token))});
            node->results[encode_is_blacklisted(expectation.treasury)] = returns(Wei{0});
            node->results[encode_paused()] = returns(Wei{0});
            fake.push_back(node.get());
            all.push_back(std::move(node));
        }
        nodes.emplace(std::move(all), clock, entropy);
    }

    /// All that differs, a line each; "good" when nothing does.
    std::string troubles()
    {
        const auto found = check_chain(*nodes, expectation);
        if (found) return "good";
        std::string all;
        for (const auto& trouble : found.error())
            all += (all.empty() ? "" : "\n") + trouble.node +
                   (trouble.kind == ChainTrouble::Kind::differs ? " differs: " : " is silent: ") +
                   trouble.what;
        return all;
    }

    ChainExpectation expectation;
    test::FakeClock clock{};
    test::SeededEntropy entropy;
    std::vector<FakeNode*> fake;
    std::optional<Nodes> nodes;
};

const std::string kTreasury = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const std::string kToken = "0x036CbD53842c5426634e7929541eC2318f3dCF7e";
}  // namespace

TEST_CASE("chain check: all is as it should be")
{
    Bench bench;
    const auto found = check_chain(*bench.nodes, bench.expectation);
    REQUIRE(found.has_value());
    CHECK(found->has_multicall);
    CHECK(found->genesis[0] == 7);
    CHECK(found->warnings.empty());
    CHECK(found->unreachable.empty());
    CHECK_FALSE(bench.nodes->is_aside(0));
    bench.fake[1]->codes.erase(multicall3());
    CHECK_FALSE(check_chain(*bench.nodes, bench.expectation)->has_multicall);
}

TEST_CASE("chain check: each difference is a sentence")
{
    const auto with = [](auto change) {
        Bench bench;
        change(*bench.fake[1], bench.expectation);
        return bench.troubles();
    };
    using Expected = ChainExpectation;
    CHECK(with([](FakeNode& node, Expected&) { node.id = 8453; }) ==
          "http://b differs: The chain should be 84532; the node is on chain 8453.");
    CHECK(with([](FakeNode& node, Expected&) { node.blocks.clear(); }) ==
          "http://b differs: The chain should begin with block 0; the node knows of none.");
    CHECK(with([](FakeNode& node, Expected&) { node.blocks[0].id.hash[0] = 8; }) ==
          "http://b differs: Block 0 should be 0x07" + std::string(62, '0') +
              " as on the other nodes; the node says 0x08" + std::string(62, '0') + ".");
    CHECK(with([](FakeNode& node, Expected& e) { node.codes.erase(e.token.contract); }) ==
          "http://b differs: The token should be the contract " + kToken +
              "; the node says that there is none at this address.");
    CHECK(with([](FakeNode& node, Expected& e) {
              node.codes[e.treasury] = std::string("\xef\x01\x00", 3) + std::string(20, 'x');
          }) == "http://b differs: The treasury " + kTreasury +
                    " should be a plain account; the node says that it is delegated to a contract "
                    "(EIP-7702), and USDC refuses every authorization of such an account.");
    CHECK(with([](FakeNode& node, Expected& e) { node.codes[e.treasury] = "\x60"; }) ==
          "http://b differs: The treasury " + kTreasury +
              " should be a plain account; the node says that it is a contract.");
    CHECK(with([](FakeNode& node, Expected&) {
              node.results[encode_name()] = returns(text_word("USD Coin"));
          }) ==
          "http://b differs: The token's name() should be \"USDC\"; the node says \"USD "
          "Coin\".");
    CHECK(with([](FakeNode& node, Expected&) { node.results[encode_name()] = returns("x"); }) ==
          "http://b differs: The token's name() should be \"USDC\"; the node says nothing that is "
          "a text.");
    CHECK(with([](FakeNode& node, Expected&) {
              node.results[encode_version()] = returns(text_word("1"));
          }) == "http://b differs: The token's version() should be \"2\"; the node says \"1\".");
    CHECK(with([](FakeNode& node, Expected&) {
              node.results[encode_decimals()] = returns(Wei{18});
          }) == "http://b differs: The token's decimals() should be 6; the node says 18.");
    CHECK(with([](FakeNode& node, Expected&) { node.results.erase(encode_decimals()); }) ==
          "http://b differs: The token's decimals() should be 6; the node says nothing that is a "
          "number.");
    CHECK(with([](FakeNode& node, Expected&) {
              node.results[encode_domain_separator()] = returns(Wei{1});
          }) ==
          "http://b differs: The token's DOMAIN_SEPARATOR() should be "
          "0x71f17a3b2ff373b803d70a5a07c046c1a2bc8e89c09ef722fcb047abe94c9818 by the "
          "settings; the node says 0x" +
              std::string(63, '0') + "1.");
    CHECK(with([](FakeNode& node, Expected& e) {
              node.results[encode_is_blacklisted(e.treasury)] = returns(Wei{2});
          }) ==
          "http://b differs: The token's isBlacklisted() should be true or false; the node "
          "says something else.");
    CHECK(with([](FakeNode& node, Expected&) { node.results.erase(encode_paused()); }) ==
          "http://b differs: The token's paused() should be true or false; the node says something "
          "else.");
    // The settings may be what is wrong: then every node differs.
    CHECK(with([](FakeNode&, Expected& e) { e.token.name = "USD Coin"; }) ==
          "http://a differs: The token's name() should be \"USD Coin\"; the node says \"USDC\".\n"
          "http://a differs: The token's DOMAIN_SEPARATOR() should be "
          "0x2f5ab5eec6c6d261a8ad2b303ae4ef05c8509de2250e072c3a2df0ad7f9f068b by the settings; the "
          "node says 0x71f17a3b2ff373b803d70a5a07c046c1a2bc8e89c09ef722fcb047abe94c9818.\n"
          "http://b differs: The token's name() should be \"USD Coin\"; the node says \"USDC\".\n"
          "http://b differs: The token's DOMAIN_SEPARATOR() should be "
          "0x2f5ab5eec6c6d261a8ad2b303ae4ef05c8509de2250e072c3a2df0ad7f9f068b by the settings; the "
          "node says 0x71f17a3b2ff373b803d70a5a07c046c1a2bc8e89c09ef722fcb047abe94c9818.");
}

TEST_CASE("chain check: what keeps payouts from passing for now is a warning")
{
    Bench bench;
    bench.fake[1]->results[encode_is_blacklisted(bench.expectation.treasury)] = returns(Wei{1});
    bench.fake[0]->results[encode_paused()] = returns(Wei{1});
    const auto found = check_chain(*bench.nodes, bench.expectation);
    REQUIRE(found.has_value());
    CHECK(found->warnings ==
          std::vector<std::string>{
              "The token's issuer has blacklisted the treasury " + kTreasury +
                  ": no payout can pass.",
              "The token is paused by its issuer: no payout passes until it ends."});
}

TEST_CASE("chain check: silence is no difference, and who was silent is set aside until checked")
{
    Bench bench;
    bench.fake[0]->fault = NodeFault{NodeFault::Kind::unknown, "time-out"};
    const auto found = check_chain(*bench.nodes, bench.expectation);
    REQUIRE(found.has_value());
    REQUIRE(found->unreachable.size() == 1);
    CHECK(found->unreachable[0].node == "http://a");
    CHECK(found->unreachable[0].kind == ChainTrouble::Kind::unreachable);
    CHECK(bench.nodes->is_aside(0));
    CHECK_FALSE(bench.nodes->is_aside(1));

    auto wrong = admit_checked(*bench.nodes, bench.expectation, *found);
    REQUIRE(wrong.size() == 1);
    CHECK(wrong[0].what == "time-out");
    bench.fake[0]->fault.reset();
    bench.fake[0]->blocks[0].id.hash[0] = 8;
    wrong = admit_checked(*bench.nodes, bench.expectation, *found);
    REQUIRE(wrong.size() == 1);
    CHECK(wrong[0].kind == ChainTrouble::Kind::differs);
    CHECK(bench.nodes->is_aside(0));
    bench.fake[0]->blocks[0].id.hash[0] = 7;
    CHECK(admit_checked(*bench.nodes, bench.expectation, *found).empty());
    CHECK_FALSE(bench.nodes->is_aside(0));
    CHECK(admit_checked(*bench.nodes, bench.expectation, *found).empty());
}

TEST_CASE("chain check: when all are silent nothing is known")
{
    Bench bench;
    for (auto* node : bench.fake) node->fault = NodeFault{NodeFault::Kind::unknown, "time-out"};
    CHECK(bench.troubles() == "http://a is silent: time-out\nhttp://b is silent: time-out");
}
