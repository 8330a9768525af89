// SPDX-License-Identifier: Apache-2.0
#include "wallet/rpc/json_rpc_node.hpp"

#include <array>
#include <utility>

#include "wallet/calls.hpp"
#include "wallet/keccak.hpp"
#include "wallet/rpc/answer_reader.hpp"
#include "wallet/rpc/decode.hpp"

namespace purse {

namespace {
// Four seconds on Base, four minutes on Ethereum.
constexpr std::string_view kFeeBlocks = "\"0x14\"";

std::unexpected<NodeFault> unknown(std::string what)
{
    return std::unexpected{NodeFault{NodeFault::Kind::unknown, std::move(what)}};
}

std::string hex_text(std::string_view bytes)
{
    return "\"0x" + to_hex(bytes) + '"';
}

std::string account_text(const Address& account)
{
    return '"' + to_string(account) + '"';
}

std::string number_text(std::uint64_t number)
{
    return '"' + to_quantity(number) + '"';
}

std::string block_text(AtBlock at)
{
    return at ? number_text(*at) : "\"latest\"";
}

RpcCall block_call(const std::string& which)
{
    return {"eth_getBlockByNumber", '[' + which + ",false]"};
}

std::string call_params(const CallRequest& request, AtBlock at)
{
    auto text = R"([{"from":)" + account_text(request.from) + R"(,"to":)" +
                account_text(request.to) + R"(,"data":)" + hex_text(request.data);
    if (request.gas > 0) text += R"(,"gas":)" + number_text(request.gas);
    return text + "}," + block_text(at) + ']';
}

/// Nothing: the bytes of the result are none.
std::optional<CallResult> call_result(const RpcReply& reply)
{
    if (reply.result != nullptr) {
        auto data = read_bytes(*reply.result);
        if (!data) return std::nullopt;
        return CallResult{.reverted = false, .data = std::move(*data), .reason = {}};
    }
    CallResult result{.reverted = true, .data = {}, .reason = {}};
    if (const auto at = reply.error.data.find("0x"); at != std::string::npos)
        result.data =
            from_hex(std::string_view{reply.error.data}.substr(at + 2)).value_or(std::string{});
    result.reason = decode_revert(result.data);
    if (result.reason.empty()) result.reason = reply.error.message;
    return result;
}
}  // namespace

NodeFault JsonRpcNode::fault_of(const RpcReply& reply)
{
    return {fault_kind(classify(reply.error)), to_string(reply.error)};
}

NodeAnswer<RpcReplies> JsonRpcNode::results(std::span<const RpcCall> calls)
{
    auto asked = rpc_.ask(calls);
    if (!asked) return asked;
    for (const auto& reply : asked->replies)
        if (reply.result == nullptr) return std::unexpected{fault_of(reply)};
    return asked;
}

template <typename Read>
auto JsonRpcNode::result(RpcCall call, const char* what, Read read)
    -> NodeAnswer<typename std::invoke_result_t<Read, const json::Value&>::value_type>
{
    const auto asked = results({&call, 1});
    if (!asked) return std::unexpected{asked.error()};
    auto value = read(*asked->replies[0].result);
    if (!value) return unknown(std::string{what} + " cannot be read");
    return std::move(*value);
}

NodeAnswer<std::uint64_t> JsonRpcNode::chain_id()
{
    return result({"eth_chainId", "[]"}, "the chain id", read_number);
}

NodeAnswer<Heads> JsonRpcNode::heads()
{
    const std::array calls{block_call("\"latest\""), block_call("\"safe\""),
                           block_call("\"finalized\"")};
    const auto asked = results(calls);
    if (!asked) return std::unexpected{asked.error()};
    Heads heads;
    const std::array places{&heads.latest, &heads.safe, &heads.finalized};
    for (std::size_t i = 0; i < places.size(); ++i) {
        auto block = decode_block(*asked->replies[i].result);
        if (!block) return unknown(std::move(block.error()));
        *places[i] = *block;
    }
    const bool is_in_order = heads.finalized.id.number <= heads.safe.id.number &&
                             heads.safe.id.number <= heads.latest.id.number;
    if (!is_in_order) return unknown("the latest, safe and finalized blocks are out of order");
    return heads;
}

NodeAnswer<std::optional<Block>> JsonRpcNode::block(std::uint64_t number)
{
    const auto call = block_call(number_text(number));
    const auto asked = results({&call, 1});
    if (!asked) return std::unexpected{asked.error()};
    const auto& value = *asked->replies[0].result;
    if (value.is(json::Kind::null)) return std::nullopt;
    auto block = decode_block(value);
    if (!block) return unknown(std::move(block.error()));
    if (block->id.number != number) return unknown("a block has another number than asked");
    return *block;
}

NodeAnswer<std::vector<std::optional<Receipt>>> JsonRpcNode::receipts(
    std::span<const Digest> transactions)
{
    std::vector<RpcCall> calls;
    for (const auto& hash : transactions)
        calls.push_back({"eth_getTransactionReceipt", '[' + hex_text(as_bytes(hash)) + ']'});
    const auto asked = results(calls);
    if (!asked) return std::unexpected{asked.error()};
    std::vector<std::optional<Receipt>> receipts(transactions.size());
    for (std::size_t i = 0; i < receipts.size(); ++i) {
        const auto& value = *asked->replies[i].result;
        if (value.is(json::Kind::null)) continue;
        auto receipt = decode_receipt(value, transactions[i]);
        if (!receipt) return unknown(std::move(receipt.error()));
        receipts[i] = std::move(*receipt);
    }
    return receipts;
}

NodeAnswer<std::vector<CallResult>> JsonRpcNode::calls(std::span<const CallRequest> requests,
                                                       AtBlock at)
{
    std::vector<RpcCall> calls;
    calls.reserve(requests.size());
    for (const auto& request : requests) calls.push_back({"eth_call", call_params(request, at)});
    const auto asked = rpc_.ask(calls);
    if (!asked) return std::unexpected{asked.error()};
    std::vector<CallResult> results;
    for (const auto& reply : asked->replies) {
        if (reply.result == nullptr && classify(reply.error) != ErrorClass::reverted)
            return std::unexpected{fault_of(reply)};
        auto one = call_result(reply);
        if (!one) return unknown("the result of a call is no bytes");
        results.push_back(std::move(*one));
    }
    return results;
}

NodeAnswer<std::vector<Log>> JsonRpcNode::logs(const LogQuery& query)
{
    std::string topics;
    for (const auto& topic : query.topics) {
        if (!topics.empty()) topics += ',';
        topics += hex_text(as_bytes(topic));
    }
    const RpcCall call{"eth_getLogs", R"([{"address":)" + account_text(query.address) +
                                          R"(,"fromBlock":)" + number_text(query.from_block) +
                                          R"(,"toBlock":)" + number_text(query.to_block) +
                                          R"(,"topics":[)" + topics + "]}]"};
    const auto asked = results({&call, 1});
    if (!asked) return std::unexpected{asked.error()};
    auto logs = decode_logs(*asked->replies[0].result, query);
    if (!logs) return unknown(std::move(logs.error()));
    return std::move(*logs);
}

NodeAnswer<std::string> JsonRpcNode::code(const Address& account)
{
    return result({"eth_getCode", '[' + account_text(account) + ",\"latest\"]"},
                  "the code of an account", read_bytes);
}

NodeAnswer<std::uint64_t> JsonRpcNode::transaction_count(const Address& account, AtBlock at)
{
    return result(
        {"eth_getTransactionCount", '[' + account_text(account) + ',' + block_text(at) + ']'},
        "the transaction count", read_number);
}

NodeAnswer<Wei> JsonRpcNode::balance(const Address& account)
{
    return result({"eth_getBalance", '[' + account_text(account) + ",\"latest\"]"}, "the balance",
                  read_wei);
}

NodeAnswer<FeeQuote> JsonRpcNode::fee_quote()
{
    const RpcCall call{"eth_feeHistory", '[' + std::string{kFeeBlocks} + ",\"latest\",[50]]"};
    const auto asked = results({&call, 1});
    if (!asked) return std::unexpected{asked.error()};
    auto quote = decode_fee_history(*asked->replies[0].result);
    if (!quote) return unknown(std::move(quote.error()));
    return *quote;
}

NodeAnswer<SendResult> JsonRpcNode::send(const std::string& raw)
{
    const RpcCall call{"eth_sendRawTransaction", '[' + hex_text(raw) + ']'};
    const auto asked = rpc_.ask({&call, 1});
    if (!asked) return std::unexpected{asked.error()};
    const auto& reply = asked->replies[0];
    if (reply.result == nullptr)
        return SendResult{send_outcome(classify(reply.error)), reply.error.message};
    if (read_digest(*reply.result) != keccak256(raw))
        return unknown("a sent transaction is known to the node by another hash");
    return SendResult{SendOutcome::accepted, {}};
}

}  // namespace purse
