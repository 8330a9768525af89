// SPDX-License-Identifier: Apache-2.0
#include "server/cli/doctor.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "server/cli/text.hpp"

namespace purse::server::cli {

namespace {
std::string_view wire_name(Health health)
{
    switch (health) {
        case Health::ok: return "ok";
        case Health::warn: return "warn";
        case Health::fail: break;
    }
    return "fail";
}

Cell label(Health health)
{
    switch (health) {
        case Health::ok: return {"ok", Colour::green};
        case Health::warn: return {"warn", Colour::yellow};
        case Health::fail: break;
    }
    return {"FAIL", Colour::red};
}

void print(const Findings& findings, Output& output)
{
    static constexpr std::size_t kLabelColumns = 4;
    std::size_t widest = 0;
    for (const auto& finding : findings) widest = std::max(widest, finding.check.size());
    for (const auto& finding : findings) {
        const auto cell = label(finding.health);
        output.out << painted(output.style, cell.colour, cell.text)
                   << std::string(kLabelColumns - cell.text.size() + 2, ' ') << finding.check
                   << std::string(widest - finding.check.size() + 2, ' ') << printable(finding.what)
                   << '\n';
        if (!finding.mend.empty())
            output.out << std::string(kLabelColumns + widest + 4, ' ')
                       << "mend: " << printable(finding.mend) << '\n';
    }
}

int report(const Findings& findings, Form form, Output& output)
{
    const auto fails = std::ranges::count(findings, Health::fail, &Finding::health);
    const auto warnings = std::ranges::count(findings, Health::warn, &Finding::health);
    if (form == Form::json) {
        boost::json::array checks;
        for (const auto& finding : findings) {
            boost::json::object json{{"check", finding.check},
                                     {"health", wire_name(finding.health)},
                                     {"what", finding.what}};
            if (!finding.mend.empty()) json["mend"] = finding.mend;
            checks.push_back(std::move(json));
        }
        const boost::json::object all{{"ok", fails == 0}, {"checks", std::move(checks)}};
        output.out << boost::json::serialize(all) << '\n';
    } else {
        print(findings, output);
        output.out << '\n';
        if (fails + warnings == 0)
            output.out << "All is well.\n";
        else
            output.out << counted(fails, "check fails", "checks fail") << ", "
                       << counted(warnings, "warning", "warnings") << ".\n";
    }
    return fails == 0 ? kDone : kNo;
}
}  // namespace

int examine(App& app, const DoctorOptions& options, Output& output)
{
    Findings findings;
    examine_folder(app.settings(), findings);
    // A ledger is not looked for where none can be, nor a policy in one that cannot be asked.
    const bool is_usable = std::ranges::count(findings, Health::fail, &Finding::health) == 0;
    const auto ledger = is_usable ? examine_ledger(app, options, findings) : Reach::shut;
    examine_policy(app, ledger, findings);
    examine_credential(app, ledger, findings);
    examine_webhooks(app, ledger, findings);
    examine_wallet(app, options, findings);
    return report(findings, options.form, output);
}

int report_settings_trouble(const std::string& trouble, Form form, Output& output)
{
    return report({{.health = Health::fail,
                    .check = "settings",
                    .what = trouble,
                    .mend = "correct the flag or the variable, then run `purse doctor` again"}},
                  form, output);
}

}  // namespace purse::server::cli
