// SPDX-License-Identifier: Apache-2.0
// JSON-RPC 2.0 as a client: requests alone or in batches, and answers matched to them. A node's
// text is a stranger's: bounded, read strictly, and shown only without the secrets of its URL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/json.hpp"
#include "wallet/node.hpp"
#include "wallet/rpc/error_class.hpp"
#include "wallet/rpc/transport.hpp"

namespace purse {

struct RpcCall {
    std::string_view method;
    std::string params;  ///< a JSON array
};

/// A result or an error of the node's.
struct RpcReply {
    const json::Value* result = nullptr;  ///< null has a value, too; nullptr: there is an error
    RpcError error;                       ///< its message is fit to be shown
};

/// Replies in the order of their calls, and the texts that they point into.
struct RpcReplies {
    std::vector<RpcReply> replies;
    std::vector<json::Document> documents;
};

class JsonRpc {
public:
    static constexpr std::size_t kBatchMax = 50;
    /// Values in one answer: fifty receipts of full batches have some 100,000.
    static constexpr std::size_t kValuesMax = 1'000'000;

    explicit JsonRpc(std::unique_ptr<RpcTransport> transport, std::size_t batch_max = kBatchMax)
        : transport_{std::move(transport)},
          batch_max_{batch_max}
    {
    }

    std::string name() const { return transport_->name(); }

    /// Asks all of them, in batches. A node that answers a batch with one error or with another
    /// number of replies is asked one by one, then and later. What is asked may be asked twice.
    NodeAnswer<RpcReplies> ask(std::span<const RpcCall> calls);

    /// Words of the node's, bounded, in printable ASCII and without secrets.
    std::string words(std::string_view text) const;

private:
    enum class Batch : std::uint8_t { answered, refused };
    NodeAnswer<Batch> ask_batch(std::span<const RpcCall> calls, RpcReplies& out);
    NodeAnswer<void> ask_one(const RpcCall& call, RpcReplies& out);
    NodeAnswer<json::Document> post(const std::string& body);
    std::optional<NodeFault> read(const json::Value& reply, RpcReply& out) const;
    RpcError error_of(const json::Value& error) const;

    std::unique_ptr<RpcTransport> transport_;
    std::size_t batch_max_;
    std::int64_t next_id_ = 1;
    bool takes_batches_ = true;
};

}  // namespace purse
