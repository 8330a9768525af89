// SPDX-License-Identifier: Apache-2.0
// The rules of a policy document as decisions use them: names resolved, lists sorted,
// caps as the ledger counts them. Immutable once the document is read.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/cap.hpp"
#include "policy/hours.hpp"

namespace purse::policy {

/// An entry of the catalogue: what can be bought, and who is paid for it.
struct Service {
    std::string name;
    std::string payee;             ///< lower-case address
    std::optional<Money> ceiling;  ///< the most one payment may be
    std::string category;          ///< may be empty
    std::string description;       ///< may be empty
};

/// A list of names or addresses; absent lists say nothing, empty ones let nothing through.
struct NameList {
    std::vector<std::string> names;  ///< sorted
    bool any = false;                ///< "*" is in it

    bool has(std::string_view name) const
    {
        return any || std::ranges::binary_search(names, name, std::less<>{});
    }
};

/// The lists under "allow" or "deny".
struct Lists {
    std::optional<NameList> services;
    std::optional<NameList> payees;
    std::optional<NameList> categories;
};

/// How much more than the hold a settle may capture. With both, the smaller counts.
struct OverCapture {
    std::optional<std::int64_t> percent_micro;  ///< millionths of a percent, 0 .. 100,000,000
    std::optional<Money> absolute;

    /// The excess that is allowed on top of `amount`; percents round down.
    Money excess(Money amount) const noexcept;
};

/// What becomes of a settle that comes after the hold has expired.
enum class LateSettle : std::uint8_t {
    recheck,  ///< captured when all rules allow it anew
    refuse,
};

/// When a person is asked before a payment may be made.
struct ApprovalRule {
    std::optional<Money> above;              ///< payments of more than this
    bool new_payee = false;                  ///< payees that this budget has never paid
    NameList services;                       ///< these services
    bool outside_hours = false;              ///< instead of refusing outside `times`
    bool loop = false;                       ///< instead of refusing when the loop guard trips
    Span within;                             ///< how long a person has
    Span lasts;                              ///< how long the hold then stays for use
    std::optional<Money> out_of_band_above;  ///< more than this is never approved in the chat
};

/// All rules of one agent or one shared budget.
struct Budget {
    std::string name;  ///< "agent/image-gen-agent-v2" or "budget/team-design"
    std::string description;
    bool frozen = false;
    std::optional<Money> per_tx;
    /// What the ledger counts, in published order. Daily, weekly, monthly and lifetime are always
    /// there (kNoLimit when not capped), so that a cap added later finds what was spent before;
    /// for an agent also perTask and perWorkflow.
    std::vector<CapRule> caps;
    bool needs_task = false;      ///< perTask is capped
    bool needs_workflow = false;  ///< perWorkflow is capped
    Lists allow;
    Lists deny;
    std::vector<Hours> times;  ///< none: always
    std::optional<Span> ttl;
    std::optional<Span> max_ttl;
    std::optional<OverCapture> over_capture;
    LateSettle late_settle = LateSettle::recheck;
    std::optional<ApprovalRule> approval;
};

/// What tells the counters of one cap apart.
enum class ScopeBy : std::uint8_t {
    nothing,
    task,            ///< "task/<id>"
    workflow,        ///< "workflow/<id>"
    purchase,        ///< loop guard of an agent: "<service or payee> <micro-USDC>"
    agent_purchase,  ///< loop guard of a shared budget: the agent's name, then the same
    payee,           ///< "payee/<address>": what was ever paid to whom
};

/// One cap that an agent's payments are charged to.
struct Charge {
    const CapRule* rule = nullptr;
    ScopeBy scope = ScopeBy::nothing;
};

/// An agent with everything its payments are charged to.
struct Agent {
    std::string name;  ///< without "agent/"
    std::vector<const Budget*>
        charged;                  ///< its own rules first, then shared budgets in document order
    std::vector<Charge> charges;  ///< all caps of those, in published order
};

}  // namespace purse::policy
