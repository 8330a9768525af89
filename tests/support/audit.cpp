// SPDX-License-Identifier: Apache-2.0
#include "tests/support/audit.hpp"

namespace purse::test {

std::string Audit::text() const
{
    std::string all;
    for (std::size_t i = 0; i < mistakes.size() && i < 12; ++i) all += mistakes[i] + "\n";
    if (mistakes.size() > 12) all += "... " + std::to_string(mistakes.size()) + " in all\n";
    return all;
}

Audit audit(const std::string& folder, auditor::Rules rules)
{
    const auto found = auditor::audit_ledger(folder, rules);
    Audit result;
    for (const auto& [seq, what] : found.mistakes)
        result.mistakes.push_back((seq > 0 ? "entry " + std::to_string(seq) + " " : "") + what);
    for (const auto& [id, hold] : found.holds)
        result.holds[id] = {.state = std::string{auditor::word_of(hold.state)},
                            .amount = hold.amount,
                            .captured = hold.captured,
                            .key = hold.key};
    result.entries = found.entries;
    result.captured = found.captured;
    result.refused = found.refusals;
    return result;
}

}  // namespace purse::test
