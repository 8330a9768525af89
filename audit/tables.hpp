// SPDX-License-Identifier: Apache-2.0
// A ledger's tables against what its journal says: nothing is stored that no entry tells, and
// nothing told is stored otherwise.
#pragma once

#include "audit/findings.hpp"
#include "audit/ledger_file.hpp"
#include "audit/replay.hpp"

namespace purse::auditor {

/// Plays the journal into `replay`, and checks chain, tree and signed heads on the way.
void read_journal(LedgerFile& file, Replay& replay, Findings& findings);
/// Holds, their due list and idempotency keys.
void compare_holds(LedgerFile& file, const Replay& replay, Findings& findings);
/// Counters and rolling windows.
void compare_counters(LedgerFile& file, const Replay& replay, Findings& findings);
/// Double entry: accounts are the sums of their transfers, and transfers what was captured.
void compare_accounts(LedgerFile& file, Findings& findings);
/// Debts on their way to payees over a chain (payouts.cpp).
void compare_payouts(LedgerFile& file, Findings& findings);

}  // namespace purse::auditor
