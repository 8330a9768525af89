// SPDX-License-Identifier: Apache-2.0
#include "ledger/approvals.hpp"

#include <string_view>

#include "ledger/books.hpp"
#include "ledger/require.hpp"

namespace purse {

namespace {
// Questions of one agent that may wait at once. More would drown the person who is asked; what is
// held for them is bounded by the caps anyway.
constexpr std::int64_t kWaitingMax = 1000;

/// "by op_1 on the operator page"
std::string who(const Approval& approval)
{
    std::string words = approval.by.empty() ? "" : " by " + approval.by;
    switch (approval.channel) {
        case Channel::chat: return words + " in the chat";
        case Channel::page: return words + " on the operator page";
        case Channel::command: return words + " by command";
        case Channel::none: break;
    }
    return words;
}

Refusal why_not(const AskedHold& asked)
{
    const auto& [hold, approval] = asked;
    Refusal refusal{.reason = Reason::approval_denied, .rule = "approval", .detail = {}};
    const auto at = " at " + to_words(approval.decided_at) + ".";
    switch (approval.state) {
        case ApprovalState::timed_out:
            refusal.reason = Reason::approval_expired;
            refusal.detail = "Nobody approved it until " + to_words(approval.until) +
                             "; without an answer it is refused.";
            return refusal;
        case ApprovalState::withdrawn:
            refusal.detail = "It was given back before anybody approved it" + at;
            return refusal;
        case ApprovalState::cancelled:
            refusal.detail = "The question was put away without an answer" + who(approval) + at;
            return refusal;
        case ApprovalState::disconnected:
            refusal.detail = "The client went away before anybody answered" + at;
            return refusal;
        case ApprovalState::denied: break;
        case ApprovalState::waiting:
        case ApprovalState::granted: require(false, "only a refused approval has a why");
    }
    refusal.detail = "It was not approved" + who(approval) + at;
    if (!approval.note.empty()) refusal.detail += " Their note: " + approval.note + ".";
    return refusal;
}
}  // namespace

Approvals::Approvals(Books& books) : books_{books}, rows_{books.rows().approvals()} {}

bool Approvals::has_room(std::string_view agent)
{
    return rows_.count_waiting(agent) < kWaitingMax;
}

void Approvals::ask(const Hold& hold, const ApprovalTerms& terms)
{
    rows_.insert({.id = hold.id,
                  .wishes = terms.wishes,
                  .client = hold.who.client,
                  .asked_at = hold.taken_at,
                  .until = hold.expires_at,
                  .lasts = terms.lasts,
                  .in_chat = terms.in_chat,
                  .decided_at = {},
                  .by = {},
                  .note = {}},
                 hold.who.agent);
}

void Approvals::decide(Approval& row, ApprovalState state, const Ruling& ruling)
{
    row.state = state;
    row.decided_at = books_.now();
    row.by = ruling.by;
    row.channel = ruling.channel;
    row.note = ruling.note;
    rows_.decide(row);
}

std::optional<std::pair<HoldRow, Approval>> Approvals::load(TxId id)
{
    auto row = books_.rows().hold(id.seq);
    if (!row || row->hold.id != id) return std::nullopt;
    auto approval = rows_.find(id.seq);
    if (!approval) return std::nullopt;
    // Whoever comes too late finds it ended, also where nothing has looked for it since.
    if (row->hold.state == HoldState::awaiting && row->hold.expires_at <= books_.now())
        approval = time_out(*row);
    return std::pair{*std::move(row), *std::move(approval)};
}

Ruled Approvals::grant(const Ruling& ruling)
{
    auto found = load(ruling.id);
    if (!found) return Ruled::unknown;
    auto& [row, approval] = *found;
    if (approval.state != ApprovalState::waiting) return Ruled::decided_before;
    require(row.hold.state == HoldState::awaiting, "what waits for an approval is held for it");
    const auto awaited_until = row.hold.expires_at;
    row.hold.state = HoldState::open;
    row.hold.expires_at = books_.now() + approval.lasts;
    books_.rows().open_awaiting_hold(row.hold, awaited_until);
    decide(approval, ApprovalState::granted, ruling);
    EntryWriter entry;
    entry.text("agent", row.hold.who.agent).money("amount", row.hold.what.amount);
    entry.time("at", books_.now()).text_if("by", json::well_formed(ruling.by));
    entry.text("channel", wire_name(ruling.channel)).time("expiresAt", row.hold.expires_at);
    entry.text("kind", "approval_granted").money("maxCapture", row.hold.max_capture);
    entry.text_if("note", json::well_formed(ruling.note)).text("payee", row.hold.what.payee);
    entry.of_hold(books_.next_seq(), row.hold);
    books_.write(entry.take());
    return Ruled::done;
}

Ruled Approvals::deny(const Ruling& ruling, ApprovalState as)
{
    auto found = load(ruling.id);
    if (!found) return Ruled::unknown;
    auto& [row, approval] = *found;
    if (approval.state != ApprovalState::waiting) return Ruled::decided_before;
    books_.end(row, HoldState::denied, Money{});
    decide(approval, as, ruling);
    EntryWriter entry;
    entry.text("agent", row.hold.who.agent).time("at", books_.now());
    entry.text_if("by", json::well_formed(ruling.by)).text("channel", wire_name(ruling.channel));
    entry.text("kind", "approval_denied").text_if("note", json::well_formed(ruling.note));
    entry.text("reason", wire_name(as)).money("released", row.hold.what.amount);
    entry.of_hold(books_.next_seq(), row.hold);
    books_.write(entry.take());
    return Ruled::done;
}

Approval Approvals::time_out(HoldRow& row)
{
    auto approval = rows_.find(row.hold.id.seq);
    require(approval.has_value(), "a hold that waits has its approval");
    books_.end(row, HoldState::denied, Money{});
    decide(*approval, ApprovalState::timed_out,
           {.id = row.hold.id, .by = {}, .channel = Channel::none, .note = {}});
    EntryWriter entry;
    entry.text("agent", row.hold.who.agent).time("at", books_.now());
    entry.text("kind", "approval_timed_out").money("released", row.hold.what.amount);
    entry.of_hold(books_.next_seq(), row.hold);
    books_.write(entry.take());
    return *std::move(approval);
}

void Approvals::withdraw(const Hold& hold)
{
    auto approval = rows_.find(hold.id.seq);
    require(approval.has_value(), "a hold that waits has its approval");
    decide(*approval, ApprovalState::withdrawn,
           {.id = hold.id, .by = {}, .channel = Channel::none, .note = {}});
}

std::optional<AskedHold> Approvals::find(TxId id)
{
    auto found = load(id);
    if (!found) return std::nullopt;
    return AskedHold{std::move(found->first.hold), std::move(found->second)};
}

std::vector<AskedHold> Approvals::with_holds(std::vector<Approval> rows)
{
    std::vector<AskedHold> asked;
    asked.reserve(rows.size());
    for (auto& approval : rows) {
        auto row = books_.rows().hold(approval.id.seq);
        require(row.has_value(), "an approval belongs to a stored hold");
        asked.push_back({std::move(row->hold), std::move(approval)});
    }
    return asked;
}

std::vector<AskedHold> Approvals::waiting(std::size_t count_max)
{
    return with_holds(rows_.waiting(count_max));
}

std::vector<AskedHold> Approvals::decided(std::size_t count_max)
{
    return with_holds(rows_.decided(count_max));
}

std::string Approvals::key_of(const Hold& hold)
{
    const auto entries = books_.rows().journal(hold.id.seq, 1);
    require(!entries.empty() && entries.front().seq == hold.id.seq, "a hold has its entry");
    const auto entry = json::parse(entries.front().body);
    require(entry.has_value(), "a journal entry is JSON");
    const auto* key = entry->root().find("key");
    require(key != nullptr, "who waits for an approval can ask again");
    return std::string{key->text()};
}

HoldAnswer Approvals::answer(AskedHold asked) const
{
    HoldAnswer answer{.outcome = HoldAnswer::Outcome::refused,
                      .at = asked.hold.taken_at,
                      .seq = asked.hold.id.seq,
                      .id = asked.hold.id,
                      .amount = asked.hold.what.amount,
                      .expires_at = asked.hold.expires_at,
                      .max_capture = asked.hold.max_capture,
                      .refusals = {},
                      .failing = {},
                      .near = {},
                      .approval = {},
                      .key = {}};
    if (asked.approval.state == ApprovalState::waiting)
        answer.outcome = HoldAnswer::Outcome::awaiting;
    else if (asked.approval.state == ApprovalState::granted)
        answer.outcome = HoldAnswer::Outcome::approved;
    else
        answer.refusals.push_back(why_not(asked));
    if (asked.approval.state != ApprovalState::waiting) answer.at = asked.approval.decided_at;
    answer.approval = std::move(asked.approval);
    return answer;
}

}  // namespace purse
