// SPDX-License-Identifier: Apache-2.0
// How far the money of a settlement has come, in JSON and in words.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "ledger/payout.hpp"

namespace purse::tools {

/// What carries the payment: payout, transaction, block, gas, cost, reason; as far as is known.
boost::json::object to_json(const Settlement& settlement);

/// "Paid 0.08 USDC to images", or "Settled ...: the payment is queued"; without a full stop.
std::string settled_text(const Settlement& settlement, std::string_view amount,
                         std::string_view whom);

}  // namespace purse::tools
