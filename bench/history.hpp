// SPDX-License-Identifier: Apache-2.0
// Does a long ledger make a server start later or grow larger?
#pragma once

#include "bench/options.hpp"
#include "bench/report.hpp"

namespace purse::bench {

/// Fills a ledger through the server itself, or uses the one that is there, and measures
/// starts on it and on an empty one in turn.
void measure_history(const Options& options, Run& run);

}  // namespace purse::bench
