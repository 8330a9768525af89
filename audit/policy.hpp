// SPDX-License-Identifier: Apache-2.0
// What a policy document says about counting: which budgets an agent's payment is charged to, and
// what their caps are (docs/policy.md). Everything else in it is not the auditor's business.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purse::auditor {

/// Counted, and no limit.
inline constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

/// One cap of one budget.
struct PolicyCap {
    std::string budget;  ///< "agent/writer", "budget/team"
    std::string kind;    ///< "daily", "perTask", "rolling 1h", "count 1m", "loop 30s"
    std::int64_t limit = kNoLimit;
};

/// The rules of one agent.
struct PolicyAgent {
    std::vector<std::string> budgets;  ///< all that are charged, its own first
    std::vector<PolicyCap> caps;       ///< all that count, with or without a limit
    std::optional<std::int64_t> most;  ///< perTx, micro-USDC: the smallest of all budgets
    bool is_frozen = false;            ///< by the document
};

class Policy {
public:
    /// Of the built-in agent and of no document: knows nobody.
    Policy() = default;
    /// Throws Unreadable, or what the JSON library throws.
    explicit Policy(std::string_view text);

    /// Nothing: the document does not name it.
    const PolicyAgent* agent(const std::string& name) const;
    /// The limit of a budget's cap; kNoLimit where it has none.
    std::int64_t limit(const std::string& budget, const std::string& kind) const;

private:
    std::map<std::string, PolicyAgent> agents_;
    std::map<std::pair<std::string, std::string>, std::int64_t> limits_;  // budget, kind
};

}  // namespace purse::auditor
