// SPDX-License-Identifier: Apache-2.0
#include "server/cli/operator.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "ledger/operators.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "server/cli/user.hpp"
#include "server/door/origin.hpp"
#include "server/operator/address.hpp"

namespace purse::server::cli {

namespace {
constexpr std::string_view kHowToServe =
    "\nstart one with `purse serve --http 127.0.0.1:8377`, or give its address with --url or "
    "PURSE_OPERATOR_URL";

/// The base to put before the path; an error's text when there is none.
std::expected<std::string, std::string> base_of(const App& app, const OperatorLoginOptions& options)
{
    if (!options.url.empty()) {
        auto origin = origin_of_url(options.url);
        if (!origin)
            return std::unexpected{"--url \"" + printable(options.url) +
                                   "\" is not a URL such as http://127.0.0.1:8377"};
        return *origin;
    }
    if (!app.settings().operator_url.empty() && !operator_url(app.settings()))
        return std::unexpected{"PURSE_OPERATOR_URL is not a URL such as http://127.0.0.1:8377"};
    if (auto known = operator_url(app.settings())) return *std::move(known);
    return std::unexpected{"no server with an operator page runs on " +
                           app.settings().state_folder + std::string{kHowToServe}};
}

boost::json::object to_json(const OperatorKeyRow& row)
{
    return {{"id", row.id},
            {"signedInAt", to_rfc3339(row.issued_at)},
            {"seenAt", to_rfc3339(row.seen_at)},
            {"expiresAt", to_rfc3339(row.expires_at)},
            {"note", row.note}};
}
}  // namespace

int login_operator(App& app, const OperatorLoginOptions& options, Output& output)
{
    const auto base = base_of(app, options);
    if (!base) return complain(output, options.url.empty() ? kNo : kWrong, base.error());
    const auto made = make_operator_secret(app.entropy());
    return change(app, output, [&](Books& books, Output& later) -> int {
        const auto row = Operators{books}.issue_link(made.hash, user_name(), app.entropy());
        later.out << operator_page_url(*base) << "#login=" << made.secret << '\n';
        hint(later, "open the link on standard output within 10 minutes: it signs in once, as " +
                        row.id + "\nwhoever opens it first is the operator");
        return kDone;
    });
}

int list_operator_sessions(App& app, const OperatorSessionsOptions& options, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    return look(app, output, [&](Books& books, Output& later) -> int {
        const auto rows = Operators{books}.sessions();
        if (options.form == Form::json) {
            boost::json::array all;
            for (const auto& row : rows) all.push_back(to_json(row));
            later.out << boost::json::serialize(all) << '\n';
        } else if (rows.empty()) {
            later.out << "Nobody is signed in; `purse operator login` makes a link.\n";
        } else {
            Table table{{{"Session"}, {"Of"}, {"Signed in"}, {"Last seen"}, {"Ends"}}};
            for (const auto& row : rows)
                table.row({row.id, printable(row.note), relative(row.issued_at, books.now()),
                           relative(row.seen_at, books.now()),
                           relative(row.expires_at, books.now())});
            table.print(later.out, later.style);
        }
        return kDone;
    });
}

int logout_operator(App& app, const OperatorLogoutOptions& options, Output& output)
{
    if (options.id.empty() != options.all)
        return complain(output, kWrong,
                        "name one session (op_...) or say --all\n`purse operator sessions` shows "
                        "them");
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    return change(app, output, [&](Books& books, Output& later) -> int {
        Operators operators{books};
        std::int64_t ended = 0;
        for (const auto& row : operators.sessions())
            if (options.all || row.id == options.id)
                ended += operators.sign_out(row.id, user_account()) ? 1 : 0;
        if (ended == 0 && !options.all)
            return complain(later, kNo,
                            "no session \"" + printable(options.id) +
                                "\" stands\n`purse operator sessions` shows those that do");
        later.out << counted(ended, "session", "sessions") << " ended.\n";
        return kDone;
    });
}

}  // namespace purse::server::cli
