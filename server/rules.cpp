// SPDX-License-Identifier: Apache-2.0
#include "server/rules.hpp"

#include <algorithm>

#include "ledger/nearest.hpp"
#include "policy/limits.hpp"
#include "server/text.hpp"

namespace purse::server {

namespace {
std::string known_names(std::string_view what, const std::vector<std::string>& names,
                        std::string_view asked)
{
    Nearest nearest{asked};
    for (const auto& name : names) nearest.consider(name);
    if (const auto found = nearest.found())
        return "; did you mean \"" + std::string{*found} + "\"?";
    if (names.empty()) return "; the policy has no " + std::string{what};
    std::string text = "; the policy has the " + std::string{what} + " ";
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i == policy::limits::kNamesInSentence)
            return text + " and " + std::to_string(names.size() - i) + " more";
        text += (i == 0 ? "" : ", ") + names[i];
    }
    return text;
}
}  // namespace

std::expected<std::optional<Rules>, std::string> rules_in(Books& books)
{
    auto book = books.rulebook();
    if (!book.policy) return std::nullopt;
    auto document = policy::parse_document(book.policy->text);
    if (!document)
        return std::unexpected{"policy version " + std::to_string(book.policy->version) +
                               " in the ledger was written for another version of purse and "
                               "cannot be read; put one in force with `purse policy apply FILE`"};
    return Rules{.document = std::move(*document),
                 .version = book.policy->version,
                 .source = std::move(book.policy->source),
                 .sha256 = std::move(book.policy->sha256),
                 .applied_at = book.policy->applied_at,
                 .freezes = std::move(book.freezes)};
}

std::string known_agents(const policy::Document& document, std::string_view asked)
{
    std::vector<std::string> names;
    for (const auto& agent : document.agents()) names.push_back(agent.name);
    return known_names("agents", names, asked);
}

std::string known_budgets(const policy::Document& document, std::string_view asked)
{
    return known_names("budgets", shared_budgets(document), asked);
}

std::vector<std::string> shared_budgets(const policy::Document& document)
{
    static constexpr std::string_view kPrefix = "budget/";
    std::vector<const policy::Budget*> found;
    for (const auto& agent : document.agents())
        for (const auto* budget : agent.charged)
            if (budget->name.starts_with(kPrefix)) found.push_back(budget);
    // They lie in one array, in document order.
    std::ranges::sort(found);
    const auto rest = std::ranges::unique(found);
    found.erase(rest.begin(), rest.end());
    std::vector<std::string> names;
    for (const auto* budget : found) names.push_back(budget->name.substr(kPrefix.size()));
    return names;
}

std::optional<std::string> why_no_agent(Books& books, const std::string& agent)
{
    const auto rules = rules_in(books);
    if (!rules) return rules.error();
    if (!*rules)
        return "there is no policy yet, so there are no agents\nwrite one and put it in force with "
               "`purse policy apply FILE`";
    if ((*rules)->document->agent(agent) != nullptr) return std::nullopt;
    return "the policy in force (version " + std::to_string((*rules)->version) + ", from " +
           (*rules)->source + ") has no agent \"" + printable(agent) + "\"" +
           known_agents(*(*rules)->document, agent);
}

}  // namespace purse::server
