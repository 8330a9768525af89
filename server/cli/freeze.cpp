// SPDX-License-Identifier: Apache-2.0
#include "server/cli/freeze.hpp"

#include <algorithm>

#include "policy/decision.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "server/note.hpp"

namespace purse::server::cli {

namespace {
std::string target_of(const FreezeOptions& options)
{
    switch (options.what) {
        case FreezeWhat::agent: return "agent/" + options.name;
        case FreezeWhat::budget: return "budget/" + options.name;
        case FreezeWhat::all: break;
    }
    return "all";
}

std::string words_for(const std::string& target)
{
    return target == "all" ? "All spending" : target;
}

/// Puts the policy file in force, so that names in it are known; in an emergency a file with
/// mistakes must not be in the way.
void adopt(App& app, Output& output)
{
    if (const auto version = app.adopt_policy(); !version)
        hint(output, version.error() + "\ngoing by the policy in force");
}

std::optional<std::string> unknown_name(Books& books, const FreezeOptions& options)
{
    if (options.what == FreezeWhat::all) return std::nullopt;
    const auto rules = rules_in(books);
    // A policy that cannot be read lets nobody spend; freezing more does no harm.
    if (!rules) return std::nullopt;
    if (!*rules)
        return "there is no policy yet, so there are no agents and budgets; `freeze all` works";
    const auto& document = *(*rules)->document;
    if (document.budget(target_of(options)) != nullptr) return std::nullopt;
    return "the policy in force has no " + target_of(options) +
           (options.what == FreezeWhat::agent ? known_agents(document, options.name)
                                              : known_budgets(document, options.name));
}

std::optional<FreezeRow> row_of(Books& books, const std::string& target)
{
    for (auto& row : books.rows().freezes())
        if (row.target == target) return std::move(row);
    return std::nullopt;
}

/// What else keeps it from spending: an unfreeze that changes nothing visible needs a word.
void warn_of_others(Books& books, const FreezeOptions& options, Output& output)
{
    const auto rules = rules_in(books);
    if (!rules || !*rules || options.what != FreezeWhat::agent) return;
    const auto* agent = (*rules)->document->agent(options.name);
    if (agent == nullptr) return;
    for (const auto& still : policy::freezes_on(*agent, books.rows().freezes()))
        hint(output, "agent/" + options.name + " still may not spend: " + still.detail);
}
}  // namespace

int freeze(App& app, const FreezeOptions& options, Output& output)
{
    if (const auto trouble = note_trouble(options.note)) return complain(output, kWrong, *trouble);
    const bool has_policy = has_ledger(app.settings()) || !app.settings().policy_file.empty();
    if (options.what != FreezeWhat::all && has_policy) adopt(app, output);
    if (!has_ledger(app.settings()) && options.what != FreezeWhat::all)
        return complain_no_ledger(output, app.settings());
    return change(app, output, [&](Books& books, Output& later) -> int {
        const auto target = target_of(options);
        if (const auto row = row_of(books, target)) {
            later.out << words_for(target) << " has been frozen since " << to_words(row->since)
                      << "; nothing changed.\n";
            return kDone;
        }
        if (const auto trouble = unknown_name(books, options))
            return complain(later, kNo, *trouble);
        books.freeze(target, options.note);
        later.out << words_for(target)
                  << " is frozen, also in live sessions. Open holds stay open.\n";
        return kDone;
    });
}

int unfreeze(App& app, const FreezeOptions& options, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    return change(app, output, [&](Books& books, Output& later) -> int {
        const auto target = target_of(options);
        // First the freeze, then the name: what left the policy can still be unfrozen.
        if (books.unfreeze(target)) {
            later.out << words_for(target) << " is no longer frozen.\n";
        } else {
            if (const auto trouble = unknown_name(books, options))
                return complain(later, kNo, *trouble);
            later.out << words_for(target) << " was not frozen; nothing changed.\n";
        }
        warn_of_others(books, options, later);
        return kDone;
    });
}

}  // namespace purse::server::cli
