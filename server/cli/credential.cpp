// SPDX-License-Identifier: Apache-2.0
#include "server/cli/credential.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "policy/credential.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "server/note.hpp"

namespace purse::server::cli {

namespace {
constexpr std::string_view kListThem = "\n`purse credential list` shows all";

/// Why nothing can be done about this id; nothing: it is one. Never repeats a secret.
std::optional<std::string> trouble_with(std::string_view id)
{
    if (policy::parse_handle(id))
        return "this is the secret itself; name the credential by its id (cred_...)" +
               std::string{kListThem};
    return std::nullopt;
}

int complain_unknown(Output& output, std::string_view id)
{
    return complain(output, kNo,
                    "there is no credential \"" + printable(id) + "\"" + std::string{kListThem});
}

/// Puts the policy file in force first; false: said why not.
std::optional<int> adopt(App& app, Output& output)
{
    if (!has_ledger(app.settings()) && app.settings().policy_file.empty())
        return complain(output, kNo,
                        "there is no policy, so there are no agents\nwrite one and put it in force "
                        "with `purse policy apply FILE`, or give it with --policy FILE");
    if (const auto version = app.adopt_policy(); !version)
        return complain(output, kWrong, version.error());
    return std::nullopt;
}

std::string ends(const CredentialRow& row, Instant now)
{
    if (row.expires_at == Instant::never()) return "does not expire";
    return "expires " + relative(row.expires_at, now) + " (" + to_words(row.expires_at) + ")";
}

void print_secret(Output& output, const policy::IssuedCredential& issued, Instant now)
{
    output.out << issued.secret << '\n';
    hint(output, "credential " + issued.row.id + " for agent " + issued.row.agent + " " +
                     ends(issued.row, now) +
                     "\nthe line on standard output is the secret: it is shown only now"
                     "\ngive it to the agent's server as PURSE_CREDENTIAL, or in a file as "
                     "PURSE_CREDENTIAL_FILE");
}
}  // namespace

int issue_credential(App& app, const CredentialIssueOptions& options, Output& output)
{
    if (const auto trouble = note_trouble(options.note)) return complain(output, kWrong, *trouble);
    if (const auto code = adopt(app, output)) return *code;
    return change(app, output, [&](Books& books, Output& later) -> int {
        if (const auto trouble = why_no_agent(books, options.agent))
            return complain(later, kNo, *trouble);
        const auto expires_at = options.expires ? books.now() + *options.expires : Instant::never();
        const auto issued = policy::issue({.agent = options.agent,
                                           .now = books.now(),
                                           .expires_at = expires_at,
                                           .note = options.note},
                                          app.entropy());
        books.issue_credential(issued.row);
        print_secret(later, issued, books.now());
        return kDone;
    });
}

int list_credentials(App& app, const CredentialListOptions& options, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    return look(app, output, [&](Books& books, Output& later) -> int {
        auto rows = books.rows().credentials();
        if (!options.agent.empty())
            std::erase_if(rows,
                          [&](const CredentialRow& row) { return row.agent != options.agent; });
        if (options.form == Form::json) {
            boost::json::array all;
            for (const auto& row : rows) all.push_back(credential_json(row, books.now()));
            later.out << boost::json::serialize(all) << '\n';
        } else if (rows.empty()) {
            const auto agent =
                options.agent.empty() ? "" : "agent " + printable(options.agent) + " has ";
            later.out << (agent.empty() ? "There are " : agent)
                      << "no credentials; `purse credential issue AGENT` makes one.\n";
        } else {
            print_credentials(later, rows, books.now());
        }
        return kDone;
    });
}

int revoke_credential(App& app, const std::string& id, Output& output)
{
    if (const auto trouble = trouble_with(id)) return complain(output, kWrong, *trouble);
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    return change(app, output, [&](Books& books, Output& later) -> int {
        const auto row = books.credential(id);
        if (!row) return complain_unknown(later, id);
        if (books.revoke_credential(id))
            later.out << id << " of agent " << row->agent
                      << " is revoked, also in live sessions.\n";
        else
            later.out << id << " of agent " << row->agent << " was revoked already, at "
                      << to_words(row->revoked_at) << ".\n";
        return kDone;
    });
}

int expire_credential(App& app, const CredentialExpireOptions& options, Output& output)
{
    if (const auto trouble = trouble_with(options.id)) return complain(output, kWrong, *trouble);
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    return change(app, output, [&](Books& books, Output& later) -> int {
        const auto row = books.credential(options.id);
        if (!row) return complain_unknown(later, options.id);
        const auto at = books.now() + options.in;
        if (!books.expire_credential(options.id, at))
            return complain(later, kNo,
                            options.id + " was revoked at " + to_words(row->revoked_at) +
                                " and stays so; `purse credential issue " + row->agent +
                                "` makes a new one");
        later.out << options.id << " of agent " << row->agent << " expires "
                  << relative(at, books.now()) << ", at " << to_words(at) << ".\n";
        return kDone;
    });
}

int rotate_credential(App& app, const CredentialRotateOptions& options, Output& output)
{
    if (const auto trouble = trouble_with(options.id)) return complain(output, kWrong, *trouble);
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    if (const auto code = adopt(app, output)) return *code;
    return change(app, output, [&](Books& books, Output& later) -> int {
        const auto old = books.credential(options.id);
        if (!old) return complain_unknown(later, options.id);
        if (old->revoked_at != Instant::never())
            return complain(later, kNo,
                            options.id + " is revoked; `purse credential issue " + old->agent +
                                "` makes a new one");
        if (const auto trouble = why_no_agent(books, old->agent))
            return complain(later, kNo, *trouble);
        const auto now = books.now();
        auto expires_at = Instant::never();
        if (options.expires)
            expires_at = now + *options.expires;
        else if (old->expires_at != Instant::never())
            expires_at = now + (old->expires_at - old->issued_at);
        const auto issued = policy::issue(
            {.agent = old->agent, .now = now, .expires_at = expires_at, .note = old->note},
            app.entropy());
        books.issue_credential(issued.row);
        print_secret(later, issued, now);
        // A grace never makes the old one last longer than it would have.
        if (!options.grace) {
            books.revoke_credential(old->id);
            hint(later, old->id + " is revoked, also in live sessions");
        } else if (const auto end = now + *options.grace; end < old->expires_at) {
            books.expire_credential(old->id, end);
            hint(later, old->id + " works until " + to_words(end));
        } else {
            hint(later, old->id + " ends as before, at " + to_words(old->expires_at));
        }
        return kDone;
    });
}

void print_credentials(Output& output, const std::vector<CredentialRow>& rows, Instant now)
{
    Table table{{{"Credential"}, {"Agent"}, {"State"}, {"Issued"}, {"Ends"}, {"Note"}}};
    for (const auto& row : rows) {
        const auto state = credential_state(row, now);
        const bool live = state == "live";
        auto end = row.expires_at == Instant::never() ? std::string{"never"}
                                                      : relative(row.expires_at, now);
        if (row.revoked_at != Instant::never()) end = relative(row.revoked_at, now);
        table.row({row.id,
                   row.agent,
                   {std::string{state}, live ? Colour::green : Colour::red},
                   to_words(row.issued_at),
                   end,
                   printable(row.note)});
    }
    table.print(output.out, output.style);
}

}  // namespace purse::server::cli
