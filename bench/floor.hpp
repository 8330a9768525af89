// SPDX-License-Identifier: Apache-2.0
// The floor of the store: what one durable commit of a hold costs with SQLite alone,
// on the same disk. No server can answer faster than this and a round trip.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace purse::bench {

struct CommitOptions {
    std::string folder;  ///< must exist; a new database is made in it
    unsigned group = 1;  ///< operations a commit
    std::chrono::milliseconds duration{3000};
};

struct CommitResult {
    std::vector<std::int64_t> nanoseconds;  ///< of each commit
    double rate = 0;                        ///< operations a second
};

/// Each operation is one conditional UPDATE of a cap row and one INSERT of a hold.
/// Throws std::runtime_error when SQLite fails.
CommitResult measure_commits(const CommitOptions& options);

}  // namespace purse::bench
