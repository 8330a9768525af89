// SPDX-License-Identifier: Apache-2.0
// Blocks, receipts, logs and fees as a node writes them (the execution API's JSON forms). What does
// not fit the question is an error: the sentence says which field.
#pragma once

#include <expected>
#include <string>

#include "ledger/json.hpp"
#include "wallet/node.hpp"

namespace purse {

template <typename T>
using Decoded = std::expected<T, std::string>;

/// A block without its transactions.
Decoded<Block> decode_block(const json::Value& value);

/// The receipt of `transaction`, in a block; every log must be of the same transaction and block.
Decoded<Receipt> decode_receipt(const json::Value& value, const Digest& transaction);

/// What matches `query`: a log that does not is an error, and so is one that a reorganisation
/// removed.
Decoded<std::vector<Log>> decode_logs(const json::Value& value, const LogQuery& query);

/// The least tip that is quoted, wei a unit of gas: on an idle chain blocks are empty and nobody
/// paid any.
inline constexpr Wei kTipMin = 100'000;
/// More than this, wei a unit of gas (10,000 gwei), is a fault of the node.
inline constexpr Wei kPriceMax = 10'000'000'000'000;

/// eth_feeHistory for one percentile. The tip is the median of the blocks that hold transactions.
Decoded<FeeQuote> decode_fee_history(const json::Value& value);

}  // namespace purse
