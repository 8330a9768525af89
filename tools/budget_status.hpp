// SPDX-License-Identifier: Apache-2.0
// pay_budget_status: what is left, under every cap that applies to the caller.
#pragma once

#include "tools/desk.hpp"
#include "tools/tool.hpp"

namespace purse::tools {

extern const Tool kBudgetStatus;

/// Reads the counters in the writer's own order, so that the answer is exact as of `asOf`.
void budget_status(Desk& desk, const json::Value* arguments, const Caller& caller,
                   CancelFlag cancelled, Reply reply);

}  // namespace purse::tools
