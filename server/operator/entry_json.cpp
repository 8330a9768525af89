// SPDX-License-Identifier: Apache-2.0
#include "server/operator/entry_json.hpp"

#include <array>
#include <utility>

#include "ledger/calendar.hpp"
#include "ledger/journal.hpp"
#include "ledger/json.hpp"
#include "server/entry_words.hpp"
#include "server/operator/limits.hpp"

namespace purse::server {

namespace {
constexpr std::array<std::string_view, 8> kNames{"hold",    "refused",  "settled",  "voided",
                                                 "expired", "approval", "operator", "payout"};

/// Whether the member may be there with that text: entries are canonical, so it would be written
/// exactly so. Also when a member of an inner object is.
bool may_have(std::string_view body, std::string_view name, std::string_view value)
{
    std::string member = "\"";
    member.append(name).append("\":");
    json::append_quoted(member, value);
    return body.find(member) != std::string_view::npos;
}

struct Kind {
    std::string_view name;
    std::string_view member;  ///< of an entry, but for the first quote: so it is found sooner
    Decision decision;
};
constexpr std::array<Kind, 8> kKinds{{
    {"hold", R"(kind":"hold")", Decision::hold},
    {"refused", R"(kind":"refused")", Decision::refused},
    {"settle_refused", R"(kind":"settle_refused")", Decision::refused},
    {"settled", R"(kind":"settled")", Decision::settled},
    {"settled_late", R"(kind":"settled_late")", Decision::settled},
    {"voided", R"(kind":"voided")", Decision::voided},
    {"expired", R"(kind":"expired")", Decision::expired},
    {"awaiting_approval", R"(kind":"awaiting_approval")", Decision::approval},
}};

/// Whether the text is of an entry that this decision may be; no cap has a kind of these names.
bool may_be(std::string_view body, Decision decision)
{
    if (decision == Decision::payout) return body.find(R"(kind":"payout_)") != body.npos;
    if (body.find(R"(kind":"approval_)") != body.npos) return decision == Decision::approval;
    for (const auto& kind : kKinds)
        if (body.find(kind.member) != body.npos) return kind.decision == decision;
    return decision == Decision::operator_;
}

bool may_pass(std::string_view body, const EntryFilter& filter)
{
    return (!filter.decision || may_be(body, *filter.decision)) &&
           (filter.agent.empty() || may_have(body, "agent", filter.agent)) &&
           (filter.task.empty() || may_have(body, "task", filter.task)) &&
           (filter.service.empty() || may_have(body, "service", filter.service));
}

bool passes(const json::Value& root, const EntryFilter& filter)
{
    const auto is = [&](std::string_view name, const std::string& wanted) {
        return wanted.empty() || root.text_of(name) == wanted;
    };
    return is("agent", filter.agent) && is("task", filter.task) && is("service", filter.service) &&
           (!filter.decision || decision_of_kind(root.text_of("kind")) == *filter.decision);
}

/// The money that moved or would have.
std::string_view amount_of(const json::Value& root)
{
    for (const auto* name : {"amount", "actual", "released", "value"})
        if (const auto amount = root.text_of(name); !amount.empty()) return amount;
    return {};
}

class Writer {
public:
    void text(std::string_view name, std::string_view value)
    {
        if (value.empty()) return;
        raw(name, json::quoted(value));
    }
    void raw(std::string_view name, std::string_view value)
    {
        out_ += out_.empty() ? "{\"" : ",\"";
        out_.append(name).append("\":").append(value);
    }
    std::string take() { return std::move(out_) + "}"; }

private:
    std::string out_;
};
}  // namespace

std::string_view wire_name(Decision decision) noexcept
{
    return kNames.at(static_cast<std::size_t>(decision));
}

std::optional<Decision> decision_of(std::string_view name) noexcept
{
    for (std::size_t i = 0; i < kNames.size(); ++i)
        if (kNames.at(i) == name) return static_cast<Decision>(i);
    return std::nullopt;
}

Decision decision_of_kind(std::string_view kind) noexcept
{
    for (const auto& known : kKinds)
        if (known.name == kind) return known.decision;
    if (kind.starts_with("payout_")) return Decision::payout;
    if (kind.starts_with("approval_")) return Decision::approval;
    return Decision::operator_;
}

std::optional<std::string> entry_json(const JournalRow& row, const EntryFilter& filter)
{
    if (!may_pass(row.body, filter)) return std::nullopt;
    const auto document = json::parse(row.body);
    Writer entry;
    entry.raw("seq", std::to_string(row.seq));
    entry.text("at", to_rfc3339(row.at));
    if (!document) {
        // Not what a ledger of ours writes: `purse journal verify` says more.
        if (!filter.is_empty()) return std::nullopt;
        entry.text("kind", "unreadable");
        entry.text("decision", wire_name(Decision::operator_));
        entry.text("text", "this entry cannot be read");
        entry.text("hash", to_hex(as_bytes(row.hash)));
        return entry.take();
    }
    const auto& root = document->root();
    if (!passes(root, filter)) return std::nullopt;
    const auto kind = root.text_of("kind");
    entry.text("kind", kind);
    entry.text("decision", wire_name(decision_of_kind(kind)));
    for (const auto* name : {"agent", "task", "workflow", "service", "payee", "txId"})
        entry.text(name, root.text_of(name));
    entry.text("amount", amount_of(root));
    entry.text("reason", entry_reason(root));
    entry.text("text", entry_sentence(root));
    if (row.body.size() <= kEntryBodyMax) entry.raw("body", row.body);
    entry.text("hash", to_hex(as_bytes(row.hash)));
    return entry.take();
}

}  // namespace purse::server
