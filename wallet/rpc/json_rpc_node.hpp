// SPDX-License-Identifier: Apache-2.0
// A node asked by JSON-RPC. Every answer is checked against what was asked; one that does not fit
// is a fault, never a guess.
#pragma once

#include <memory>

#include "wallet/node.hpp"
#include "wallet/rpc/json_rpc.hpp"

namespace purse {

/// Not for use by two threads at once.
class JsonRpcNode final : public Node {
public:
    explicit JsonRpcNode(std::unique_ptr<RpcTransport> transport,
                         std::size_t batch_max = JsonRpc::kBatchMax)
        : rpc_{std::move(transport), batch_max}
    {
    }

    std::string name() const override { return rpc_.name(); }
    NodeAnswer<std::uint64_t> chain_id() override;
    NodeAnswer<Heads> heads() override;
    NodeAnswer<std::optional<Block>> block(std::uint64_t number) override;
    NodeAnswer<std::vector<std::optional<Receipt>>> receipts(
        std::span<const Digest> transactions) override;
    NodeAnswer<std::vector<CallResult>> calls(std::span<const CallRequest> requests,
                                              AtBlock at) override;
    NodeAnswer<std::vector<Log>> logs(const LogQuery& query) override;
    NodeAnswer<std::string> code(const Address& account) override;
    NodeAnswer<std::uint64_t> transaction_count(const Address& account, AtBlock at) override;
    NodeAnswer<Wei> balance(const Address& account) override;
    NodeAnswer<FeeQuote> fee_quote() override;
    NodeAnswer<SendResult> send(const std::string& raw) override;

private:
    /// The results of calls none of which may end in an error.
    NodeAnswer<RpcReplies> results(std::span<const RpcCall> calls);
    template <typename Read>
    auto result(RpcCall call, const char* what, Read read)
        -> NodeAnswer<typename std::invoke_result_t<Read, const json::Value&>::value_type>;
    static NodeFault fault_of(const RpcReply& reply);

    JsonRpc rpc_;
};

}  // namespace purse
