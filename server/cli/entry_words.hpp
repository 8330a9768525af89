// SPDX-License-Identifier: Apache-2.0
// A journal entry as one line for a person.
#pragma once

#include <string>

#include "ledger/store.hpp"

namespace purse::server::cli {

/// "    12  2026-11-23 17:04:05 UTC  hold  painter holds 0.08 USDC for images ...". An entry of a
/// kind that this version does not know is shown as it is stored.
std::string entry_in_words(const JournalRow& row);

}  // namespace purse::server::cli
