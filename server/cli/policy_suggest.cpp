// SPDX-License-Identifier: Apache-2.0
#include "server/cli/policy_suggest.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "server/cli/policy_replay.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "server/replay/suggestion.hpp"

namespace purse::server::cli {

namespace {
boost::json::object to_json(const replay::Suggestion& suggestion, std::int64_t headroom)
{
    boost::json::object agents;
    for (const auto& [agent, habit] : suggestion.habits.agents()) {
        boost::json::array caps;
        for (const auto& found : replay::proposals(habit, headroom))
            caps.push_back(boost::json::object{{"cap", found.cap},
                                               {"limit", amount_of(found.unit, found.limit)},
                                               {"observed", amount_of(found.unit, found.observed)},
                                               {"reason", found.reason}});
        agents[agent] =
            boost::json::object{{"allowed", habit.requests.count},
                                {"refused", habit.refused},
                                {"settled", Money::from_micro(habit.settled.micro).to_string()},
                                {"caps", std::move(caps)}};
    }
    const auto& proof = suggestion.proof;
    return {{"currency", "USDC"},
            {"headroomPercent", headroom},
            {"agents", std::move(agents)},
            {"requests", proof.requests.count},
            {"newlyRefused", proof[replay::Change::refused].count},
            {"settlesNewlyRefused", proof[replay::Change::settle_refused].count},
            {"document", suggestion.text}};
}
}  // namespace

int suggest_policy(App& app, const PolicySuggestOptions& options, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    const auto stretch = stretch_of(options.from, options.to, app.now());
    if (!stretch) return complain(output, kWrong, stretch.error());
    std::shared_ptr<const policy::Document> catalogue;
    std::string trouble;
    app.look([&](Books& books) {
        const auto rules = rules_in(books);
        if (!rules)
            trouble = rules.error();
        else if (*rules)
            catalogue = (*rules)->document;
    });
    if (!trouble.empty()) return complain(output, kNo, trouble);
    if (!catalogue)
        return complain(output, kNo, "no policy is in force yet, so nothing was bought");
    const auto suggestion =
        replay::suggest({.scratch = [] { return App::scratch(); },
                         .entropy = app.entropy(),
                         .journal = [&app](const auto& feed) { read_journal(app, feed); }},
                        {.catalogue = catalogue,
                         .from = stretch->from,
                         .to = stretch->to,
                         .headroom = options.headroom});
    if (!suggestion) return complain(output, kNo, suggestion.error());
    if (options.form == Form::json)
        output.out << boost::json::serialize(to_json(*suggestion, options.headroom)) << '\n';
    else
        output.out << suggestion->text;
    return kDone;
}

}  // namespace purse::server::cli
