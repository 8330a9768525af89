// SPDX-License-Identifier: Apache-2.0
// A policy document, read and compiled. What it says is fixed for its life, so decisions
// and the caps they point to share one snapshot. Reading finds every mistake, not the first.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/mistake.hpp"
#include "policy/rules.hpp"

namespace purse::policy {

class Document {
public:
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;

    /// nullptr: the document has no such agent ("image-gen-agent-v2", without a prefix).
    const Agent* agent(std::string_view name) const;
    /// By full name: "agent/image-gen-agent-v2", "budget/team-design"; nullptr: there is none.
    const Budget* budget(std::string_view name) const;
    /// nullptr: not in the catalogue.
    const Service* service(std::string_view name) const;
    /// Catalogue services that are paid to this lower-case address, in document order.
    std::span<const Service* const> services_of(std::string_view payee) const;

    /// All, in document order.
    std::span<const Agent> agents() const noexcept { return agents_; }
    std::span<const Service> services() const noexcept { return services_; }

private:
    friend class DocumentBuilder;
    Document() = default;

    std::vector<Service> services_;
    std::vector<Budget> budgets_;  // shared ones first, then each agent's own
    std::vector<Agent> agents_;
    std::map<std::string, const Service*, std::less<>> service_by_name_;
    std::map<std::string, const Budget*, std::less<>> budget_by_name_;
    std::map<std::string, const Agent*, std::less<>> agent_by_name_;
    std::map<std::string, std::vector<const Service*>, std::less<>> services_by_payee_;
};

/// Reads JSON with comments and trailing commas. Everything unknown, doubtful or out of
/// bounds is a mistake. Linear in the text but for sorting. Reads the system's time zone
/// database only when the document names a zone other than UTC.
std::expected<std::shared_ptr<const Document>, Mistakes> parse_document(std::string_view text);

/// The field names of every object of the form, as the parser knows them; the JSON Schema
/// is checked against them.
struct KnownFields {
    std::string_view object;  ///< name under "$defs" in policy.schema.json; "" for the document
    std::vector<std::string_view> names;
};
std::vector<KnownFields> known_fields();

/// The limit of a cap as the document has it now; kNoLimit when budget or cap are gone.
std::int64_t limit_of(const Document& document, std::string_view budget, std::string_view kind);

}  // namespace purse::policy
