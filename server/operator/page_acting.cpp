// SPDX-License-Identifier: Apache-2.0
// What the page does: freezes and credentials. Each change is journaled with whose session made it.
#include <algorithm>
#include <utility>

#include "ledger/calendar.hpp"
#include "policy/credential.hpp"
#include "server/credential_view.hpp"
#include "server/note.hpp"
#include "server/operator/body.hpp"
#include "server/operator/limits.hpp"
#include "server/operator/overview.hpp"
#include "server/operator/page.hpp"

namespace purse::server {

namespace {
constexpr std::string_view kAll = "all";
constexpr std::string_view kAgentPrefix = "agent/";
constexpr std::string_view kBudgetPrefix = "budget/";

/// A change's answer, or why there was none.
using Done = std::expected<boost::json::object, PageError>;

std::string who(const OperatorKeyRow& session)
{
    return "operator/" + session.id;
}

/// Why nothing of that name can be frozen; nothing: it can.
std::optional<PageError> unknown_target(RulesCache& cache, Books& books, const std::string& target)
{
    if (target == kAll) return std::nullopt;
    if (!target.starts_with(kAgentPrefix) && !target.starts_with(kBudgetPrefix))
        return wrong_field("target", "is all, agent/NAME or budget/NAME");
    const auto rules = cache.in(books);
    // A policy that cannot be read lets nobody spend; freezing more does no harm.
    if (!rules) return std::nullopt;
    if (*rules == nullptr)
        return wrong_field("target", "is unknown: there is no policy yet; all can be frozen");
    const auto& document = *(*rules)->document;
    if (document.budget(target) != nullptr) return std::nullopt;
    const auto name = target.substr(target.find('/') + 1);
    return wrong_field("target",
                       "is not in the policy in force" + (target.starts_with(kAgentPrefix)
                                                              ? known_agents(document, name)
                                                              : known_budgets(document, name)));
}

bool is_frozen(Books& books, std::string_view target)
{
    return std::ranges::any_of(books.rows().freezes(),
                               [&](const FreezeRow& row) { return row.target == target; });
}

boost::json::object frozen_json(RulesCache& cache, Books& books)
{
    const auto rules = cache.in(books);
    return {{"frozen", freezes_json(books.rows().freezes(), rules ? rules->get() : nullptr)}};
}

/// The id in ".../ID/revoke".
std::string id_in(std::string_view path)
{
    path.remove_prefix(path.find('/') + 1);
    return std::string{path.substr(0, path.find('/'))};
}
}  // namespace

void OperatorPage::freeze(const AskPtr& ask)
{
    auto body = Body::parse(ask->body, {"target", "note"});
    if (!body) return refuse(*ask, body.error());
    if (body->text("target").empty()) return refuse(*ask, wrong_field("target", "is required"));
    if (const auto trouble = note_trouble(body->text("note")))
        return refuse(*ask, wrong_field("note", "cannot be kept: " + *trouble));
    look(
        ask,
        [rules = rules_, target = body->text("target"), note = body->text("note")](
            Books& books, const OperatorKeyRow& session) -> Done {
            if (auto trouble = unknown_target(*rules, books, target))
                return std::unexpected{std::move(*trouble)};
            // Frozen already: it stays as it is, with the note it has.
            if (!is_frozen(books, target)) books.freeze(target, note, who(session));
            return frozen_json(*rules, books);
        },
        [this, ask](const Done& done) { finish_change(ask, done); });
}

void OperatorPage::unfreeze(const AskPtr& ask)
{
    auto body = Body::parse(ask->body, {"target"});
    if (!body) return refuse(*ask, body.error());
    if (body->text("target").empty()) return refuse(*ask, wrong_field("target", "is required"));
    look(
        ask,
        [rules = rules_, target = body->text("target")](Books& books,
                                                        const OperatorKeyRow& session) -> Done {
            // First the freeze, then the name: what left the policy can still be unfrozen.
            if (!books.unfreeze(target, who(session)))
                if (auto trouble = unknown_target(*rules, books, target))
                    return std::unexpected{std::move(*trouble)};
            return frozen_json(*rules, books);
        },
        [this, ask](const Done& done) { finish_change(ask, done); });
}

void OperatorPage::issue(const AskPtr& ask)
{
    auto body = Body::parse(ask->body, {"agent", "note", "expiresIn"});
    if (!body) return refuse(*ask, body.error());
    if (body->text("agent").empty()) return refuse(*ask, wrong_field("agent", "is required"));
    if (const auto trouble = note_trouble(body->text("note")))
        return refuse(*ask, wrong_field("note", "cannot be kept: " + *trouble));
    std::optional<Span> life;
    if (const auto& text = body->text("expiresIn"); !text.empty()) {
        life = parse_span(text);
        if (!life) return refuse(*ask, wrong_field("expiresIn", "is a span such as 12h or 30d"));
    }
    look(
        ask,
        [this, life, agent = body->text("agent"), note = body->text("note")](
            Books& books, const OperatorKeyRow& session) -> Done {
            if (const auto trouble = why_no_agent(books, agent))
                return std::unexpected{wrong_field("agent", "may have no credential: " + *trouble)};
            const auto issued =
                policy::issue({.agent = agent,
                               .now = books.now(),
                               .expires_at = life ? books.now() + *life : Instant::never(),
                               .note = note},
                              ports_.entropy);
            books.issue_credential(issued.row, who(session));
            boost::json::object json{
                {"id", issued.row.id}, {"agent", agent}, {"secret", issued.secret}};
            if (life) json["expiresAt"] = to_rfc3339(issued.row.expires_at);
            return json;
        },
        [this, ask](const Done& done) { finish_change(ask, done); });
}

void OperatorPage::revoke(const AskPtr& ask)
{
    const auto body = Body::parse(ask->body, {});
    if (!body) return refuse(*ask, body.error());
    look(
        ask,
        [id = id_in(ask->path)](Books& books, const OperatorKeyRow& session) -> Done {
            if (!books.credential(id))
                return std::unexpected{PageError{.status = 404,
                                                 .code = "not_found",
                                                 .message = "There is no credential of this id",
                                                 .field = "id"}};
            // Revoked before: it stays so.
            books.revoke_credential(id, who(session));
            auto json = credential_json(*books.credential(id), books.now());
            return boost::json::object{{"credential", std::move(json)}};
        },
        [this, ask](const Done& done) { finish_change(ask, done); });
}

void OperatorPage::finish_change(const AskPtr& ask,
                                 const std::expected<boost::json::object, PageError>& done)
{
    if (!done) return refuse(*ask, done.error());
    respond(*ask, json_answer(200, *done));
    feed_.wake();
}

}  // namespace purse::server
