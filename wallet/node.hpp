// SPDX-License-Identifier: Apache-2.0
// Port: one node of one chain, as it tells the chain. Whatever it says may be late, lost or a lie;
// what follows from an answer is the payout engine's business.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ledger/hash.hpp"
#include "wallet/address.hpp"
#include "wallet/amounts.hpp"

namespace purse {

/// Why a node gave no answer. None of them says that what was asked did not happen.
struct NodeFault {
    enum class Kind : std::uint8_t {
        unknown,       ///< time-out, lost connection, 5xx, an answer that is none
        rate_limited,  ///< asked too often: HTTP 429, -32016, -32005
        refused,       ///< the node answered with an error that belongs to no other class
    };
    Kind kind = Kind::unknown;
    std::string what;  ///< for the log; never holds a secret
};
template <typename T>
using NodeAnswer = std::expected<T, NodeFault>;

struct BlockId {
    std::uint64_t number = 0;
    Digest hash{};
    bool operator==(const BlockId&) const = default;
};

struct Block {
    BlockId id;
    std::uint64_t timestamp = 0;  ///< seconds since 1970
    Wei base_fee = 0;             ///< wei a unit of gas
    std::uint64_t gas_limit = 0;
};

/// The three blocks that matter.
struct Heads {
    Block latest;
    Block safe;
    Block finalized;
};

struct Log {
    Address address;
    std::vector<Digest> topics;
    std::string data;
    std::uint64_t index = 0;  ///< within its block
    Digest transaction{};
    BlockId block;
};

struct Receipt {
    Digest transaction{};
    BlockId block;
    bool succeeded = false;
    std::uint64_t gas_used = 0;
    Wei gas_price = 0;  ///< effective, wei a unit
    Wei l1_fee = 0;     ///< of a rollup: what the layer below cost, wei; 0 elsewhere
    std::vector<Log> logs;
};

struct CallRequest {
    Address from;
    Address to;
    std::string data;
    std::uint64_t gas = 0;  ///< 0: as the node likes
};

/// A call has a result or was reverted; both are answers.
struct CallResult {
    bool reverted = false;
    std::string data;    ///< what it returned, or the bytes of the revert
    std::string reason;  ///< of a revert: Error(string)'s text, or the node's own
};

/// Where to look: the latest block, or one by its number.
using AtBlock = std::optional<std::uint64_t>;

struct LogQuery {
    Address address;
    std::vector<Digest> topics;  ///< in order; all must match
    std::uint64_t from_block = 0;
    std::uint64_t to_block = 0;
};

struct FeeQuote {
    Wei base_fee = 0;  ///< of the next block
    Wei tip = 0;       ///< median of what recent blocks were paid
};

/// What a node said to a raw transaction.
enum class SendOutcome : std::uint8_t {
    accepted,
    known_already,
    nonce_too_low,
    underpriced_replacement,  ///< the slot is held by another version
    nonce_too_high,
    fee_too_low,
    insufficient_funds,
    pool_full,
    rejected,  ///< any other error: like every other outcome, no proof that it is not in a pool
};

struct SendResult {
    SendOutcome outcome = SendOutcome::rejected;
    std::string what;  ///< the node's words
};

class Node {
public:
    virtual ~Node() = default;
    /// For people: the address without what may be secret in it.
    virtual std::string name() const = 0;

    virtual NodeAnswer<std::uint64_t> chain_id() = 0;
    virtual NodeAnswer<Heads> heads() = 0;
    /// Nothing: there is no such block (yet).
    virtual NodeAnswer<std::optional<Block>> block(std::uint64_t number) = 0;
    /// In order; nothing where the node knows of none.
    virtual NodeAnswer<std::vector<std::optional<Receipt>>> receipts(
        std::span<const Digest> transactions) = 0;
    /// In order.
    virtual NodeAnswer<std::vector<CallResult>> calls(std::span<const CallRequest> requests,
                                                      AtBlock at) = 0;
    virtual NodeAnswer<std::vector<Log>> logs(const LogQuery& query) = 0;
    virtual NodeAnswer<std::string> code(const Address& account) = 0;
    virtual NodeAnswer<std::uint64_t> transaction_count(const Address& account, AtBlock at) = 0;
    virtual NodeAnswer<Wei> balance(const Address& account) = 0;
    virtual NodeAnswer<FeeQuote> fee_quote() = 0;
    virtual NodeAnswer<SendResult> send(const std::string& raw) = 0;
};

}  // namespace purse
