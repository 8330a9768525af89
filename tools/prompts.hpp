// SPDX-License-Identifier: Apache-2.0
// Texts a person may start from in the chat: spending_report.
#pragma once

#include <span>
#include <string_view>

#include "tools/desk.hpp"
#include "tools/tool.hpp"

namespace purse::tools {

std::span<const Prompt> prompt_list();

/// What the user says to the model, with the figures as of now; an error result for bad arguments.
void spending_report(Desk& desk, const json::Value* arguments, const Caller& caller,
                     CancelFlag cancelled, Reply reply);

}  // namespace purse::tools
