// SPDX-License-Identifier: Apache-2.0
// Signing in and out, and the stream of events.
#include <charconv>
#include <limits>
#include <utility>

#include "ledger/calendar.hpp"
#include "server/operator/body.hpp"
#include "server/operator/limits.hpp"
#include "server/operator/page.hpp"
#include "server/version.hpp"

namespace purse::server {

namespace {
PageError no_link(LinkTrouble trouble)
{
    std::string message =
        "This sign-in link is not known here; make one with "
        "`purse operator login`";
    if (trouble == LinkTrouble::used)
        message = "This sign-in link was used already; make a new one with `purse operator login`";
    if (trouble == LinkTrouble::expired)
        message = "This sign-in link is too old; make a new one with `purse operator login`";
    return {.status = 401, .code = "not_signed_in", .message = std::move(message), .field = {}};
}
}  // namespace

http::Response OperatorPage::session_answer(const OperatorKeyRow& row, std::string_view secret,
                                            std::string headers) const
{
    return json_answer(200,
                       {{"csrf", csrf_token(secret)},
                        {"expiresAt", to_rfc3339(row.expires_at)},
                        {"version", kVersion},
                        {"rail", wire_name(settings_.rail)},
                        {"id", row.id}},
                       std::move(headers));
}

void OperatorPage::login(const AskPtr& ask)
{
    const auto body = Body::parse(ask->body, {"code"});
    if (!body) return refuse(*ask, body.error());
    const auto& code = body->text("code");
    if (code.empty()) return refuse(*ask, wrong_field("code", "is required"));
    if (!is_operator_secret(code)) {
        bad_.count(ask->address);
        return refuse(*ask, no_link(LinkTrouble::unknown));
    }
    if (!admit(ask)) return;
    auto made = make_operator_secret(ports_.entropy);
    clerk_.run([link = operator_secret_hash(code), session = made.hash](
                   Books& books) { return Operators{books}.take_link(link, session); },
               [this, ask, secret = std::move(made.secret)](
                   Heard<std::expected<OperatorKeyRow, LinkTrouble>> taken) {
                   if (!taken) return refuse(*ask, taken.error());
                   if (!*taken) {
                       bad_.count(ask->address);
                       return refuse(*ask, no_link(taken->error()));
                   }
                   remember_good((*taken)->hash);
                   respond(*ask, session_answer(**taken, secret,
                                                set_session_cookie(secret, kOperatorSessionLife,
                                                                   settings_.reached)));
                   feed_.wake();
               });
}

void OperatorPage::logout(const AskPtr& ask)
{
    look(
        ask,
        [](Books& books, const OperatorKeyRow& session) {
            return Operators{books}.sign_out(session.id);
        },
        [this, ask](bool) {
            auto response = json_answer(204, {}, drop_session_cookie(settings_.reached));
            response.content_type = {};
            response.body.clear();
            respond(*ask, std::move(response));
            feed_.wake();
        });
}

void OperatorPage::session(const AskPtr& ask)
{
    look(
        ask, [](Books&, const OperatorKeyRow& session) { return session; },
        [this, ask](const OperatorKeyRow& row) {
            respond(*ask, session_answer(row, *ask->cookie, {}));
        });
}

void OperatorPage::events(const AskPtr& ask)
{
    const auto query = Query::parse(ask->query, {"from"});
    if (!query) return refuse(*ask, query.error());
    constexpr auto kSeqMax = std::numeric_limits<std::int64_t>::max() / 2;
    const auto from = query->number("from", 0, kSeqMax, -1);
    if (!from) return refuse(*ask, from.error());
    std::optional<std::int64_t> after;
    if (*from >= 0) after = *from;
    // What the browser has seen last, when it comes back by itself, is newer.
    if (const auto& last = ask->last_event) {
        std::int64_t seen = 0;
        const auto* const end = last->data() + last->size();
        const auto [stop, error] = std::from_chars(last->data(), end, seen);
        if (error == std::errc{} && stop == end && seen >= 0 && seen <= kSeqMax) after = seen;
    }
    look(
        ask, [](Books&, const OperatorKeyRow&) { return true; },
        [this, ask, after](bool) {
            if (!feed_.has_room())
                return refuse(*ask, {.status = 503,
                                     .code = "too_many_streams",
                                     .message = "Too many pages watch the journal; close some"});
            leave(*ask);
            if (ask->exchange->gone()) return;
            ports_.metrics.count_request(server::Route::operator_page, 200);
            feed_.open(
                ask->exchange,
                {.session = ask->session, .after = after, .headers = std::string{page_headers()}});
        });
}

}  // namespace purse::server
