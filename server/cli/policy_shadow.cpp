// SPDX-License-Identifier: Apache-2.0
#include "server/cli/policy_shadow.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <tuple>

#include "ledger/shadows.hpp"
#include "server/cli/policy.hpp"
#include "server/cli/policy_replay.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "server/cli/user.hpp"
#include "server/replay/report.hpp"

namespace purse::server::cli {

namespace {
/// What differs, in sums.
struct Row {
    std::string change;
    std::string agent;
    std::string reason;
    std::string rule;
    auto operator<=>(const Row&) const = default;
};
using Rows = std::map<Row, replay::Sum>;

void add(Rows& rows, const JournalRow& entry, std::int64_t since)
{
    const auto document = json::parse(entry.body);
    if (!document) return;
    const auto& root = document->root();
    const auto* began = root.find("since");
    if (root.text_of("kind") != "shadow_differs" || began == nullptr || began->integer() != since)
        return;
    Row row{.change = std::string{root.text_of("change")},
            .agent = std::string{root.text_of("agent")},
            .reason = {},
            .rule = {}};
    const auto* reasons = root.find("reasons");
    if (reasons != nullptr && !reasons->items().empty()) {
        row.reason = reasons->items().front().text_of("reason");
        row.rule = reasons->items().front().text_of("rule");
    }
    rows[row].add(Money::parse(root.text_of("amount")).value_or(Money{}));
}

boost::json::object to_json(const ShadowRow& shadow, const Rows& rows)
{
    boost::json::array list;
    for (const auto& [row, sum] : rows)
        list.push_back(boost::json::object{{"change", row.change},
                                           {"agent", row.agent},
                                           {"reason", row.reason},
                                           {"rule", row.rule},
                                           {"count", sum.count},
                                           {"amount", Money::from_micro(sum.micro).to_string()}});
    return {{"since", shadow.since},      {"startedAt", to_rfc3339(shadow.started_at)},
            {"source", shadow.source},    {"sha256", shadow.sha256},
            {"differences", shadow.told}, {"rows", std::move(list)}};
}

void print(const ShadowRow& shadow, const Rows& rows, Output& output)
{
    output.out << "Tried since " << to_words(shadow.started_at) << " (entry " << shadow.since
               << "): " << printable(shadow.source) << "\n"
               << counted(shadow.told, "difference", "differences") << " so far";
    if (shadow.told == kShadowDifferencesMax)
        output.out << "; no more are told. `purse policy replay` looks at all of them";
    output.out << ".\n";
    if (rows.empty()) return;
    Table table{{{"Change"},
                 {"Agent"},
                 {"Reason"},
                 {"Rule"},
                 {"Count", Align::right},
                 {"USDC", Align::right}}};
    for (const auto& [row, sum] : rows) {
        auto change = row.change;
        std::ranges::replace(change, '_', ' ');
        table.row({printable(change), printable(row.agent), printable(row.reason),
                   printable(row.rule), std::to_string(sum.count), usdc(sum.micro)});
    }
    output.out << '\n';
    table.print(output.out, output.style);
}

int show(App& app, Form form, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    std::optional<ShadowRow> shadow;
    app.look([&](Books& books) { shadow = Shadows{books}.current(); });
    if (!shadow)
        return complain(output, kNo,
                        "no policy is tried as a shadow\n`purse policy shadow FILE` begins");
    Rows rows;
    read_journal(
        app,
        [&](const std::vector<JournalRow>& entries) {
            for (const auto& entry : entries) add(rows, entry, shadow->since);
            return true;
        },
        shadow->since);
    if (form == Form::json)
        output.out << boost::json::serialize(to_json(*shadow, rows)) << '\n';
    else
        print(*shadow, rows, output);
    return kDone;
}

int start(App& app, const std::string& file, Output& output)
{
    auto candidate = read_policy(file, output);
    if (!candidate) return candidate.error();
    app.change([&](Books& books) {
        Shadows{books}.start(candidate->text.text, candidate->text.source, user_account());
    });
    app.announce_shadow();
    output.out << "From now on " << printable(file)
               << " is tried beside the policy in force, and decides nothing.\n";
    hint(output,
         "a server on this ledger tells in the journal where it differs; `purse policy shadow` "
         "sums up, `purse policy shadow --off` ends it");
    return kDone;
}

int end(App& app, Output& output)
{
    bool was_tried = false;
    if (has_ledger(app.settings()))
        app.change([&](Books& books) { was_tried = Shadows{books}.end(user_account()); });
    if (!was_tried) return complain(output, kNo, "no policy is tried as a shadow");
    output.out << "The shadow policy is no longer tried.\n";
    return kDone;
}
}  // namespace

int shadow_policy(App& app, const PolicyShadowOptions& options, Output& output)
{
    switch (options.what) {
        case PolicyShadowOptions::Do::start: return start(app, options.file, output);
        case PolicyShadowOptions::Do::end: return end(app, output);
        case PolicyShadowOptions::Do::show: break;
    }
    return show(app, options.form, output);
}

}  // namespace purse::server::cli
