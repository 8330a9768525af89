// SPDX-License-Identifier: Apache-2.0
// An independent reader of a ledger file: its own SQL, its own JSON, its own sums. It knows
// the tables and the journal's words, and nothing of the code that writes them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace purse::test {

struct AuditedHold {
    std::string state;  ///< "open", "settled", "voided" or "expired"
    std::int64_t amount = 0;
    std::int64_t captured = 0;
    std::string key;  ///< idempotency key; may be empty
};

struct Audit {
    std::vector<std::string> mistakes;         ///< what is wrong; empty: all is right
    std::map<std::string, AuditedHold> holds;  ///< by txId
    std::int64_t entries = 0;
    std::int64_t captured = 0;  ///< all that was ever captured
    std::int64_t refused = 0;

    bool good() const noexcept { return mistakes.empty(); }
    /// The mistakes, one a line, the first few.
    std::string text() const;
};

/// Reads `folder`/ledger.db. Call it when no transaction is under way.
Audit audit(const std::string& folder);

}  // namespace purse::test
