// SPDX-License-Identifier: Apache-2.0
// What a node's error means. Codes differ from node to node and texts less, so the texts decide
// (geth, reth, Besu, Anvil and Base as of late 2026).
#pragma once

#include <cstdint>
#include <string>

#include "wallet/node.hpp"

namespace purse {

/// An error object of JSON-RPC 2.0.
struct RpcError {
    std::int64_t code = 0;
    std::string message;
    std::string data;  ///< of a revert: its bytes as hexadecimal text; else empty
};

/// "error -32000: its message", or without the message where there is none.
std::string to_string(const RpcError& error);

enum class ErrorClass : std::uint8_t {
    known_already,
    nonce_too_low,
    underpriced_replacement,
    nonce_too_high,
    fee_too_low,
    insufficient_funds,
    pool_full,
    reverted,
    rate_limited,
    other,
};

ErrorClass classify(const RpcError& error);

/// What a node's error says of a transaction that was sent. A revert or an unknown text is
/// `rejected`.
SendOutcome send_outcome(ErrorClass error) noexcept;

/// Of an error that is no answer to what was asked.
NodeFault::Kind fault_kind(ErrorClass error) noexcept;

}  // namespace purse
