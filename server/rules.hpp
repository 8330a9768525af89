// SPDX-License-Identifier: Apache-2.0
// The rules that the operator's commands and page go by: the policy in force and the freezes.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/books.hpp"
#include "policy/document.hpp"

namespace purse::server {

struct Rules {
    std::shared_ptr<const policy::Document> document;
    std::int64_t version = 0;  ///< 0: not in the ledger (yet)
    std::string source;        ///< for people
    std::string sha256;
    Instant applied_at;  ///< of one in the ledger
    std::vector<FreezeRow> freezes;
};

/// The policy that stands in the ledger. Nothing when there is none yet; an error's text when
/// this program cannot read it.
std::expected<std::optional<Rules>, std::string> rules_in(Books& books);

/// "; did you mean ...?" or "; the policy has the agents a, b and c".
std::string known_agents(const policy::Document& document, std::string_view asked);
std::string known_budgets(const policy::Document& document, std::string_view asked);

/// All shared budgets that some agent is charged to, without "budget/", in document order.
std::vector<std::string> shared_budgets(const policy::Document& document);

/// Why that agent may have no credential: it is not in the policy in force. Nothing: it may.
std::optional<std::string> why_no_agent(Books& books, const std::string& agent);

}  // namespace purse::server
