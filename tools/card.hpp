// SPDX-License-Identifier: Apache-2.0
// The card that a host may show in chat beside a tool's result: MCP Apps, the extension
// io.modelcontextprotocol/ui. It reads the structured result alone, so every tool may name it.
#pragma once

#include <span>
#include <string_view>

#include "tools/tool.hpp"

namespace purse::tools {

inline constexpr std::string_view kCardUri = "ui://purse/budget";

/// The card, as it was embedded when the program was built.
std::span<const View> card_views();

}  // namespace purse::tools
