// SPDX-License-Identifier: Apache-2.0
// The receipt in an answer: which journal entry it rests on, and what proves that.
#pragma once

#include <optional>
#include <string_view>

#include "ledger/receipts.hpp"
#include "tools/desk.hpp"
#include "tools/tool.hpp"

namespace purse::tools {

// clang-format off

/// The argument with which a caller asks for one.
inline constexpr std::string_view kReceiptArgument = R"(
    "receipt": {
      "type": "boolean", "default": false,
      "description": "Add a signed receipt, which proves this answer to others" })";
/// The property of the answer.
inline constexpr std::string_view kReceiptSchema = R"(,
    "receipt": {
      "type": "object",
      "description": "What proves this answer; `purse journal verify` checks the proof",
      "properties": {
        "entry": { "type": "integer", "description": "Of the journal" },
        "proof": { "type": "string", "description": "JSON Lines; save it as a file, whole" },
        "unavailable": { "type": "string", "description": "Why there is no proof" }
      },
      "required": ["entry"],
      "additionalProperties": false })";

// clang-format on

/// Whether a caller wants one.
enum class WithReceipt : bool { no, yes };

/// Runs `decide() -> Answer`, then asks `entry_of(Receipts&, const Answer&) -> seq`; puts what
/// comes of it into the answer's `receipt`.
template <typename Decide, typename EntryOf>
auto with_receipt(WithReceipt wish, Books& books, const Standing& standing, Decide decide,
                  EntryOf entry_of)
{
    if (wish == WithReceipt::no) return decide();
    Receipts receipts{books, standing.signer};
    auto answer = decide();
    answer.receipt = receipts.of(entry_of(receipts, answer));
    return answer;
}

/// Into the answer, where there is one.
void add_receipt(const std::optional<Receipt>& receipt, Result& result);

}  // namespace purse::tools
