// SPDX-License-Identifier: Apache-2.0
// Requests: what is asked, and how both policies answer. The ends are in replay_ends.cpp.
#include "server/replay/replay.hpp"

#include <algorithm>

#include "ledger/approvals.hpp"
#include "ledger/require.hpp"
#include "server/replay/limits.hpp"

namespace purse::server::replay {

namespace {
bool is_of_wallet(const Refusal& refusal)
{
    return refusal.reason == Reason::payee_not_payable ||
           refusal.reason == Reason::funds_insufficient ||
           refusal.reason == Reason::payee_debt_limit;
}

std::optional<Change> change_between(Outcome past, Outcome now)
{
    if (past == now) return std::nullopt;
    if (now == Outcome::refused) return Change::refused;
    if (now == Outcome::asked) return Change::asked;
    return past == Outcome::refused ? Change::allowed : Change::not_asked;
}
}  // namespace

Replay::Replay(Store& scratch, Entropy& entropy, std::shared_ptr<const policy::Document> candidate,
               Options options)
    : store_{scratch},
      entropy_{entropy},
      candidate_{std::move(candidate)},
      options_{std::move(options)}
{
}

bool Replay::feed(const std::vector<JournalRow>& rows)
{
    const auto tx = store_.begin();
    std::optional<Books> books;
    bool is_over = false;
    for (const auto& row : rows) {
        if (row.at >= options_.to) {
            is_over = true;
            break;
        }
        ++report_.entries;
        // What was decided in one transaction is decided in one here: it has one time.
        if (!books || row.at > last_) {
            if (books) books->close();
            last_ = std::max(last_, row.at);
            books.emplace(*tx, last_, entropy_);
            while (books->expire_due(kExpireSlice) == kExpireSlice) {}
        }
        seq_ = row.seq;
        entry(*books, Recorded{row});
    }
    if (books) books->close();
    tx->commit();
    return !is_over;
}

void Replay::entry(Books& books, const Recorded& recorded)
{
    if (const auto past = recorded.outcome()) return request(books, recorded, *past);
    const auto kind = recorded.kind();
    if (kind == "settled" || kind == "settled_late") return settle(books, recorded);
    if (kind == "settle_refused") return settle_refused_then(books, recorded);
    if (kind == "voided") return give_back(books, recorded);
    if (kind == "expired") return expire(books, recorded);
    if (kind == "approval_granted") return grant(books, recorded);
    if (kind == "approval_denied" || kind == "approval_timed_out")
        return not_approved(books, recorded);
    change(recorded);
}

void Replay::change(const Recorded& recorded)
{
    const auto kind = recorded.kind();
    const std::string target{recorded.text("target")};
    const std::string id{recorded.text("credential")};
    if (kind == "policy") {
        auto document = policy::parse_document(recorded.text("text"));
        in_force_ = document ? std::move(*document) : nullptr;
    } else if (kind == "frozen" || kind == "unfrozen") {
        std::erase_if(freezes_, [&](const FreezeRow& row) { return row.target == target; });
        if (kind == "frozen")
            freezes_.push_back({.target = target, .since = recorded.at(), .note = {}});
    } else if (kind == "credential_issued") {
        credentials_[id] = {.id = id,
                            .agent = std::string{recorded.text("agent")},
                            .issued_at = recorded.at(),
                            .expires_at = recorded.time("expiresAt").value_or(Instant::never()),
                            .note = {}};
    } else if (kind == "credential_revoked") {
        credentials_[id].revoked_at = recorded.at();
    } else if (kind == "credential_expiry") {
        credentials_[id].expires_at = recorded.time("expiresAt").value_or(Instant::never());
    }
}

const CredentialRow* Replay::credential_of(const Recorded& recorded) const
{
    const auto found = credentials_.find(recorded.text("credential"));
    const bool is_its =
        found != credentials_.end() && found->second.agent == recorded.text("agent");
    return is_its ? &found->second : nullptr;
}

Purchase Replay::as_asked(const Recorded& recorded) const
{
    auto what = recorded.purchase();
    // The payee that a service had then follows from its name: only another one was asked for.
    const auto* then =
        in_force_ && !what.service.empty() ? in_force_->service(what.service) : nullptr;
    const bool follows =
        then != nullptr ? then->payee == what.payee : what.payee == "service:" + what.service;
    if (follows && !what.service.empty()) what.payee.clear();
    return what;
}

policy::Decision Replay::decide(Books& books, const Recorded& recorded)
{
    policy::Ask ask{.agent = std::string{recorded.text("agent")},
                    .what = as_asked(recorded),
                    .ttl = {},
                    .now = books.now()};
    // How long was asked for is not on record, only what was given.
    if (recorded.outcome() == Outcome::allowed)
        if (const auto until = recorded.time("expiresAt")) ask.ttl = *until - recorded.at();
    return policy::decide(*candidate_, {.freezes = freezes_, .credential = credential_of(recorded)},
                          ask);
}

void Replay::request(Books& books, const Recorded& recorded, Outcome past)
{
    if (recorded.at() < options_.from) {
        if (past != Outcome::refused) hold_as_it_was(books, recorded);
        return;
    }
    if (past == Outcome::refused && options_.refused == Refused::leave_out) return;
    const auto now = hold(books, recorded, past);
    if (!is_told(recorded.text("agent"))) return;
    const auto what = recorded.purchase();
    if (report_.requests.count == 0) report_.first = recorded.at();
    report_.last = recorded.at();
    report_.requests.add(what.amount);
    report_.policies.insert(recorded.number("policy"));
    auto found = difference(recorded, what, what.amount);
    found.whys = now.outcome < past ? recorded.whys() : now.whys;
    if (past == Outcome::asked)
        waiting_.emplace(found.tx_id, Waiting{.difference = found, .now = now.outcome});
    else
        note(std::move(found), past, now.outcome);
}

void Replay::note(Difference difference, Outcome past, Outcome now)
{
    const auto change = change_between(past, now);
    if (!change) return report_.as_before.add(difference.amount);
    difference.change = *change;
    tell(std::move(difference));
}

void Replay::tell(Difference difference)
{
    if (options_.differs) options_.differs(seq_, difference);
    report_.note(std::move(difference));
}

void Replay::answered(const Recorded& recorded, Outcome past)
{
    const auto found = waiting_.find(recorded.text("txId"));
    if (found == waiting_.end()) return;
    auto& [difference, now] = found->second;
    if (past == Outcome::refused) {
        // Who said no to this then says no to it now.
        if (now == Outcome::asked) now = Outcome::refused;
        const bool is_late = recorded.kind() == "approval_timed_out";
        const auto reason = is_late ? Reason::approval_expired : Reason::approval_denied;
        difference.whys = {
            {.reason = std::string{wire_name(reason)}, .rule = "approval", .detail = {}}};
    }
    note(std::move(difference), past, now);
    waiting_.erase(found);
}

Report Replay::finish()
{
    for (const auto& [id, waiting] : waiting_) report_.undecided.add(waiting.difference.amount);
    waiting_.clear();
    std::ranges::stable_sort(report_.differences, {}, &Difference::seq);
    return std::move(report_);
}

Replay::Verdict Replay::hold(Books& books, const Recorded& recorded, Outcome past)
{
    auto decision = decide(books, recorded);
    // What the wallet could not pay then it cannot pay now.
    for (auto& refusal : recorded.refusals())
        if (is_of_wallet(refusal)) decision.refusals.push_back(std::move(refusal));
    HoldRequest request{.epoch = books.meta().epoch,
                        .valid_until = Instant::never(),
                        .who = {.agent = std::string{recorded.text("agent")},
                                .credential = std::string{recorded.text("credential")},
                                .session = {},
                                .client = {}},
                        .what = std::move(decision.what),
                        .key = std::string{recorded.text("txId")},  // by which its end finds it
                        .ttl = decision.ttl,
                        .max_capture = decision.max_capture,
                        .legs = std::move(decision.legs),
                        .refusals = std::move(decision.refusals),
                        .approval = std::move(decision.approval)};
    // Nobody waits now where somebody waited then: its end comes from the record.
    if (past == Outcome::asked) request.ttl = Span{recorded.approval_span().us + kAfterApproval.us};
    // The person who is asked only now says yes at once, and nothing else changes.
    if (past != Outcome::asked && request.approval) request.approval->lasts = request.ttl;
    const auto answer = books.hold(request);
    const Party& who = request.who;
    switch (answer.outcome) {
        case HoldAnswer::Outcome::approved:
            charged(books, who.agent);
            if (past == Outcome::refused) pay_unknown(books, who, answer.id, answer.amount);
            return {.outcome = Outcome::allowed, .whys = {}};
        case HoldAnswer::Outcome::awaiting:
            charged(books, who.agent);
            if (past != Outcome::asked)
                Approvals{books}.grant(
                    {.id = answer.id, .by = {}, .channel = Channel::command, .note = {}});
            if (past == Outcome::refused) pay_unknown(books, who, answer.id, answer.amount);
            return {.outcome = Outcome::asked, .whys = whys_of(answer.approval->wishes)};
        case HoldAnswer::Outcome::refused: break;
        case HoldAnswer::Outcome::conflict:
        case HoldAnswer::Outcome::stale: require(false, "a replay asks once, and of its own time");
    }
    return {.outcome = Outcome::refused, .whys = whys_of(answer.refusals, answer.failing)};
}

void Replay::pay_unknown(Books& books, const Party& who, TxId id, Money amount)
{
    books.settle(
        {.epoch = books.meta().epoch, .who = who, .id = id, .actual = amount, .limit_of = {}});
    if (is_told(who.agent)) report_.assumed_paid.add(amount);
}

void Replay::hold_as_it_was(Books& books, const Recorded& recorded)
{
    auto decision = decide(books, recorded);
    const bool was_asked = recorded.outcome() == Outcome::asked;
    // What a person let through beyond a full counter was not counted there.
    if (was_asked)
        std::erase_if(decision.legs, [&](const Leg& leg) {
            return leg.rule->asks == Asks::when_full && !recorded.was_charged_to(*leg.rule);
        });
    auto ttl = decision.ttl;
    if (was_asked)
        ttl = Span{recorded.approval_span().us + kAfterApproval.us};
    else if (const auto until = recorded.time("expiresAt"))
        ttl = *until - recorded.at();
    decision.what.purpose = kAsItWas;
    books.hold({.epoch = books.meta().epoch,
                .valid_until = Instant::never(),
                .who = {.agent = std::string{recorded.text("agent")},
                        .credential = {},
                        .session = {},
                        .client = {}},
                .what = std::move(decision.what),
                .key = std::string{recorded.text("txId")},
                .ttl = ttl,
                .max_capture = Money::max(),
                .legs = without_limits(decision.legs),
                .refusals = {},
                .approval = {}});
}

std::vector<Leg> Replay::without_limits(const std::vector<Leg>& legs)
{
    std::vector<Leg> free;
    for (const auto& leg : legs) {
        const auto [found, is_new] = unlimited_.try_emplace(leg.rule, *leg.rule);
        found->second.limit = kNoLimit;
        found->second.asks = Asks::never;
        free.push_back({.rule = &found->second, .scope = leg.scope});
    }
    return free;
}

Difference Replay::difference(const Recorded& recorded, const Purchase& what, Money amount)
{
    return {.at = recorded.at(),
            .seq = recorded.seq(),
            .tx_id = std::string{recorded.text("txId")},
            .agent = std::string{recorded.text("agent")},
            .service = what.service,
            .payee = what.payee,
            .amount = amount,
            .whys = {}};
}

void Replay::charged(Books& books, const std::string& agent)
{
    if (options_.charged) options_.charged(books, agent);
}

}  // namespace purse::server::replay
