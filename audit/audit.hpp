// SPDX-License-Identifier: Apache-2.0
// The independent auditor. It knows the tables and the journal's words, and nothing of the code
// that writes them: what it recomputes, it recomputes with arithmetic of its own.
#pragma once

#include <istream>
#include <string>

#include "audit/findings.hpp"
#include "audit/replay.hpp"

namespace purse::auditor {

/// Reads `folder`/ledger.db: its journal played again, then every table against it. Sees what is
/// committed; others may be at work. A file that cannot be read is a finding.
Findings audit_ledger(const std::string& folder, Rules rules);

/// Reads a whole export (`purse journal export`, docs/audit.md): the journal alone. Chain and heads
/// are checked; whose key signed them, and the file's own signatures, are for `journal verify`.
Findings audit_export(std::istream& lines, Rules rules);

}  // namespace purse::auditor
