// SPDX-License-Identifier: Apache-2.0
#include "server/cli/audit.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>

#include "audit/audit.hpp"
#include "server/cli/text.hpp"

namespace purse::server::cli {

namespace {
using auditor::Findings;
using auditor::HoldState;

// More would scroll away what matters: the first is mostly the cause of those after it.
constexpr std::size_t kShown = 20;

/// Nothing: it was told that there is nothing to read.
std::optional<Findings> findings_of(App& app, const std::string& file, Output& output)
{
    if (file == "-") return auditor::audit_export(std::cin, auditor::Rules::judged);
    if (!file.empty()) {
        std::ifstream lines{file, std::ios::binary};
        if (lines) return auditor::audit_export(lines, auditor::Rules::judged);
        complain(output, kWrong, printable(file) + " cannot be read");
        return std::nullopt;
    }
    const auto& folder = app.settings().state_folder;
    if (std::filesystem::exists(folder + "/ledger.db"))
        return auditor::audit_ledger(folder, auditor::Rules::judged);
    complain(output, kWrong, "there is no ledger in " + printable(folder) + " yet");
    return std::nullopt;
}

boost::json::object to_json(const Findings& found)
{
    boost::json::object holds;
    const auto states = found.states();
    for (std::size_t i = 0; i < states.size(); ++i)
        holds[auditor::word_of(static_cast<HoldState>(i))] = states[i];
    boost::json::array mistakes;
    for (const auto& [seq, what] : found.mistakes) {
        boost::json::object mistake{{"what", what}};
        if (seq > 0) mistake["seq"] = seq;
        mistakes.push_back(std::move(mistake));
    }
    return {{"good", found.good()},
            {"entries", found.entries},
            {"from", found.first_at},
            {"to", found.last_at},
            {"holds", std::move(holds)},
            {"captured", usdc(found.captured)},
            {"charges", found.charges},
            {"counters", found.counters},
            {"refusals", found.refusals},
            {"refusalsByCap", found.refusals_by_cap},
            {"policies", found.policies},
            {"heads", found.heads},
            {"mistakesInAll", found.mistakes_in_all},
            {"mistakes", std::move(mistakes)}};
}

std::string holds_words(const Findings& found)
{
    std::string words;
    const auto states = found.states();
    for (std::size_t i = 0; i < states.size(); ++i) {
        if (states[i] == 0) continue;
        std::string state{auditor::word_of(static_cast<HoldState>(i))};
        std::ranges::replace(state, '_', ' ');
        words += (words.empty() ? ": " : ", ") + std::to_string(states[i]) + " " + state;
    }
    return std::to_string(found.holds.size()) + words;
}

void print_sums(const Findings& found, Output& output)
{
    auto& out = output.out;
    out << "Journal   " << counted(found.entries, "entry", "entries");
    if (found.entries > 0) out << ", " << found.first_at << " to " << found.last_at;
    out << "\n          " << counted(found.policies, "policy document", "policy documents") << ", "
        << counted(found.heads, "signed head", "signed heads") << "\nHolds     "
        << holds_words(found) << "\nCaptured  " << usdc(found.captured) << " USDC\nCaps      "
        << counted(found.charges, "charge", "charges") << " to "
        << counted(found.counters, "counter", "counters")
        << ", each looked at after every entry\nRefusals  " << found.refusals
        << ", by a full cap: " << found.refusals_by_cap << '\n';
}

void print_mistakes(const Findings& found, Output& output)
{
    for (std::size_t i = 0; i < std::min(found.mistakes.size(), kShown); ++i) {
        const auto& [seq, what] = found.mistakes[i];
        output.out << painted(output.style, Colour::red, "wrong") << "  "
                   << (seq > 0 ? "entry " + std::to_string(seq) + " " : "") << printable(what)
                   << '\n';
    }
    if (found.mistakes_in_all > kShown)
        output.out << "and " << found.mistakes_in_all - kShown << " more\n";
}
}  // namespace

int audit_books(App& app, const AuditOptions& options, Output& output)
{
    const auto found = findings_of(app, options.file, output);
    if (!found) return kWrong;
    if (options.form == Form::json) {
        output.out << boost::json::serialize(to_json(*found)) << '\n';
        return found->good() ? kDone : kNo;
    }
    print_sums(*found, output);
    print_mistakes(*found, output);
    if (!found->good()) return kNo;
    output.out << painted(output.style, Colour::green, "Nothing is wrong")
               << (options.file.empty() ? ": journal and tables agree.\n"
                                        : " in the journal. (Its tables are not in an export.)\n");
    return kDone;
}

}  // namespace purse::server::cli
