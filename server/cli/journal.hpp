// SPDX-License-Identifier: Apache-2.0
// purse journal ...: reads the record of every decision, and proves that nobody changed it.
#pragma once

#include <cstdint>
#include <functional>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

struct JournalTailOptions {
    std::int64_t count = 10;
    Form form = Form::words;        ///< json: the entries as they are stored, one a line
    std::function<bool()> pause{};  ///< follows: called between looks, false ends; empty: one look
};
int tail_journal(App& app, const JournalTailOptions& options, Output& output);

/// Recomputes the chain from the first entry and checks every signed head. A page of entries a
/// transaction: servers go on in between.
int verify_journal(App& app, Output& output);

}  // namespace purse::server::cli
