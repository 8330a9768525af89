// SPDX-License-Identifier: Apache-2.0
// A journal entry in words for a person.
#pragma once

#include <string>
#include <string_view>

#include "ledger/json.hpp"
#include "ledger/store.hpp"

namespace purse::server {

/// "    12  2026-11-23 17:04:05 UTC  hold  painter holds 0.08 USDC for images ...". An entry of a
/// kind that this version does not know is shown as it is stored.
std::string entry_in_words(const JournalRow& row);

/// The same without number, time and txId: "painter holds 0.08 USDC for images until ...". Of a
/// kind that is not known its name alone.
std::string entry_sentence(const json::Value& root);

/// Why it says no: its reason, else that of the first rule or cap that failed; empty: it says yes.
std::string_view entry_reason(const json::Value& root);

}  // namespace purse::server
