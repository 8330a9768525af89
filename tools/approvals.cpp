// SPDX-License-Identifier: Apache-2.0
#include "tools/approvals.hpp"

#include <algorithm>
#include <utility>

#include "policy/decision.hpp"
#include "tools/hold_story.hpp"
#include "tools/refusal.hpp"

namespace purse::tools {

namespace {
/// What a question in the chat has led to.
struct FollowUp {
    std::vector<Refusal> refusals;  ///< why the answer does not count
    std::optional<AskedHold> asked;
    HoldAnswer hold;
};

/// What the rules of this moment have against a payment that was let wait under earlier ones.
std::vector<Refusal> objections(Books& books, const policy::Document& document, const Hold& hold)
{
    const auto freezes = books.rows().freezes();
    const auto credential = books.credential(hold.who.credential);
    return policy::decide(
               document, {.freezes = freezes, .credential = credential ? &*credential : nullptr},
               {.agent = hold.who.agent, .what = hold.what, .ttl = {}, .now = books.now()})
        .refusals;
}

RulingAnswer as_it_stands(Approvals& approvals, const Ruling& ruling, Ruled ruled)
{
    return {.ruled = ruled, .refusals = {}, .asked = approvals.find(ruling.id)};
}

Refusal only_elsewhere()
{
    return {.reason = Reason::approval_pending,
            .rule = "approval",
            .detail =
                "This payment is too large to be approved in the chat; a person approves it "
                "on the operator page.",
            .allowed = {},
            .retry_at = {}};
}

void rule(Books& books, const Standing& standing, Answered answered, FollowUp& up)
{
    const Ruling ruling{.id = up.asked->hold.id,
                        .by = standing.who.client.empty() ? "a client" : standing.who.client,
                        .channel = Channel::chat,
                        .note = {}};
    RulingAnswer answer;
    switch (answered) {
        case Answered::nothing: return;
        case Answered::approve:
            // What the client sends is not asked whether it may: the stored terms are.
            if (!up.asked->approval.in_chat) {
                up.refusals.push_back(only_elsewhere());
                return;
            }
            answer = approve(books, *standing.document, ruling);
            break;
        case Answered::deny: answer = deny(books, ruling); break;
        case Answered::cancel: answer = deny(books, ruling, ApprovalState::cancelled); break;
        case Answered::disconnect: answer = deny(books, ruling, ApprovalState::disconnected); break;
    }
    up.refusals = std::move(answer.refusals);
    up.asked = std::move(answer.asked);
}

FollowUp follow(Books& books, const Standing& standing, TxId id, Answered answered)
{
    Approvals approvals{books};
    FollowUp up{.refusals = policy::who_refusals(*standing.document, standing.facts(),
                                                 {.agent = standing.who.agent, .now = books.now()}),
                .asked = approvals.find(id),
                .hold = {}};
    if (up.asked && up.asked->hold.who.agent != standing.who.agent) up.asked.reset();
    // A no counts whoever says it: it can only give money back.
    const bool may_answer = up.refusals.empty() || answered != Answered::approve;
    if (up.asked && may_answer) rule(books, standing, answered, up);
    if (up.asked) {
        up.hold = approvals.answer(*up.asked);
        up.hold.key = approvals.key_of(up.asked->hold);
    }
    return up;
}

Result in_words(const FollowUp& up, const std::string& link)
{
    if (!up.asked) return refused(Reason::hold_unknown, "There is no such payment of this agent.");
    if (!up.refusals.empty())
        return refused(Verdict{.refusals = up.refusals, .subject = "Not approved"});
    return to_result({.agent = up.asked->hold.who.agent,
                      .hold = up.hold,
                      .what = up.asked->hold.what,
                      .notes = {},
                      .is_told = true},
                     link);
}
}  // namespace

RulingAnswer approve(Books& books, const policy::Document& document, const Ruling& ruling)
{
    Approvals approvals{books};
    auto asked = approvals.find(ruling.id);
    if (!asked) return {};
    if (asked->approval.state == ApprovalState::waiting)
        if (auto against = objections(books, document, asked->hold); !against.empty())
            return {
                .ruled = Ruled::done, .refusals = std::move(against), .asked = std::move(asked)};
    return as_it_stands(approvals, ruling, approvals.grant(ruling));
}

RulingAnswer deny(Books& books, const Ruling& ruling, ApprovalState as)
{
    Approvals approvals{books};
    return as_it_stands(approvals, ruling, approvals.deny(ruling, as));
}

void follow_up(Desk& desk, std::string_view id, Answered answered, const Caller& caller,
               Reply reply)
{
    const auto tx_id = TxId::parse(id);
    if (!tx_id) return reply(refused(Reason::hold_unknown, "There is no such payment."));
    desk.run(
        caller, nullptr,
        [tx_id = *tx_id, answered](Books& books, const Standing& standing) {
            return follow(books, standing, tx_id, answered);
        },
        [&desk, tx_id = *tx_id](const FollowUp& up) { return in_words(up, desk.link(tx_id)); },
        std::move(reply));
}

void look_for_decisions(Desk& desk, std::vector<std::string> ids, Toolbox::Decided decided)
{
    desk.look(
        [ids = std::move(ids)](Books& books) {
            std::vector<bool> found;
            for (const auto& id : ids) {
                const auto tx_id = TxId::parse(id);
                const auto row = tx_id ? books.rows().hold(tx_id->seq) : std::nullopt;
                found.push_back(!row || row->hold.state != HoldState::awaiting ||
                                row->hold.expires_at <= books.now());
            }
            return found;
        },
        [decided = std::move(decided)](std::optional<std::vector<bool>> found) mutable {
            decided(std::move(found).value_or(std::vector<bool>{}));
        });
}

}  // namespace purse::tools
