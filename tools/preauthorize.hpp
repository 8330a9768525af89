// SPDX-License-Identifier: Apache-2.0
// pay_preauthorize: holds money against every cap that applies, before a paid call.
#pragma once

#include "tools/desk.hpp"
#include "tools/tool.hpp"

namespace purse::tools {

extern const Tool kPreauthorize;

/// Decodes, decides, takes the hold and replies with it or with a refusal.
void preauthorize(Desk& desk, const json::Value* arguments, const Caller& caller,
                  CancelFlag cancelled, Reply reply);

}  // namespace purse::tools
