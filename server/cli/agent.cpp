// SPDX-License-Identifier: Apache-2.0
#include "server/cli/agent.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <functional>
#include <unordered_map>

#include "policy/decision.hpp"
#include "server/cli/budget_view.hpp"
#include "server/cli/credential.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"

namespace purse::server::cli {

namespace {
/// What both commands look at, for as long as the transaction lasts.
struct Sight {
    const Rules& rules;
    Books* books;  // nullptr: there is no ledger yet
    std::vector<CredentialRow> credentials;
    Instant now;
};

using Show = std::function<int(const Sight&, Output&)>;

int show_to_come(App& app, Books* books, Output& output, const Show& show)
{
    const auto rules = rules_to_come(app.settings());
    if (!rules) return complain(output, kWrong, rules.error());
    hint(output, "no policy is in force yet; this is what " + rules->source + " says");
    return show({*rules, books, {}, app.now()}, output);
}

/// Runs `show` on the policy in force, or on the one that will be in force in a new ledger.
int with_sight(App& app, Output& output, const Show& show)
{
    if (!has_ledger(app.settings())) return show_to_come(app, nullptr, output, show);
    return look(app, output, [&](Books& books, Output& later) {
        const auto rules = rules_in(books);
        if (!rules) return complain(later, kNo, rules.error());
        if (!*rules) return show_to_come(app, &books, later, show);
        if (const auto other = difference(app.settings(), **rules)) hint(later, *other);
        return show({**rules, &books, books.rows().credentials(), books.now()}, later);
    });
}

std::vector<std::string> budgets_of(const policy::Agent& agent)
{
    std::vector<std::string> names;
    for (const auto* budget : agent.charged)
        if (budget->name != "agent/" + agent.name) names.push_back(budget->name);
    return names;
}

std::string joined(const std::vector<std::string>& names)
{
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? "none" : text;
}

const std::string& description_of(const policy::Agent& agent)
{
    return agent.charged.front()->description;
}

std::int64_t live_credentials(const Sight& sight, std::string_view agent)
{
    return std::ranges::count_if(sight.credentials, [&](const CredentialRow& row) {
        return row.agent == agent && is_live(row, sight.now);
    });
}

boost::json::object base_json(const Sight& sight, const policy::Agent& agent,
                              const std::vector<BudgetView>& views)
{
    boost::json::array budgets;
    for (const auto* budget : agent.charged) budgets.emplace_back(budget->name);
    boost::json::array frozen;
    for (const auto& freeze : policy::freezes_on(agent, sight.rules.freezes))
        frozen.emplace_back(freeze.detail);
    return {{"agent", agent.name},
            {"description", description_of(agent)},
            {"budgets", std::move(budgets)},
            {"frozen", std::move(frozen)},
            {"liveCredentials", live_credentials(sight, agent.name)},
            {"caps", caps_json(views)}};
}

boost::json::array list_json(const Sight& sight)
{
    // All counters with one question, however many agents there are.
    std::vector<const policy::Agent*> all;
    for (const auto& agent : sight.rules.document->agents()) all.push_back(&agent);
    std::unordered_map<const policy::Budget*, BudgetView> views;
    for (auto& view : budget_views(sight.books, all)) views.emplace(view.budget, std::move(view));
    boost::json::array agents;
    for (const auto* agent : all) {
        std::vector<BudgetView> own;
        for (const auto* budget : agent->charged) own.push_back(views.at(budget));
        agents.push_back(base_json(sight, *agent, own));
    }
    return agents;
}

void print_list(const Sight& sight, Output& output)
{
    Table table{
        {{"Agent"}, {"Own caps"}, {"Charged to"}, {"Credentials", Align::right}, {"State"}}};
    for (const auto& agent : sight.rules.document->agents()) {
        const auto views = budget_views(nullptr, {&agent});
        const bool is_frozen = !policy::freezes_on(agent, sight.rules.freezes).empty();
        table.row({agent.name, caps_words(views.front()), joined(budgets_of(agent)),
                   std::to_string(live_credentials(sight, agent.name)),
                   is_frozen ? Cell{"FROZEN", Colour::red} : Cell{"may spend"}});
    }
    if (table.empty())
        output.out << "The policy has no agents.\n";
    else
        table.print(output.out, output.style);
}

void print_holds(const Sight& sight, const std::string& agent, Output& output)
{
    if (sight.books == nullptr) return;
    const auto holds = sight.books->status({.agent = agent, .legs = {}}).next_holds;
    if (holds.empty()) return;
    Table table{{{"Open hold"}, {"Amount", Align::right}, {"For"}, {"Expires"}}};
    for (const auto& hold : holds)
        table.row({hold.id.to_string(), hold.what.amount.to_string(),
                   printable(hold.what.service.empty() ? hold.what.payee : hold.what.service),
                   relative(hold.expires_at, sight.now)});
    output.out << '\n';
    table.print(output.out, output.style);
}

void print_agent(const Sight& sight, const policy::Agent& agent, Output& output)
{
    auto& out = output.out;
    const auto frozen = policy::freezes_on(agent, sight.rules.freezes);
    out << "Agent       " << painted(output.style, Colour::bold, agent.name) << '\n';
    if (!description_of(agent).empty())
        out << "About       " << printable(description_of(agent)) << '\n';
    out << "Charged to  agent/" << agent.name;
    for (const auto& name : budgets_of(agent)) out << ", " << name;
    out << "\nState       ";
    if (frozen.empty()) out << "may spend\n";
    for (std::size_t i = 0; i < frozen.size(); ++i)
        out << (i == 0 ? "" : "            ") << painted(output.style, Colour::red, "FROZEN")
            << "  " << frozen[i].detail << '\n';
    const auto views = budget_views(sight.books, {&agent});
    out << '\n';
    print_caps(output, views, sight.now);
    out << '\n';
    print_usage(output, views);
    print_holds(sight, agent.name, output);

    std::vector<CredentialRow> own;
    for (const auto& row : sight.credentials)
        if (row.agent == agent.name) own.push_back(row);
    out << '\n';
    if (own.empty())
        out << "No credentials; make one with `purse credential issue " << agent.name << "`.\n";
    else
        print_credentials(output, own, sight.now);
}
}  // namespace

int list_agents(App& app, const AgentListOptions& options, Output& output)
{
    return with_sight(app, output, [&](const Sight& sight, Output& later) {
        if (options.form == Form::words) {
            print_list(sight, later);
            return kDone;
        }
        later.out << boost::json::serialize(list_json(sight)) << '\n';
        return kDone;
    });
}

int show_agent(App& app, const AgentShowOptions& options, Output& output)
{
    return with_sight(app, output, [&](const Sight& sight, Output& later) -> int {
        const auto* agent = sight.rules.document->agent(options.name);
        if (agent == nullptr)
            return complain(later, kNo,
                            "the policy has no agent \"" + printable(options.name) + "\"" +
                                known_agents(*sight.rules.document, options.name));
        if (options.form == Form::words) {
            print_agent(sight, *agent, later);
            return kDone;
        }
        auto json = base_json(sight, *agent, budget_views(sight.books, {agent}));
        boost::json::array credentials;
        for (const auto& row : sight.credentials)
            if (row.agent == agent->name) credentials.push_back(credential_json(row, sight.now));
        json["credentials"] = std::move(credentials);
        later.out << boost::json::serialize(json) << '\n';
        return kDone;
    });
}

}  // namespace purse::server::cli
