// SPDX-License-Identifier: Apache-2.0
#include "wallet/rpc/json_rpc_node.hpp"

#include <array>
#include <catch2/catch.hpp>

#include "tests/support/scripted_transport.hpp"
#include "wallet/keccak.hpp"

using namespace purse;
using Kind = NodeFault::Kind;

namespace {
struct Peer {
    Peer() : node{std::make_unique<test::ScriptedTransport>(script)} {}

    /// The next answer has this result, and the id that will be asked.
    void gives(const std::string& result)
    {
        script.answer(R"({"jsonrpc":"2.0","id":)" + std::to_string(next++) + R"(,"result":)" +
                      result + "}");
    }
    void fails(int code, const std::string& message, const std::string& data = "null")
    {
        script.answer(failure(code, message, data));
    }
    std::string failure(int code, const std::string& message, const std::string& data = "null")
    {
        return R"({"jsonrpc":"2.0","id":)" + std::to_string(next++) + R"(,"error":{"code":)" +
               std::to_string(code) + R"(,"message":")" + message + R"(","data":)" + data + "}}";
    }
    void gives_batch(const std::vector<std::string>& results)
    {
        std::string all;
        for (const auto& result : results)
            all += (all.empty() ? "[" : ",") + (R"({"id":)" + std::to_string(next++)) +
                   R"(,"result":)" + result + "}";
        script.answer(all + "]");
    }
    const std::string& sent() const { return script.sent.back(); }
    bool was_sent(const char* text) const { return sent().find(text) != std::string::npos; }

    test::Script script;
    JsonRpcNode node;
    int next = 1;
};

std::string block_text(int number, char hash = 'a')
{
    return R"({"number":"0x)" + std::to_string(number) + R"(","hash":"0x)" + std::string(64, hash) +
           R"(","timestamp":"0x1","gasLimit":"0x2","baseFeePerGas":"0x3"})";
}

Digest hash(char digit)
{
    return to_digest(from_hex(std::string(64, digit)).value()).value();
}

std::string receipt_text(char digit)
{
    return R"({"transactionHash":"0x)" + std::string(64, digit) + R"(","blockHash":"0x)" +
           std::string(64, 'a') +
           R"(","blockNumber":"0x1","status":"0x1","gasUsed":"0x1","effectiveGasPrice":"0x1",)"
           R"("logs":[]})";
}

// Error(string) with "FiatTokenV2: invalid signature".
const std::string kRevert =
    "0x08c379a0"
    "0000000000000000000000000000000000000000000000000000000000000020"
    "000000000000000000000000000000000000000000000000000000000000001e"
    "46696174546f6b656e56323a20696e76616c6964207369676e61747572650000";
}  // namespace

TEST_CASE("node: the three heads, in order")
{
    Peer peer;
    peer.gives_batch({block_text(9), block_text(8), block_text(7)});
    const auto heads = peer.node.heads();
    REQUIRE(heads.has_value());
    CHECK(heads->latest.id.number == 9);
    CHECK(heads->safe.id.number == 8);
    CHECK(heads->finalized.id.number == 7);
    CHECK(peer.was_sent(R"("eth_getBlockByNumber","params":["latest",false])"));
    CHECK(peer.was_sent(R"(["safe",false])"));
    CHECK(peer.was_sent(R"(["finalized",false])"));

    const auto wrong = [&](const std::vector<std::string>& blocks) {
        peer.gives_batch(blocks);
        const auto read = peer.node.heads();
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().kind == Kind::unknown);
        return read.error().what;
    };
    constexpr const char* kOrder = "the latest, safe and finalized blocks are out of order";
    CHECK(wrong({block_text(7), block_text(8), block_text(6)}) == kOrder);
    CHECK(wrong({block_text(9), block_text(7), block_text(8)}) == kOrder);
    CHECK(wrong({block_text(9), block_text(8), "null"}) == "a block is no object");
}

TEST_CASE("node: one block is the one that was asked")
{
    Peer peer;
    peer.gives(block_text(7));
    CHECK(peer.node.block(7).value()->id.number == 7);
    CHECK(peer.was_sent(R"(["0x7",false])"));
    peer.gives("null");
    const auto none = peer.node.block(7);
    REQUIRE(none.has_value());
    CHECK_FALSE(none->has_value());
    peer.gives(block_text(8));
    CHECK(peer.node.block(7).error().what == "a block has another number than asked");
}

TEST_CASE("node: receipts, those that are there and those that are not")
{
    Peer peer;
    peer.gives_batch({receipt_text('1'), "null", receipt_text('3')});
    const std::array hashes{hash('1'), hash('2'), hash('3')};
    const auto receipts = peer.node.receipts(hashes);
    REQUIRE(receipts.has_value());
    CHECK((*receipts)[0]->transaction == hash('1'));
    CHECK_FALSE((*receipts)[1].has_value());
    CHECK((*receipts)[2]->transaction == hash('3'));

    peer.gives_batch({receipt_text('1'), receipt_text('3'), "null"});
    CHECK(peer.node.receipts(hashes).error().what ==
          "a receipt's transactionHash is not what it should be");
    CHECK(peer.node.receipts({}).value().empty());
}

TEST_CASE("node: calls return or revert; other errors are faults")
{
    Peer peer;
    CallRequest request;
    request.data = "\x01\x02";
    const std::array one{request};
    const auto call = [&] { return peer.node.calls(one, std::nullopt); };

    peer.gives("\"0x0aff\"");
    auto result = call().value()[0];
    CHECK_FALSE(result.reverted);
    CHECK(result.data == "\x0a\xff");
    CHECK(peer.was_sent(R"("data":"0x0102"},"latest"])"));
    CHECK_FALSE(peer.was_sent("gas"));

    peer.fails(3, "execution reverted: FiatTokenV2: invalid signature", '"' + kRevert + '"');
    result = call().value()[0];
    CHECK(result.reverted);
    CHECK(result.data.size() == 100);
    CHECK(result.reason == "FiatTokenV2: invalid signature");

    peer.fails(-32000, "execution reverted");
    result = call().value()[0];
    CHECK(result.reverted);
    CHECK(result.data.empty());
    CHECK(result.reason == "execution reverted");

    peer.fails(3, "execution reverted", "\"Reverted " + kRevert + '"');
    CHECK(call().value()[0].reason == "FiatTokenV2: invalid signature");

    peer.fails(-32000, "header not found");
    CHECK(call().error().kind == Kind::refused);
    peer.gives("\"7\"");
    CHECK(call().error().what == "the result of a call is no bytes");

    request.gas = 100'000;
    peer.gives("\"0x\"");
    CHECK(peer.node.calls({&request, 1}, 255).has_value());
    CHECK(peer.was_sent(R"("gas":"0x186a0"},"0xff"])"));
}

TEST_CASE("node: logs are asked for by address, topics and blocks")
{
    Peer peer;
    LogQuery query;
    query.topics = {hash('1'), hash('2')};
    query.from_block = 1;
    query.to_block = 16;
    peer.gives("[]");
    CHECK(peer.node.logs(query).value().empty());
    CHECK(peer.sent() ==
          R"({"jsonrpc":"2.0","id":1,"method":"eth_getLogs","params":[{"address":"0x)" +
              std::string(40, '0') + R"(","fromBlock":"0x1","toBlock":"0x10","topics":["0x)" +
              std::string(64, '1') + "\",\"0x" + std::string(64, '2') + R"("]}]})");
    peer.gives("7");
    CHECK(peer.node.logs(query).error().what == "the logs are no array");
    peer.fails(-32005, "query returned more than 10000 results");
    CHECK(peer.node.logs(query).error().kind == Kind::refused);
}

TEST_CASE("node: single values")
{
    Peer peer;
    peer.gives("\"0x14a34\"");
    CHECK(peer.node.chain_id() == 84532);
    peer.gives("\"0xef0100\"");
    CHECK(peer.node.code({}).value() == "\xef\x01" + std::string(1, '\0'));
    peer.gives("\"0x7\"");
    CHECK(peer.node.transaction_count({}, std::nullopt) == 7);
    CHECK(peer.was_sent("\"latest\""));
    peer.gives("\"0x7\"");
    CHECK(peer.node.transaction_count({}, 16) == 7);
    CHECK(peer.was_sent("\"0x10\""));
    peer.gives("\"0x1000000000000000000\"");
    CHECK(peer.node.balance({}).value() == Wei{1} << 72);
    peer.gives(R"({"baseFeePerGas":["0x5"],"reward":[]})");
    CHECK(peer.node.fee_quote()->base_fee == 5);
    CHECK(peer.was_sent(R"("eth_feeHistory","params":["0x14","latest",[50]])"));

    peer.gives("\"x\"");
    CHECK(peer.node.chain_id().error().what == "the chain id cannot be read");
    peer.gives("null");
    CHECK(peer.node.code({}).error().what == "the code of an account cannot be read");
    peer.gives("7");
    CHECK(peer.node.transaction_count({}, 1).error().what ==
          "the transaction count cannot be read");
    peer.gives("\"0x" + std::string(33, '1') + "\"");
    CHECK(peer.node.balance({}).error().what == "the balance cannot be read");
    peer.gives("null");
    CHECK(peer.node.fee_quote().error().what == "the fee history is no object");
    peer.fails(-32601, "no such method");
    CHECK(peer.node.fee_quote().error().what == "error -32601: no such method");
}

TEST_CASE("node: what is sent is known by its own hash")
{
    Peer peer;
    const std::string raw = "\x02\xc0";
    const auto hash_text = "\"0x" + to_hex(as_bytes(keccak256(raw))) + '"';
    peer.gives(hash_text);
    CHECK(peer.node.send(raw)->outcome == SendOutcome::accepted);
    CHECK(peer.was_sent(R"("eth_sendRawTransaction","params":["0x02c0"])"));
    peer.gives("\"0x" + std::string(64, '0') + '"');
    CHECK(peer.node.send(raw).error().kind == Kind::unknown);
    peer.fails(-32000, "nonce too low: next nonce 12, tx nonce 7");
    const auto low = peer.node.send(raw);
    CHECK(low->outcome == SendOutcome::nonce_too_low);
    CHECK(low->what == "nonce too low: next nonce 12, tx nonce 7");
    peer.fails(-32000, "something new");
    CHECK(peer.node.send(raw)->outcome == SendOutcome::rejected);
    peer.fails(-32016, "over rate limit");
    CHECK(peer.node.send(raw).error().kind == Kind::rate_limited);
    peer.script.answer("", 502);
    CHECK(peer.node.send(raw).error().kind == Kind::unknown);
}
