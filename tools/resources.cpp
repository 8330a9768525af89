// SPDX-License-Identifier: Apache-2.0
#include "tools/resources.hpp"

#include <boost/json/parse.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "policy/decision.hpp"
#include "tools/budget_status.hpp"
#include "tools/refusal.hpp"

namespace purse::tools {

namespace {
constexpr std::string_view kBudgetUri = "purse://budget";
constexpr std::string_view kJournalPrefix = "purse://journal/";

/// A hold with the journal entry that took it.
struct Story {
    Hold hold;
    JournalRow entry;
};

/// What is found: a story or nothing; or why the caller may not look.
struct Answer {
    std::vector<Refusal> refusals;
    std::optional<Story> story;
};

std::optional<Story> find_story(Books& books, const Standing& standing, TxId id)
{
    const auto row = books.rows().hold(id.seq);
    // One of somebody else is answered like one that never was.
    if (!row || row->hold.id != id || row->hold.who.agent != standing.who.agent)
        return std::nullopt;
    auto entries = books.rows().journal(id.seq, 1);
    if (entries.empty() || entries.front().seq != id.seq) return std::nullopt;
    return Story{row->hold, std::move(entries.front())};
}

Answer look(Books& books, const Standing& standing, TxId id)
{
    auto refusals = policy::who_refusals(*standing.document, standing.facts(),
                                         {.agent = standing.who.agent, .now = books.now()});
    if (!refusals.empty()) return {.refusals = std::move(refusals), .story = {}};
    return {.refusals = {}, .story = find_story(books, standing, id)};
}

Result in_words(const Answer& answer)
{
    if (!answer.refusals.empty())
        return refused(Verdict{.refusals = answer.refusals, .subject = "Not read"});
    const auto& story = answer.story;
    if (!story) return refused(Reason::hold_unknown, "There is no such txId of this agent.");
    const auto& hold = story->hold;
    Result result;
    auto& json = result.structured;
    json["txId"] = hold.id.to_string();
    json["state"] = wire_name(hold.state);
    json["amount"] = hold.what.amount.to_string();
    if (hold.state == HoldState::settled) json["captured"] = hold.captured.to_string();
    json["currency"] = "USDC";
    if (!hold.what.service.empty()) json["service"] = hold.what.service;
    json["payee"] = hold.what.payee;
    if (!hold.what.task.empty()) json["taskId"] = hold.what.task;
    if (!hold.what.workflow.empty()) json["workflowId"] = hold.what.workflow;
    json["takenAt"] = to_rfc3339(hold.taken_at);
    json["expiresAt"] = to_rfc3339(hold.expires_at);
    if (has_ended(hold.state)) json["endedAt"] = to_rfc3339(hold.ended_at);
    if (hold.late) json["late"] = true;
    json["entry"] = {{"seq", story->entry.seq},
                     {"at", to_rfc3339(story->entry.at)},
                     {"hash", to_hex(as_bytes(story->entry.hash))},
                     {"body", boost::json::parse(story->entry.body)}};
    return result;
}
}  // namespace

const std::array<Resource, 1> kResources{
    {{.uri = kBudgetUri,
      .name = "budget",
      .title = "What is left to spend",
      .description = "Every cap of this agent with its limit, what is spent, held and available, "
                     "and the open holds, as of the moment of reading.",
      .mime_type = "application/json"}}};

const std::array<ResourceTemplate, 1> kResourceTemplates{
    {{.uri_template = "purse://journal/{txId}",
      .name = "journal-entry",
      .title = "One payment's record",
      .description = "One hold of this agent: what it was for, how it ended, and the journal entry "
                     "that recorded the decision, with its hash.",
      .mime_type = "application/json"}}};

void read_resource(Desk& desk, std::string_view uri, const Caller& caller, CancelFlag cancelled,
                   Reply reply)
{
    if (uri == kBudgetUri)
        return budget_status(desk, nullptr, caller, std::move(cancelled), std::move(reply));
    if (!uri.starts_with(kJournalPrefix))
        return reply(refused(Reason::invalid_argument,
                             "Resource not found: there are purse://budget and "
                             "purse://journal/{txId}."));
    const auto id = TxId::parse(uri.substr(kJournalPrefix.size()));
    if (!id)
        return reply(refused(Reason::invalid_argument,
                             "Resource not found: what follows purse://journal/ is not a txId."));
    desk.run(
        caller, std::move(cancelled),
        [id = *id](Books& books, const Standing& standing) { return look(books, standing, id); },
        in_words, std::move(reply));
}

}  // namespace purse::tools
