// SPDX-License-Identifier: Apache-2.0
#include "server/cli/policy_replay.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "server/cli/moment.hpp"
#include "server/cli/policy.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "server/replay/limits.hpp"
#include "server/replay/replay.hpp"

namespace purse::server::cli {

namespace {
using replay::Change;
using replay::Report;

// Differences shown to a person.
constexpr std::size_t kShown = 20;

struct ChangeWords {
    Change change;
    std::string_view label;  ///< in tables
    std::string_view name;   ///< in JSON
    Colour colour;
};
constexpr std::array<ChangeWords, replay::kChanges> kWords{{
    {Change::refused, "newly refused", "newlyRefused", Colour::red},
    {Change::allowed, "newly allowed", "newlyAllowed", Colour::green},
    {Change::asked, "newly asked", "newlyAsked", Colour::yellow},
    {Change::not_asked, "no longer asked", "noLongerAsked", Colour::yellow},
    {Change::settle_refused, "settle refused", "settlesNewlyRefused", Colour::red},
    {Change::settle_allowed, "settle allowed", "settlesNewlyAllowed", Colour::green},
}};

const ChangeWords& words_of(Change change)
{
    return kWords.at(static_cast<std::size_t>(change));
}

bool fails(const Report& report, FailOn fail_on)
{
    const auto any = [&](auto... changes) { return (... || (report[changes].count > 0)); };
    switch (fail_on) {
        case FailOn::changed: return report.has_changes();
        case FailOn::refused: return any(Change::refused, Change::settle_refused);
        case FailOn::allowed:
            return any(Change::allowed, Change::not_asked, Change::settle_allowed);
        case FailOn::never: break;
    }
    return false;
}

// ---- for people ----

std::string money_of(const replay::Sum& sum)
{
    return usdc(sum.micro) + " USDC";
}

void print_headline(const Report& report, const PolicyReplayOptions& options, Output& output)
{
    auto& out = output.out;
    const auto whose = options.agent.empty() ? "" : " of agent " + printable(options.agent);
    if (report.requests.count == 0) {
        out << "There are no requests" << whose << " in that time.\n";
        return;
    }
    out << "Of " << counted(report.requests.count, "request", "requests") << whose << " from "
        << to_words(report.first) << " to " << to_words(report.last) << ": "
        << report.as_before.count << " as before, ";
    const auto part = [&](Change change, std::string_view words) {
        const auto& sum = report[change];
        out << painted(output.style, sum.count > 0 ? words_of(change).colour : Colour::none,
                       std::to_string(sum.count) + " " + std::string{words})
            << (sum.count > 0 ? " (" + money_of(sum) + ")" : "");
    };
    part(Change::refused, "newly refused");
    out << ", ";
    part(Change::allowed, "newly allowed");
    out << ", ";
    part(Change::asked, "would ask a person");
    if (report[Change::not_asked].count > 0) {
        out << ", ";
        part(Change::not_asked, "would no longer ask");
    }
    out << ".\n";
}

void print_rows(const Report& report, Output& output)
{
    if (report.rows.empty()) return;
    Table table{{{"Change"},
                 {"Agent"},
                 {"Reason"},
                 {"Rule"},
                 {"Count", Align::right},
                 {"USDC", Align::right}}};
    for (const auto& [key, sum] : report.rows) {
        const auto& words = words_of(key.change);
        table.row({{std::string{words.label}, words.colour},
                   printable(key.agent),
                   key.reason,
                   printable(key.rule),
                   std::to_string(sum.count),
                   usdc(sum.micro)});
    }
    output.out << '\n';
    table.print(output.out, output.style);
}

std::string words_of(const std::vector<replay::Why>& whys)
{
    if (whys.empty()) return {};
    const auto& first = whys.front();
    auto text =
        first.detail.empty() ? first.reason + " " + first.rule : first.rule + ": " + first.detail;
    if (whys.size() > 1) text += " (and " + std::to_string(whys.size() - 1) + " more)";
    return printable(text);
}

void print_differences(const Report& report, Output& output)
{
    if (report.differences.empty()) return;
    Table table{{{"When"},
                 {"Change"},
                 {"Agent"},
                 {"USDC", Align::right},
                 {"For"},
                 {"txId or entry"},
                 {"Why"}}};
    std::size_t left = kShown;
    for (const auto& found : report.differences) {
        if (left-- == 0) break;
        const auto& words = words_of(found.change);
        table.row({to_words(found.at),
                   {std::string{words.label}, words.colour},
                   printable(found.agent),
                   found.amount.to_string(),
                   printable(found.service.empty() ? found.payee : found.service),
                   found.tx_id.empty() ? "entry " + std::to_string(found.seq) : found.tx_id,
                   words_of(found.whys)});
    }
    output.out << '\n';
    table.print(output.out, output.style);
    const auto count =
        static_cast<std::int64_t>(report.differences.size()) + report.differences_left_out;
    if (count > static_cast<std::int64_t>(kShown))
        output.out << "... and " << count - static_cast<std::int64_t>(kShown)
                   << " more; --json has them\n";
}

void print_notes(const Report& report, Output& output)
{
    std::string notes;
    if (report.undecided.count > 0)
        notes += counted(report.undecided.count, "request was", "requests were") +
                 " still waiting for a person at the end, and not compared (" +
                 money_of(report.undecided) + ").\n";
    if (report.paid_of_refused.count > 0)
        notes += "Of what is newly refused, " + money_of(report.paid_of_refused) +
                 " was paid in the past.\n";
    if (report.assumed_paid.count > 0)
        notes += "What was refused and is allowed now counts as paid at once, " +
                 money_of(report.assumed_paid) + ": how it would have ended is not on record.\n";
    if (report.policies.size() > 1)
        notes += "The requests were decided under policy versions " +
                 std::to_string(*report.policies.begin()) + " to " +
                 std::to_string(*report.policies.rbegin()) +
                 "; a service that was paid by its address is asked for by the name it had.\n";
    if (!notes.empty()) output.out << '\n' << notes;
}

// ---- for machines ----

boost::json::object to_json(const replay::Sum& sum)
{
    return {{"count", sum.count}, {"amount", Money::from_micro(sum.micro).to_string()}};
}

boost::json::object to_json(const replay::Difference& found)
{
    boost::json::array reasons;
    for (const auto& why : found.whys)
        reasons.push_back(boost::json::object{
            {"reason", why.reason}, {"rule", why.rule}, {"message", why.detail}});
    boost::json::object json{{"change", wire_name(found.change)},
                             {"at", to_rfc3339(found.at)},
                             {"entry", found.seq},
                             {"agent", found.agent},
                             {"payee", found.payee},
                             {"amount", found.amount.to_string()},
                             {"reasons", std::move(reasons)}};
    if (!found.tx_id.empty()) json["txId"] = found.tx_id;
    if (!found.service.empty()) json["service"] = found.service;
    return json;
}

boost::json::object to_json(const Report& report)
{
    boost::json::object json{{"currency", "USDC"},
                             {"entries", report.entries},
                             {"requests", to_json(report.requests)},
                             {"asBefore", to_json(report.as_before)}};
    if (report.requests.count > 0) {
        json["first"] = to_rfc3339(report.first);
        json["last"] = to_rfc3339(report.last);
    }
    for (const auto& words : kWords) json[words.name] = to_json(report[words.change]);
    json["undecided"] = to_json(report.undecided);
    json["paidOfNewlyRefused"] = to_json(report.paid_of_refused);
    json["assumedPaid"] = to_json(report.assumed_paid);
    boost::json::array policies;
    for (const auto version : report.policies) policies.push_back(version);
    json["policies"] = std::move(policies);
    boost::json::array rows;
    for (const auto& [key, sum] : report.rows) {
        auto row = to_json(sum);
        row["change"] = wire_name(key.change);
        row["agent"] = key.agent;
        row["reason"] = key.reason;
        row["rule"] = key.rule;
        rows.push_back(std::move(row));
    }
    json["rules"] = std::move(rows);
    boost::json::array differences;
    for (const auto& found : report.differences) differences.push_back(to_json(found));
    json["differences"] = std::move(differences);
    json["differencesLeftOut"] = report.differences_left_out;
    return json;
}

/// How fast it went, for who waits for it.
void tell_rate(std::int64_t entries, Span took, Output& output)
{
    const auto ms = std::max<std::int64_t>(1, took.us / 1'000);
    hint(output, counted(entries, "entry", "entries") + " in " + std::to_string(ms) + " ms, " +
                     std::to_string(entries * 1'000 / ms) + " a second");
}
}  // namespace

std::expected<Stretch, std::string> stretch_of(const std::string& from, const std::string& to,
                                               Instant now)
{
    Stretch stretch;
    const auto read = [&](const std::string& text, Instant& into, std::string_view flag) {
        if (text.empty()) return std::string{};
        const auto at = parse_moment(text, now);
        if (at) into = *at;
        return at ? std::string{} : std::string{flag} + ": " + check_moment(text);
    };
    auto wrong = read(from, stretch.from, "--from");
    if (wrong.empty()) wrong = read(to, stretch.to, "--to");
    if (wrong.empty() && stretch.from >= stretch.to)
        wrong = "--from must be before --to; there is nothing between them";
    if (!wrong.empty()) return std::unexpected{wrong};
    return stretch;
}

void read_journal(App& app, const std::function<bool(const std::vector<JournalRow>&)>& feed,
                  std::int64_t from)
{
    std::int64_t last = 0;
    app.look([&](Books& books) { last = books.meta().seq; });
    for (auto next = from; next <= last;) {
        std::vector<JournalRow> rows;
        const auto count =
            std::min(static_cast<std::int64_t>(replay::kEntriesPerLook), last - next + 1);
        app.look([&](Books& books) {
            rows = books.rows().journal(next, static_cast<std::size_t>(count));
        });
        if (rows.empty() || !feed(rows)) return;
        next = rows.back().seq + 1;
    }
}

int replay_policy(App& app, const PolicyReplayOptions& options, Output& output)
{
    auto candidate = read_policy(options.file, output);
    if (!candidate) return candidate.error();
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    const auto stretch = stretch_of(options.from, options.to, app.now());
    if (!stretch) return complain(output, kWrong, stretch.error());
    const auto began = app.clock().boot();
    const auto scratch = App::scratch();
    replay::Replay replay{
        *scratch,
        app.entropy(),
        candidate->document,
        {.from = stretch->from, .to = stretch->to, .agent = options.agent, .charged = {}}};
    read_journal(app, [&](const std::vector<JournalRow>& rows) { return replay.feed(rows); });
    const auto report = replay.finish();
    if (options.form == Form::json) {
        output.out << boost::json::serialize(to_json(report)) << '\n';
    } else {
        print_headline(report, options, output);
        print_rows(report, output);
        print_differences(report, output);
        print_notes(report, output);
    }
    tell_rate(report.entries, {app.clock().boot().us - began.us}, output);
    return fails(report, options.fail_on) ? kNo : kDone;
}

}  // namespace purse::server::cli
