// SPDX-License-Identifier: Apache-2.0
#include "server/cli/policy.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>

#include "server/cli/budget_view.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "server/policy_file.hpp"
#include "tools/policy_text.hpp"

namespace purse::server::cli {

namespace {
constexpr std::size_t kAgentsShown = 20;

void print_summary(const CheckedPolicy& checked, Output& output)
{
    const auto& document = *checked.document;
    std::vector<const policy::Agent*> agents;
    for (const auto& agent : document.agents()) agents.push_back(&agent);
    const auto count = [](std::size_t size, auto... words) {
        return counted(static_cast<std::int64_t>(size), words...);
    };
    output.out << checked.text.source << " is valid: " << count(agents.size(), "agent", "agents")
               << ", " << count(shared_budgets(document).size(), "shared budget", "shared budgets")
               << " in use, " << count(document.services().size(), "service", "services") << ".\n";
    Table table{{{"Budget"}, {"Caps"}}};
    std::size_t left = kAgentsShown;
    const auto views = budget_views(nullptr, agents);
    for (const auto& view : views) {
        if (left-- == 0) break;
        table.row({view.budget->name, caps_words(view)});
    }
    if (table.empty()) return;
    output.out << '\n';
    table.print(output.out, output.style);
    if (views.size() > kAgentsShown)
        output.out << "... and " << views.size() - kAgentsShown << " more\n";
}

boost::json::object to_json(const PolicyRow& row)
{
    return {{"version", row.version},
            {"sha256", row.sha256},
            {"source", row.source},
            {"appliedAt", to_rfc3339(row.applied_at)},
            {"text", row.text}};
}
}  // namespace

std::expected<CheckedPolicy, int> read_policy(const std::string& file, Output& output)
{
    if (file.empty())
        return std::unexpected{
            complain(output, kWrong, "which policy? name its FILE, or give --policy FILE")};
    auto text = PolicyFile::read(file);
    if (!text) return std::unexpected{complain(output, kWrong, text.error())};
    auto document = tools::check_policy_text(text->text);
    if (document) return CheckedPolicy{std::move(*text), std::move(*document)};
    const auto count = static_cast<std::int64_t>(document.error().size());
    complain(output, kWrong, file + " has " + counted(count, "mistake", "mistakes"));
    for (const auto& mistake : document.error())
        output.err << printable(to_string(mistake)) << '\n';
    return std::unexpected{kWrong};
}

int check_policy(const std::string& file, Output& output)
{
    const auto checked = read_policy(file, output);
    if (!checked) return checked.error();
    print_summary(*checked, output);
    return kDone;
}

int apply_policy(App& app, const std::string& file, Output& output)
{
    const auto checked = read_policy(file, output);
    if (!checked) return checked.error();
    const auto& follows = app.settings().policy_file;
    std::error_code ignored;
    const auto source = std::filesystem::absolute(file, ignored).string();
    return change(app, output, [&](Books& books, Output& later) -> int {
        const auto before = books.meta().policy_version;
        const auto now = books.apply_policy(checked->text.text, source.empty() ? file : source);
        if (now == before) {
            later.out << "Unchanged: version " << now << " in force has this very text.\n";
        } else {
            later.out << "Version " << now << " is in force";
            if (before > 0)
                later.out << ", version " << before << " was";
            else
                later.out << ", the first of this ledger";
            later.out << ".\n";
        }
        std::error_code error;
        if (!follows.empty() && !std::filesystem::equivalent(follows, file, error))
            hint(later, "servers started with the policy file " + follows +
                            " put that one in force again when they start or when it changes");
        return kDone;
    });
}

int show_policy(App& app, const PolicyShowOptions& options, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    return look(app, output, [&](Books& books, Output& later) -> int {
        const auto in_force = books.meta().policy_version;
        const auto wanted = options.version.value_or(in_force);
        const auto row = books.rows().policy(wanted);
        if (!row && in_force == 0)
            return complain(later, kNo,
                            "no policy is in force yet; `purse policy apply FILE` does it");
        if (!row)
            return complain(later, kNo,
                            "there is no policy version " + std::to_string(wanted) +
                                "; there are 1 to " + std::to_string(in_force));
        if (options.form == Form::json) {
            later.out << boost::json::serialize(to_json(*row)) << '\n';
            return kDone;
        }
        later.out << row->text;
        hint(later, "version " + std::to_string(row->version) +
                        (wanted == in_force ? " (in force)" : " (not in force)") + ", from " +
                        printable(row->source) + ", applied " + to_words(row->applied_at) +
                        ", sha256 " + row->sha256);
        return kDone;
    });
}

}  // namespace purse::server::cli
