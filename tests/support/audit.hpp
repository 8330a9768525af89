// SPDX-License-Identifier: Apache-2.0
// The product's independent auditor (audit/), in the words of tests.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "audit/audit.hpp"

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

/// Reads `folder`/ledger.db. Call it when no transaction is under way. Tests of the ledger make
/// their rules by hand, so that no document in the journal has them: those are as recorded.
Audit audit(const std::string& folder, auditor::Rules rules = auditor::Rules::as_recorded);

}  // namespace purse::test
