// SPDX-License-Identifier: Apache-2.0
// purse journal export and prove: the journal, or a part of it, as a file that anyone can check.
#pragma once

#include <cstdint>
#include <string>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

struct JournalExportOptions {
    std::string from{};  ///< an entry's number, a day (UTC) or a time; empty: the first
    std::string to{};    ///< the same: that entry is the last; what is before the time
    std::string agent{};
    std::string task{};
    std::string file{};  ///< empty: standard output
    /// "csv": a table for people; "otel": OpenTelemetry log records. Both prove nothing.
    std::string format = "jsonl";
};

struct JournalProveOptions {
    std::string tx{};        ///< whose entries; empty: none, only that history goes on
    std::int64_t since = 0;  ///< an entry that an older head was signed at; 0: none
    std::string file{};
};

/// Writes entries with all that proves them. The journal is read in slices: servers go on in
/// between. Memory does not grow with it, but by 64 bytes for each 1,024 entries.
int export_journal(App& app, const JournalExportOptions& options, Output& output);
int prove_journal(App& app, const JournalProveOptions& options, Output& output);

}  // namespace purse::server::cli
