// SPDX-License-Identifier: Apache-2.0
// purse journal ...: reads the record of every decision, and proves that nobody changed it.
#pragma once

#include <cstdint>
#include <functional>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

/// How an entry is written as a line.
enum class EntryForm { words, json, otel };

struct JournalTailOptions {
    std::int64_t count = 10;
    EntryForm form = EntryForm::words;  ///< json: as they are stored; otel: as log records
    std::function<bool()> pause{};  ///< follows: called between looks, false ends; empty: one look
};
int tail_journal(App& app, const JournalTailOptions& options, Output& output);

/// Recomputes the chain from the first entry and checks every signed head. A page of entries a
/// transaction: servers go on in between.
int verify_journal(App& app, Output& output);

}  // namespace purse::server::cli
