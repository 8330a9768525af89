// SPDX-License-Identifier: Apache-2.0
// The policy of a purse without any configuration: one agent with small caps, so that a
// newcomer has a working purse in one line. For the book rail only.
#pragma once

#include <string_view>

namespace purse::policy {

/// The agent that acts when there is neither a policy nor a credential.
inline constexpr std::string_view kSandboxAgent = "sandbox";

/// The built-in document, read by parse_document() like any other.
std::string_view sandbox_text() noexcept;

}  // namespace purse::policy
