// SPDX-License-Identifier: Apache-2.0
// Payments that wait for a person: shown, approved and denied.
#include <utility>

#include "ledger/calendar.hpp"
#include "server/note.hpp"
#include "server/operator/approval_json.hpp"
#include "server/operator/body.hpp"
#include "server/operator/limits.hpp"
#include "server/operator/page.hpp"
#include "tools/approvals.hpp"

namespace purse::server {

namespace {
struct Ruled {
    std::optional<PageError> error;
    boost::json::object approval;  ///< as it stands; empty: unknown
};

PageError refused_now(const std::vector<Refusal>& refusals)
{
    std::string message = "The rules of this moment do not allow it:";
    for (const auto& refusal : refusals) message += " " + refusal.detail;
    return {.status = 409, .code = "refused_now", .message = std::move(message), .field = {}};
}

Ruled outcome_of(const tools::RulingAnswer& answer)
{
    if (answer.ruled == purse::Ruled::unknown || !answer.asked)
        return {.error = PageError{.status = 404,
                                   .code = "not_found",
                                   .message = "Nobody was asked about a payment of this txId",
                                   .field = "txId"},
                .approval = {}};
    Ruled ruled{.error = {}, .approval = approval_json(*answer.asked)};
    if (answer.ruled == purse::Ruled::decided_before)
        ruled.error = PageError{.status = 409,
                                .code = "already_decided",
                                .message = "This was decided before; nothing was changed",
                                .field = {}};
    else if (!answer.refusals.empty())
        ruled.error = refused_now(answer.refusals);
    return ruled;
}

/// The id in "approvals/ID/verb".
std::optional<TxId> id_in(std::string_view path)
{
    path.remove_prefix(path.find('/') + 1);
    return TxId::parse(path.substr(0, path.find('/')));
}

tools::RulingAnswer rule(Books& books, RulesCache& cache, const Ruling& ruling, bool is_yes)
{
    if (!is_yes) return tools::deny(books, ruling);
    const auto rules = cache.in(books);
    if (rules && *rules) return tools::approve(books, *(*rules)->document, ruling);
    auto asked = Approvals{books}.find(ruling.id);
    if (!asked) return {};
    return {.ruled = purse::Ruled::done,
            .refusals = {{.reason = Reason::policy_invalid,
                          .rule = "policy",
                          .detail = "There is no policy that can be read.",
                          .allowed = {},
                          .retry_at = {}}},
            .asked = std::move(asked)};
}
}  // namespace

void OperatorPage::approvals(const AskPtr& ask)
{
    const auto query = Query::parse(ask->query, {"state"});
    if (!query) return refuse(*ask, query.error());
    const auto& state = query->text("state");
    if (!state.empty() && state != "waiting" && state != "decided")
        return refuse(*ask, wrong_field("state", "is waiting or decided"));
    const bool is_decided = state == "decided";
    look(
        ask,
        [is_decided](Books& books, const OperatorKeyRow&) {
            Approvals approvals{books};
            return boost::json::object{
                {"asOf", to_rfc3339(books.now())},
                {"approvals", approvals_json(is_decided ? approvals.decided(kListedMax)
                                                        : approvals.waiting(kListedMax))}};
        },
        [this, ask](const boost::json::object& list) { respond(*ask, json_answer(200, list)); });
}

void OperatorPage::approve(const AskPtr& ask)
{
    decide(ask, Verdict::yes);
}

void OperatorPage::deny(const AskPtr& ask)
{
    decide(ask, Verdict::no);
}

void OperatorPage::decide(const AskPtr& ask, Verdict verdict)
{
    const auto body = Body::parse(ask->body, {"note"});
    if (!body) return refuse(*ask, body.error());
    if (const auto trouble = note_trouble(body->text("note")))
        return refuse(*ask, wrong_field("note", "cannot be kept: " + *trouble));
    const auto id = id_in(ask->path);
    if (!id) return refuse(*ask, *outcome_of({}).error);
    look(
        ask,
        [rules = rules_, verdict, id = *id, note = body->text("note")](
            Books& books, const OperatorKeyRow& session) {
            const Ruling ruling{
                .id = id, .by = "operator/" + session.id, .channel = Channel::page, .note = note};
            return outcome_of(rule(books, *rules, ruling, verdict == Verdict::yes));
        },
        [this, ask](const Ruled& ruled) {
            feed_.wake();
            if (!ruled.error)
                return respond(*ask, json_answer(200, {{"approval", ruled.approval}}));
            if (ruled.approval.empty()) return refuse(*ask, *ruled.error);
            boost::json::object error{{"code", ruled.error->code},
                                      {"message", ruled.error->message}};
            respond(*ask, json_answer(ruled.error->status,
                                      {{"error", std::move(error)}, {"approval", ruled.approval}}));
        });
}

}  // namespace purse::server
