// SPDX-License-Identifier: Apache-2.0
#include "tools/hold_story.hpp"

#include <boost/json/array.hpp>

#include "ledger/quoted.hpp"
#include "tools/receipt.hpp"
#include "tools/refusal.hpp"

namespace purse::tools {

namespace {
std::string whom(const Purchase& what)
{
    return what.service.empty() ? what.payee : what.service;
}

/// What every answer about a hold that stands says of it.
void describe(const HoldStory& story, boost::json::object& json)
{
    const auto& hold = story.hold;
    json["txId"] = hold.id.to_string();
    json["amount"] = hold.amount.to_string();
    json["currency"] = "USDC";
    if (!story.what.service.empty()) json["service"] = story.what.service;
    json["payee"] = story.what.payee;
    json["at"] = to_rfc3339(hold.at);
    json["warnings"] = warnings_json(hold.near);
    if (!story.notes.empty())
        json["notes"] = boost::json::array(story.notes.begin(), story.notes.end());
    if (hold.replay) json["replayed"] = true;
}

boost::json::object to_json(const Approval& approval, const std::string& link)
{
    boost::json::object json{{"state", wire_name(approval.state)},
                             {"until", to_rfc3339(approval.until)},
                             {"inChat", approval.in_chat}};
    const bool is_waiting = approval.state == ApprovalState::waiting;
    if (is_waiting && !link.empty()) json["url"] = link;
    if (!approval.by.empty()) json["by"] = approval.by;
    if (approval.channel != Channel::none) json["channel"] = wire_name(approval.channel);
    boost::json::array causes;
    for (const auto& wish : approval.wishes)
        causes.push_back(
            {{"cause", wire_name(wish.cause)}, {"rule", wish.rule}, {"message", wish.detail}});
    json["causes"] = std::move(causes);
    return json;
}

Result approved(const HoldStory& story, const std::string& link)
{
    const auto& hold = story.hold;
    const auto most = hold.max_capture.to_string();
    Result result;
    if (hold.approval) result.text = "Approved. ";
    result.text += "Held " + hold.amount.to_string() + " USDC for " + whom(story.what) + " until " +
                   to_words(hold.expires_at) + ". Make the call now, then pay_settle with txId " +
                   hold.id.to_string() + " and the actual cost (at most " + most + ").";
    for (const auto& note : story.notes) result.text += "\nNote: " + note;
    result.text += warnings_text(hold.near);
    auto& json = result.structured;
    json["ok"] = true;
    json["state"] = "held";
    describe(story, json);
    json["expiresAt"] = to_rfc3339(hold.expires_at);
    json["maxCapture"] = most;
    if (hold.approval) json["approval"] = to_json(*hold.approval, link);
    json["message"] = result.text;
    return result;
}

std::string causes_text(const Approval& approval)
{
    std::string text;
    for (const auto& wish : approval.wishes) text += " " + wish.detail;
    return text;
}

/// What the person who decides reads. What the agent wrote is quoted: it is not Purse speaking.
std::string question_of(const HoldStory& story)
{
    const auto& what = story.what;
    const auto& approval = *story.hold.approval;
    auto text = "May " + story.agent + " pay " + story.hold.amount.to_string() + " USDC to " +
                whom(what) + "?";
    if (!what.service.empty()) text += "\nPayee: " + what.payee;
    if (!what.purpose.empty()) text += "\nThe agent says: " + quoted(what.purpose);
    text += "\nAsked because:" + causes_text(approval);
    return text + "\nWithout an answer it is refused at " + to_words(approval.until) + ".";
}

Result awaiting(const HoldStory& story, const std::string& link)
{
    const auto& hold = story.hold;
    const auto& approval = *hold.approval;
    const auto id = hold.id.to_string();
    Result result;
    result.text = "Waiting for a person to approve " + hold.amount.to_string() + " USDC to " +
                  whom(story.what) + "." + causes_text(approval) + " Approve it " +
                  (link.empty() ? "" : "at " + link + " or ") + "with `purse approvals approve " +
                  id + "`, until " + to_words(approval.until) +
                  "; without an answer it is refused. Do not make the paid call yet. Make this "
                  "call again with the same arguments and idempotencyKey " +
                  hold.key + " to learn what was decided.";
    result.text += warnings_text(hold.near);
    auto& json = result.structured;
    json["ok"] = false;
    json["reason"] = wire_name(Reason::approval_pending);
    json["state"] = wire_name(HoldState::awaiting);
    json["retry"] = "same_request";
    describe(story, json);
    json["idempotencyKey"] = hold.key;
    json["approval"] = to_json(approval, link);
    json["message"] = result.text;
    result.question =
        std::make_shared<const Question>(Question{.id = id,
                                                  .message = question_of(story),
                                                  .url = link,
                                                  .in_chat = approval.in_chat,
                                                  .is_asked = hold.replay || story.is_told});
    return result;
}

Result not_approved(const HoldStory& story)
{
    const auto& hold = story.hold;
    auto result = refused(Verdict{.refusals = hold.refusals,
                                  .failing = hold.failing,
                                  .at = hold.at,
                                  .wanted = hold.amount,
                                  .is_replay = hold.replay,
                                  .subject = "Payment of " + hold.amount.to_string() + " USDC to " +
                                             whom(story.what) + " refused"});
    if (!hold.approval) return result;
    result.structured["txId"] = hold.id.to_string();
    result.structured["approval"] = to_json(*hold.approval, {});
    return result;
}
}  // namespace

namespace {
Result words_of(const HoldStory& story, const std::string& link)
{
    switch (story.hold.outcome) {
        case HoldAnswer::Outcome::approved: return approved(story, link);
        case HoldAnswer::Outcome::awaiting: return awaiting(story, link);
        case HoldAnswer::Outcome::refused: return not_approved(story);
        case HoldAnswer::Outcome::conflict:
            return refused(Reason::idempotency_conflict,
                           "This idempotencyKey was used before with other arguments; nothing was "
                           "done. Use a new key for a new payment.");
        case HoldAnswer::Outcome::stale: break;
    }
    return refused(Reason::busy, "The rules changed at this moment; nothing was done.");
}
}  // namespace

Result to_result(const HoldStory& story, const std::string& link)
{
    auto result = words_of(story, link);
    add_receipt(story.receipt, result);
    return result;
}

}  // namespace purse::tools
