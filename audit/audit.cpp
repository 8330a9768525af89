// SPDX-License-Identifier: Apache-2.0
#include "audit/audit.hpp"

#include "audit/ledger_file.hpp"
#include "audit/tables.hpp"

namespace purse::auditor {

Findings audit_ledger(const std::string& folder, Rules rules)
{
    Findings findings;
    try {
        LedgerFile file{folder + "/ledger.db"};
        file.each("PRAGMA integrity_check", [&](const Row& row) {
            if (row.text(0) != "ok") findings.wrong(0, "the file is damaged: " + row.text(0));
        });
        Replay replay{findings, rules};
        read_journal(file, replay, findings);
        compare_holds(file, replay, findings);
        compare_counters(file, replay, findings);
        compare_accounts(file, findings);
        compare_payouts(file, findings);
    } catch (const std::exception& error) {
        findings.wrong(0, error.what());
    }
    return findings;
}

}  // namespace purse::auditor
