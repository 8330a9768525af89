// SPDX-License-Identifier: Apache-2.0
// Pieces of JSON Schema that several tools share. Flat objects only: clients drop tools
// with references or composition at the root, and check refusals against outputSchema too.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace purse::tools {

/// The parts one after the other, joined when the program is compiled.
template <const std::string_view&... kParts>
struct Joined {
    static constexpr auto kStorage = [] {
        std::array<char, (kParts.size() + ...)> text{};
        auto at = text.begin();
        ((at = std::ranges::copy(kParts, at).out), ...);
        return text;
    }();
    static constexpr std::string_view kText{kStorage.data(), kStorage.size()};
};

// clang-format off

/// A cap: in warnings, failures, status.
inline constexpr std::string_view kCapSchema = R"({
  "type": "object",
  "properties": {
    "budget": { "type": "string" },
    "cap": { "type": "string" },
    "scope": { "type": "string" },
    "unit": { "type": "string" },
    "limit": { "type": "string" },
    "spent": { "type": "string" },
    "held": { "type": "string" },
    "available": { "type": "string" },
    "usedPercent": { "type": "integer" },
    "resetsAt": { "type": "string" },
    "level": { "type": "integer" },
    "reason": { "type": "string" },
    "rule": { "type": "string" },
    "message": { "type": "string" }
  },
  "additionalProperties": false
})";

inline constexpr std::string_view kOutcomeHead = R"(
    "ok": { "type": "boolean", "description": "true: done; false: refused, see reason" },
    "message": { "type": "string", "description": "A sentence to show to the user" },
    "reason": { "type": "string", "description": "Stable code of a refusal" },
    "allowedNow": { "type": "string", "description": "The most that is allowed now, USDC" },
    "retry": { "type": "string", "enum": ["never", "after", "with_changes", "same_request"] },
    "retryAt": { "type": "string", "description": "RFC 3339; not before" },
    "field": { "type": "string", "description": "The argument that was wrong" },
    "currency": { "type": "string" },
    "at": { "type": "string", "description": "RFC 3339" },
    "replayed": { "type": "boolean", "description": "The stored answer to an earlier request" },
    "failures": { "type": "array", "description": "Every rule that failed", "items": )";
inline constexpr std::string_view kOutcomeWarnings = R"( },
    "warnings": { "type": "array", "description": "Caps that are 80 percent used or more",
                  "items": )";
inline constexpr std::string_view kOutcomeEnd = " }";

// clang-format on

/// The properties that every answer may have, without braces.
inline constexpr std::string_view kOutcomeSchema =
    Joined<kOutcomeHead, kCapSchema, kOutcomeWarnings, kCapSchema, kOutcomeEnd>::kText;

}  // namespace purse::tools
