// SPDX-License-Identifier: Apache-2.0
// The chain client against a real node: every method of the port, on real answers.
#include <array>

#include "tests/wallet/chain/chain.hpp"
#include "wallet/calls.hpp"
#include "wallet/keccak.hpp"
#include "wallet/words.hpp"

using namespace purse;
using purse::test::Chain;

namespace {
Address some_account(std::uint8_t byte)
{
    Address account;
    account.bytes.fill(byte);
    return account;
}

/// One payment of the treasury's, signed and put into a transaction of the relayer's.
struct Payment {
    Payment(Chain& chain, const Address& payee, Money value)
        : authorization{.from = chain.treasury->address(),
                        .to = payee,
                        .value = value,
                        .valid_before = 4'000'000'000,
                        .nonce = keccak256(to_string(chain.treasury->address()))},
          data{encode_transfer(authorization,
                               chain.treasury->sign(chain.token, authorization).value())}
    {
    }

    CallRequest state(const Chain& chain) const
    {
        return {.to = chain.token.contract,
                .data = encode_authorization_state(authorization.from, authorization.nonce)};
    }
    SignedTransaction transaction(Chain& chain, std::uint64_t nonce) const
    {
        const auto fees = chain.node.fee_quote().value();
        return chain.relayer
            ->sign({.chain_id = chain.token.chain_id,
                    .nonce = nonce,
                    .max_priority_fee = fees.tip,
                    .max_fee = fees.base_fee * 2 + fees.tip,
                    .gas_limit = 150'000,
                    .to = chain.token.contract,
                    .data = data})
            .value();
    }

    Authorization authorization;
    std::string data;
};

Receipt receipt_of(Chain& chain, const Digest& hash)
{
    std::optional<Receipt> found;
    REQUIRE(Chain::eventually([&] {
        found = chain.node.receipts({&hash, 1}).value()[0];
        return found.has_value();
    }));
    return *found;
}

bool is_used(Chain& chain, const Payment& payment, AtBlock at)
{
    const auto request = payment.state(chain);
    const auto result = chain.node.calls({&request, 1}, at).value()[0];
    REQUIRE_FALSE(result.reverted);
    return decode_bool(result.data).value();
}
}  // namespace

TEST_CASE("real node: blocks and heads")
{
    Chain chain;
    CHECK(chain.node.chain_id() == chain.token.chain_id);
    const auto heads = chain.node.heads();
    REQUIRE(heads.has_value());
    CHECK(heads->latest.id.number > heads->finalized.id.number);
    CHECK(heads->safe.id.number >= heads->finalized.id.number);
    CHECK(heads->latest.timestamp >= heads->finalized.timestamp);
    CHECK(heads->latest.gas_limit > 1'000'000);
    const auto again = chain.node.block(heads->latest.id.number).value();
    REQUIRE(again.has_value());
    CHECK(again->id == heads->latest.id);
    CHECK(chain.node.block(0).value().has_value());
    CHECK_FALSE(chain.node.block(heads->latest.id.number + 1'000'000).value().has_value());
}

TEST_CASE("real node: accounts and fees")
{
    Chain chain;
    CHECK(chain.node.balance(chain.relayer->address()) == Wei{0});
    chain.fund();
    CHECK(chain.node.balance(chain.relayer->address()) == Wei{1'000'000'000'000'000'000});
    CHECK(chain.node.transaction_count(chain.relayer->address(), std::nullopt) == 0);
    CHECK(chain.node.code(chain.token.contract).value().size() > 500);
    CHECK(chain.node.code(chain.relayer->address()).value().empty());
    const auto fees = chain.node.fee_quote();
    REQUIRE(fees.has_value());
    CHECK(fees->base_fee > 0);
    CHECK(fees->tip >= 100'000);
}

TEST_CASE("real node: a payment, from the signature to the finalized block")
{
    Chain chain;
    chain.fund();
    const auto payee = some_account(0x42);
    const Payment payment{chain, payee, Money::from_micro(1'250'000)};
    const auto before = chain.node.heads().value().latest.id.number;
    CHECK_FALSE(is_used(chain, payment, std::nullopt));

    const auto signed_one = payment.transaction(chain, 0);
    CHECK(chain.node.send(signed_one.raw).value().outcome == SendOutcome::accepted);
    const auto again = chain.node.send(signed_one.raw).value().outcome;
    CHECK((again == SendOutcome::known_already || again == SendOutcome::nonce_too_low));

    const auto receipt = receipt_of(chain, signed_one.hash);
    CHECK(receipt.succeeded);
    CHECK(receipt.gas_used > 50'000);
    CHECK(receipt.gas_used < 150'000);
    CHECK(receipt.gas_price > 0);
    CHECK(receipt.l1_fee == 0);
    CHECK(receipt.block.number > before);
    CHECK(chain.node.block(receipt.block.number).value()->id == receipt.block);

    const auto used =
        used_authorizations(chain.token.contract, chain.treasury->address(), receipt.logs);
    REQUIRE(used.size() == 1);
    CHECK(used[0].nonce == payment.authorization.nonce);
    CHECK(used[0].to == payee);
    CHECK(used[0].value == Money::from_micro(1'250'000));

    LogQuery query{.address = chain.token.contract,
                   .topics = used_topics(chain.treasury->address(), payment.authorization.nonce),
                   .from_block = before,
                   .to_block = receipt.block.number};
    const auto logs = chain.node.logs(query);
    REQUIRE(logs.has_value());
    REQUIRE(logs->size() == 1);
    CHECK((*logs)[0].transaction == signed_one.hash);
    CHECK((*logs)[0].block == receipt.block);
    query.topics = canceled_topics(chain.treasury->address(), payment.authorization.nonce);
    CHECK(chain.node.logs(query).value().empty());

    CHECK(is_used(chain, payment, std::nullopt));
    CHECK(is_used(chain, payment, receipt.block.number));
    CHECK_FALSE(is_used(chain, payment, before));
    CHECK(chain.node.transaction_count(chain.relayer->address(), std::nullopt) == 1);
    CHECK(chain.node.transaction_count(chain.relayer->address(), before) == 0);
    CHECK(chain.node.send(signed_one.raw).value().outcome == SendOutcome::nonce_too_low);
    CHECK(Chain::eventually([&] {
        const auto finalized = chain.node.heads().value().finalized.id.number;
        return finalized >= receipt.block.number && is_used(chain, payment, finalized);
    }));
}

TEST_CASE("real node: what reverts is an answer, with the contract's words")
{
    Chain chain;
    chain.fund();
    const Payment payment{chain, some_account(0x43), Money::from_micro(5'000'001)};
    auto no_signature = payment.data;
    no_signature[4 + 6 * 32 + 31] = 27;
    no_signature[4 + 7 * 32] = static_cast<char>(no_signature[4 + 7 * 32] ^ 1);
    const std::array requests{
        CallRequest{.to = chain.token.contract, .data = payment.data},
        CallRequest{.to = chain.token.contract, .data = no_signature},
        CallRequest{.to = chain.token.contract, .data = encode_decimals(), .gas = 100'000},
        CallRequest{.to = chain.token.contract, .data = std::string(4, '\xff')},
        CallRequest{.to = some_account(0x44), .data = "nobody is there"},
    };
    const auto results = chain.node.calls(requests, std::nullopt).value();
    REQUIRE(results.size() == requests.size());
    CHECK(results[0].reverted);
    CHECK(results[0].reason == "ERC20: transfer amount exceeds balance");
    CHECK(results[1].reverted);
    // Of the token's, or of its library's when the point is not on the curve.
    CHECK(results[1].reason.find("invalid signature") != std::string::npos);
    CHECK_FALSE(results[2].reverted);
    CHECK(decode_uint(results[2].data) == Wei{6});
    CHECK(results[3].reverted);
    CHECK(results[3].data.empty());
    CHECK_FALSE(results[4].reverted);
    CHECK(results[4].data.empty());
}

TEST_CASE("real node: transactions that it does not take")
{
    Chain chain;
    const Payment payment{chain, some_account(0x45), Money::from_micro(1)};
    CHECK(chain.node.send(payment.transaction(chain, 0).raw).value().outcome ==
          SendOutcome::insufficient_funds);
    const auto nonsense = chain.node.send("\x02nonsense");
    REQUIRE(nonsense.has_value());
    CHECK(nonsense->outcome == SendOutcome::rejected);
    CHECK_FALSE(nonsense->what.empty());
}

TEST_CASE("real node: many receipts at once, most of which do not exist")
{
    Chain chain;
    chain.fund();
    const Payment payment{chain, some_account(0x46), Money::from_micro(1)};
    const auto signed_one = payment.transaction(chain, 0);
    CHECK(chain.node.send(signed_one.raw).value().outcome == SendOutcome::accepted);
    (void)receipt_of(chain, signed_one.hash);
    std::vector<Digest> hashes;
    for (std::uint64_t i = 0; i < 120; ++i) hashes.push_back(word(Wei{i}));
    hashes[77] = signed_one.hash;
    const auto receipts = chain.node.receipts(hashes);
    REQUIRE(receipts.has_value());
    REQUIRE(receipts->size() == hashes.size());
    for (std::size_t i = 0; i < hashes.size(); ++i) CHECK((*receipts)[i].has_value() == (i == 77));
}

TEST_CASE("real node: a method that it does not have is refused")
{
    Chain chain;
    const RpcCall call{"purse_noSuchMethod", "[]"};
    const auto asked = chain.rpc.ask({&call, 1});
    REQUIRE(asked.has_value());
    CHECK(asked->replies[0].result == nullptr);
    CHECK(classify(asked->replies[0].error) == ErrorClass::other);
}
