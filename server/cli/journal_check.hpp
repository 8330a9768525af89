// SPDX-License-Identifier: Apache-2.0
// purse journal verify FILE: proves an export from nothing but files.
#pragma once

#include <string>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

struct JournalCheckOptions {
    std::string file{};  ///< "-": standard input
    std::string
        key{};  ///< public key in hexadecimal, or a file that holds it; empty: the file's own
    std::string after{};  ///< an export or proof from before; empty: none
};

/// Opens no ledger. Exit code 1 where something does not hold, 2 where it cannot be read.
int check_export(const JournalCheckOptions& options, Output& output);

}  // namespace purse::server::cli
