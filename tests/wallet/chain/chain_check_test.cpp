// SPDX-License-Identifier: Apache-2.0
#include "wallet/chain_check.hpp"

#include "tests/support/fake_clock.hpp"
#include "tests/wallet/chain/chain.hpp"
#include "wallet/known_chains.hpp"

using namespace purse;
using purse::test::Chain;

namespace {
struct Checked {
    explicit Checked(Chain& chain)
        : expectation{.token = chain.token, .treasury = chain.treasury->address()}
    {
        std::vector<std::unique_ptr<Node>> all;
        for (int i = 0; i < 2; ++i)
            all.push_back(std::make_unique<JsonRpcNode>(Chain::transport()));
        nodes.emplace(std::move(all), clock, entropy);
    }

    ChainExpectation expectation;
    test::FakeClock clock{};
    test::SeededEntropy entropy;
    std::optional<Nodes> nodes;
};
}  // namespace

TEST_CASE("real chain: it is what the settings say")
{
    Chain chain;
    Checked checked{chain};
    const auto found = check_chain(*checked.nodes, checked.expectation);
    REQUIRE(found.has_value());
    CHECK(found->has_multicall);
    CHECK(found->warnings.empty());
    CHECK(found->unreachable.empty());
    // Two ways to one node agree.
    const auto heads = checked.nodes->heads();
    REQUIRE(heads.has_value());
    const auto agreed = checked.nodes->agreeing(2, [&](Node& node) -> NodeAnswer<BlockId> {
        const auto block = node.block(heads->finalized.id.number);
        if (!block) return std::unexpected{block.error()};
        return block->value_or(Block{}).id;
    });
    CHECK(agreed == heads->finalized.id);
}

TEST_CASE("real chain: another token name, and a delegated treasury, are differences")
{
    Chain chain;
    Checked checked{chain};
    checked.expectation.token.name += " Coin";
    auto found = check_chain(*checked.nodes, checked.expectation);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().size() == 4);  // name() and DOMAIN_SEPARATOR() on both
    CHECK(found.error()[0].what.starts_with("The token's name() should be \""));

    checked.expectation.token = chain.token;
    chain.anvil("anvil_setCode", "[\"" + to_string(chain.treasury->address()) + "\",\"0xef0100" +
                                     std::string(40, '1') + "\"]");
    found = check_chain(*checked.nodes, checked.expectation);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error()[0].what.find("EIP-7702") != std::string::npos);
}
