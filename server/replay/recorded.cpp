// SPDX-License-Identifier: Apache-2.0
#include "server/replay/recorded.hpp"

#include <algorithm>
#include <stdexcept>

namespace purse::server::replay {

namespace {
std::string amount_of(const CapState& cap, std::int64_t count)
{
    return cap.unit == Unit::calls ? std::to_string(count) : Money::from_micro(count).to_string();
}

Why why_of(const CapState& cap)
{
    auto rule = cap.budget + " " + cap.kind;
    if (cap.kind.starts_with("per") && !cap.scope.empty()) rule += " (" + cap.scope + ")";
    return {.reason = std::string{wire_name(cap.reason)},
            .rule = std::move(rule),
            .detail = amount_of(cap, cap.held + cap.spent) + " of " + amount_of(cap, cap.limit) +
                      (cap.unit == Unit::calls ? " calls" : " USDC") + " was used."};
}
}  // namespace

std::vector<Why> whys_of(const std::vector<Refusal>& refusals, const std::vector<CapState>& failing)
{
    std::vector<std::pair<Reason, Why>> all;
    for (const auto& refusal : refusals)
        all.push_back({refusal.reason,
                       {.reason = std::string{wire_name(refusal.reason)},
                        .rule = refusal.rule,
                        .detail = refusal.detail}});
    for (const auto& cap : failing) all.emplace_back(cap.reason, why_of(cap));
    // What the wallet refuses comes after the caps.
    std::ranges::stable_sort(all, {}, &std::pair<Reason, Why>::first);
    std::vector<Why> whys;
    for (auto& [reason, why] : all) whys.push_back(std::move(why));
    return whys;
}

std::vector<Why> whys_of(const std::vector<ApprovalWish>& wishes)
{
    std::vector<Why> whys;
    for (const auto& wish : wishes)
        whys.push_back({.reason = std::string{wire_name(wish.cause)},
                        .rule = wish.rule,
                        .detail = wish.detail});
    return whys;
}

Recorded::Recorded(const JournalRow& row) : seq_{row.seq}, at_{row.at}
{
    auto body = json::parse(row.body);
    if (!body || !body->root().is(json::Kind::object)) damaged("is no JSON object");
    body_ = std::move(*body);
}

void Recorded::damaged(std::string_view what) const
{
    throw std::runtime_error{"entry " + std::to_string(seq_) + " of the journal " +
                             std::string{what} + "; `purse journal verify` says more"};
}

std::string_view Recorded::text(std::string_view name) const
{
    return body_->root().text_of(name);
}

std::int64_t Recorded::number(std::string_view name) const
{
    const auto* value = find(name);
    return value == nullptr ? 0 : value->integer().value_or(0);
}

Money Recorded::money(std::string_view name) const
{
    const auto amount = Money::parse(text(name));
    if (!amount) damaged("has no amount \"" + std::string{name} + "\"");
    return *amount;
}

std::optional<Instant> Recorded::time(std::string_view name) const
{
    return from_rfc3339(text(name));
}

std::optional<Outcome> Recorded::outcome() const
{
    const auto words = kind();
    if (words == "hold") return Outcome::allowed;
    if (words == "awaiting_approval") return Outcome::asked;
    if (words == "refused") return Outcome::refused;
    return std::nullopt;
}

Purchase Recorded::purchase() const
{
    return {.service = std::string{text("service")},
            .payee = std::string{text("payee")},
            .amount = money("amount"),
            .purpose = {},
            .task = std::string{text("task")},
            .workflow = std::string{text("workflow")}};
}

std::vector<Refusal> Recorded::refusals() const
{
    return refusals_from_json(find("refusals"));
}

std::vector<Why> Recorded::whys() const
{
    if (const auto* approval = find("approval"))
        return whys_of(wishes_from_json(approval->find("wishes")));
    return whys_of(refusals(), caps_from_json(find("failing")));
}

bool Recorded::was_charged_to(const CapRule& rule) const
{
    const auto* caps = find("caps");
    return caps != nullptr && std::ranges::any_of(caps->items(), [&](const json::Value& cap) {
               const auto* budget = cap.find("budget");
               const auto* kind = cap.find("kind");
               return budget != nullptr && kind != nullptr && budget->text() == rule.budget &&
                      kind->text() == rule.kind;
           });
}

Span Recorded::approval_span() const
{
    const auto* approval = find("approval");
    Span all;
    for (const auto* name : {"within", "lasts"})
        if (const auto* value = approval == nullptr ? nullptr : approval->find(name))
            all.us += parse_span(value->text()).value_or(Span{}).us;
    return all;
}

}  // namespace purse::server::replay
