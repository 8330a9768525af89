// SPDX-License-Identifier: Apache-2.0
#include "server/cli/approvals.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "server/note.hpp"
#include "server/operator/approval_json.hpp"
#include "tools/approvals.hpp"

namespace purse::server::cli {

namespace {
// As many as can wait for one agent; of those decided, what fits on some screens.
constexpr std::size_t kWaitingShown = 1000;
constexpr std::size_t kDecidedShown = 50;

std::string whom(const Hold& hold)
{
    return printable(hold.what.service.empty() ? hold.what.payee : hold.what.service);
}

std::string why(const Approval& approval)
{
    std::string text;
    for (const auto& wish : approval.wishes)
        text += (text.empty() ? "" : ", ") + std::string{wire_name(wish.cause)};
    return text;
}

std::string how_it_stands(const Approval& approval, Instant now)
{
    if (approval.state == ApprovalState::waiting)
        return "waits, refused " + relative(approval.until, now);
    auto text = std::string{wire_name(approval.state)} + " " + relative(approval.decided_at, now);
    if (!approval.by.empty()) text += " by " + printable(approval.by);
    return text;
}

void print_all(const std::vector<AskedHold>& asked, Instant now, Output& output)
{
    Table table{{{"Payment"},
                 {"Agent"},
                 {"USDC", Align::right},
                 {"For"},
                 {"Asked because"},
                 {"State"},
                 {"The agent says"}}};
    for (const auto& [hold, approval] : asked)
        table.row({hold.id.to_string(), printable(hold.who.agent), hold.what.amount.to_string(),
                   whom(hold), why(approval), how_it_stands(approval, now),
                   printable(hold.what.purpose)});
    table.print(output.out, output.style);
}

int complain_unknown(Output& output, const std::string& tx_id)
{
    return complain(output, kNo,
                    "nobody was asked about a payment \"" + printable(tx_id) +
                        "\"\n`purse approvals list --all` shows all");
}

int tell(Output& output, const tools::RulingAnswer& answer, const ApprovalRulingOptions& options)
{
    if (!answer.asked) return complain_unknown(output, options.tx_id);
    const auto& [hold, approval] = *answer.asked;
    if (!answer.refusals.empty()) {
        std::string words = "it cannot be approved now, and still waits:";
        for (const auto& refusal : answer.refusals) words += "\n  " + refusal.detail;
        return complain(output, kNo, words);
    }
    const auto amount = hold.what.amount.to_string() + " USDC of " + printable(hold.who.agent) +
                        " to " + whom(hold);
    if (answer.ruled == Ruled::decided_before)
        return complain(output, kNo,
                        "it was decided before: " + amount + " is " +
                            std::string{wire_name(approval.state)} + " since " +
                            to_words(approval.decided_at));
    if (approval.state == ApprovalState::granted)
        output.out << "Approved: " << amount << ", to be used until " << to_words(hold.expires_at)
                   << ".\n";
    else
        output.out << "Denied: " << amount << ". What was held went back to the budgets.\n";
    return kDone;
}

using Rule = tools::RulingAnswer (*)(Books&, const policy::Document&, const Ruling&);

int rule(App& app, const ApprovalRulingOptions& options, Output& output, Rule rule)
{
    if (const auto trouble = note_trouble(options.note)) return complain(output, kWrong, *trouble);
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    const auto id = TxId::parse(options.tx_id);
    if (!id) return complain_unknown(output, options.tx_id);
    return change(app, output, [&](Books& books, Output& later) -> int {
        const auto rules = rules_in(books);
        if (!rules) return complain(later, kNo, rules.error());
        if (!*rules) return complain_unknown(later, options.tx_id);
        return tell(
            later,
            rule(books, *(*rules)->document,
                 {.id = *id, .by = options.by, .channel = Channel::command, .note = options.note}),
            options);
    });
}
}  // namespace

int list_approvals(App& app, const ApprovalListOptions& options, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    return look(app, output, [&](Books& books, Output& later) -> int {
        Approvals approvals{books};
        auto asked = approvals.waiting(kWaitingShown);
        if (options.scope == ApprovalScope::all)
            for (auto& one : approvals.decided(kDecidedShown)) asked.push_back(std::move(one));
        if (options.form == Form::json) {
            boost::json::array all;
            for (const auto& one : asked) all.push_back(approval_json(one));
            later.out << boost::json::serialize(all) << '\n';
        } else if (asked.empty()) {
            later.out << "No payment waits for an approval.\n";
        } else {
            print_all(asked, books.now(), later);
        }
        return kDone;
    });
}

int approve_payment(App& app, const ApprovalRulingOptions& options, Output& output)
{
    return rule(app, options, output, &tools::approve);
}

int deny_payment(App& app, const ApprovalRulingOptions& options, Output& output)
{
    return rule(app, options, output,
                [](Books& books, const policy::Document&, const Ruling& ruling) {
                    return tools::deny(books, ruling);
                });
}

}  // namespace purse::server::cli
