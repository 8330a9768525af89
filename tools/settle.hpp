// SPDX-License-Identifier: Apache-2.0
// pay_settle: pays what a call really cost and returns the rest, or voids the hold.
#pragma once

#include "tools/desk.hpp"
#include "tools/tool.hpp"

namespace purse::tools {

extern const Tool kSettle;

/// Decodes, settles or voids, and replies with the end of the hold or with a refusal.
void settle(Desk& desk, const json::Value* arguments, const Caller& caller, CancelFlag cancelled,
            Reply reply);

}  // namespace purse::tools
