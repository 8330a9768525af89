// SPDX-License-Identifier: Apache-2.0
#include "server/webhook/message.hpp"

#include <algorithm>
#include <array>
#include <ranges>
#include <utility>

#include "ledger/ids.hpp"
#include "ledger/journal.hpp"
#include "ledger/nearest.hpp"
#include "server/text.hpp"
#include "server/webhook/limits.hpp"

namespace purse::server {

namespace {
constexpr std::array<std::string_view, 35> kTypes{
    "decision.approved",   "decision.refused",   "payment.settled",      "payment.refused",
    "hold.voided",         "hold.expired",       "approval.requested",   "approval.granted",
    "approval.denied",     "approval.timed_out", "cap.threshold",        "loop.tripped",
    "payout.trouble",      "payout.queued",      "payout.sent",          "payout.included",
    "payout.final",        "payout.released",    "payout.cancel_sent",   "payout.canceled",
    "freeze.begun",        "freeze.ended",       "policy.changed",       "credential.issued",
    "credential.revoked",  "credential.expiry",  "operator.link_issued", "operator.signed_in",
    "operator.signed_out", "webhook.added",      "webhook.removed",      "webhook.secret_changed",
    "webhook.off",         "webhook.on",         "webhook.ping"};

struct Named {
    std::string_view kind;  ///< of the entry
    std::string_view type;
};
constexpr std::array kNamed{Named{"hold", "decision.approved"},
                            Named{"refused", "decision.refused"},
                            Named{"settled", "payment.settled"},
                            Named{"settled_late", "payment.settled"},
                            Named{"settle_refused", "payment.refused"},
                            Named{"voided", "hold.voided"},
                            Named{"expired", "hold.expired"},
                            Named{"awaiting_approval", "approval.requested"},
                            Named{"approval_granted", "approval.granted"},
                            Named{"approval_denied", "approval.denied"},
                            Named{"approval_timed_out", "approval.timed_out"},
                            Named{"frozen", "freeze.begun"},
                            Named{"unfrozen", "freeze.ended"},
                            Named{"policy", "policy.changed"},
                            Named{"credential_issued", "credential.issued"},
                            Named{"credential_revoked", "credential.revoked"},
                            Named{"credential_expiry", "credential.expiry"},
                            Named{"operator_link_issued", "operator.link_issued"},
                            Named{"operator_signed_in", "operator.signed_in"},
                            Named{"operator_signed_out", "operator.signed_out"},
                            Named{"webhook_added", "webhook.added"},
                            Named{"webhook_removed", "webhook.removed"},
                            Named{"webhook_secret_changed", "webhook.secret_changed"},
                            Named{"webhook_off", "webhook.off"},
                            Named{"webhook_on", "webhook.on"},
                            Named{"payout_queued", "payout.queued"},
                            Named{"payout_sent", "payout.sent"},
                            Named{"payout_included", "payout.included"},
                            Named{"payout_final", "payout.final"},
                            Named{"payout_released", "payout.released"},
                            Named{"payout_cancel_sent", "payout.cancel_sent"},
                            Named{"payout_canceled", "payout.canceled"},
                            Named{"payout_held", "payout.trouble"},
                            Named{"payout_taken_back", "payout.trouble"},
                            Named{"payout_expired", "payout.trouble"},
                            Named{"payout_included_other_amount", "payout.trouble"}};

constexpr std::array kPercents{80, 95};
constexpr std::string_view kLoop = "loop_detected";
constexpr std::size_t kIdBytes = 16;
// A policy's text, the one member that can be long and is not for strangers.
constexpr std::string_view kLeftOut = "text";

std::string_view type_of(std::string_view kind)
{
    const auto* named = std::ranges::find(kNamed, kind, &Named::kind);
    return named == kNamed.end() ? std::string_view{} : named->type;
}

std::string body_of(std::string_view type, std::string_view data, Instant at)
{
    return EntryWriter{}.json("data", data).time("timestamp", at).text("type", type).take();
}

/// The entry as it is stored; of a policy all but its text.
std::string data_of(const JournalRow& row, const json::Value& root)
{
    if (root.text_of("kind") != "policy") return row.body;
    std::string data = "{";
    for (const auto& member : root.items()) {
        if (member.key() == kLeftOut) continue;
        if (data.size() > 1) data += ',';
        json::append_quoted(data, member.key());
        data += ':';
        json::append(data, member);
    }
    return data + "}";
}

/// Whose it is, for webhooks that want one agent's.
std::string agent_of(const json::Value& root)
{
    static constexpr std::string_view kAgentTarget = "agent/";
    const auto target = root.text_of("target");
    if (target == "all") return "*";
    if (target.starts_with(kAgentTarget)) return std::string{target.substr(kAgentTarget.size())};
    // A webhook's own entries name the agent that it is about.
    if (root.text_of("kind").starts_with("webhook_")) return {};
    return std::string{root.text_of("agent")};
}

/// Whether a loop guard said no, or has a person asked.
bool is_loop(const json::Value& root)
{
    const auto has = [](const json::Value* list, const char* member, std::string_view text) {
        return list != nullptr && std::ranges::any_of(list->items(), [&](const auto& item) {
                   return item.text_of(member) == text;
               });
    };
    const auto* approval = root.find("approval");
    return has(root.find("failing"), "reason", kLoop) ||
           has(root.find("refusals"), "reason", kLoop) ||
           (approval != nullptr && has(approval->find("wishes"), "cause", "loop"));
}

class Maker {
public:
    Maker(const JournalRow& row, const json::Value& root)
        : row_{row},
          root_{root},
          agent_{agent_of(root)}
    {
    }

    void add(std::string_view type, std::string_view data, std::string_view detail = {})
    {
        WebhookMessage message{
            .type = std::string{type}, .part = std::string{type}, .seq = row_.seq, .agent = agent_};
        if (!detail.empty()) message.part.append(" ").append(detail);
        message.body = body_of(type, data, row_.at);
        made_.push_back(std::move(message));
    }
    void add_thresholds()
    {
        for (const auto& cap : caps_from_json(root_.find("near")))
            for (const auto percent : kPercents)
                if (cap.unit == Unit::micro_usdc && cap.used_percent() >= percent)
                    add_threshold(cap, percent);
    }
    std::vector<WebhookMessage> take() { return std::move(made_); }

private:
    void add_threshold(const CapState& cap, int percent)
    {
        const auto money = [](std::int64_t micro) { return Money::from_micro(micro); };
        EntryWriter data;
        data.text_if("agent", root_.text_of("agent")).time("at", row_.at);
        data.text("budget", cap.budget).text("cap", cap.kind).money("held", money(cap.held));
        data.money("limit", money(cap.limit)).number("percent", percent);
        if (cap.resets_at) data.time("resetsAt", *cap.resets_at);
        data.text_if("scope", cap.scope).number("seq", row_.seq).money("spent", money(cap.spent));
        data.text_if("task", root_.text_of("task")).text_if("txId", root_.text_of("txId"));
        data.number("usedPercent", cap.used_percent()).text("window", wire_name(cap.window));
        auto name =
            cap.budget + '\n' + cap.kind + '\n' + cap.scope + '\n' + std::to_string(cap.limit);
        add("cap.threshold", data.take(), std::to_string(percent) + '\n' + name);
        const bool is_rolling = cap.window == Window::rolling;
        made_.back().threshold =
            Threshold{.cap = std::move(name),
                      .percent = percent,
                      .span = is_rolling ? cap.span : Span{},
                      .mark = is_rolling ? row_.at : window_start(cap.window, row_.at)};
    }

    const JournalRow& row_;
    const json::Value& root_;
    std::string agent_;
    std::vector<WebhookMessage> made_;
};

bool fits(std::string_view pattern, std::string_view type) noexcept
{
    if (pattern == "*") return true;
    if (pattern.ends_with(".*")) return type.starts_with(pattern.substr(0, pattern.size() - 1));
    return pattern == type;
}
}  // namespace

std::vector<WebhookMessage> messages_of(const JournalRow& row)
{
    const auto document = json::parse(row.body);
    if (!document) return {};
    const auto& root = document->root();
    const auto type = type_of(root.text_of("kind"));
    if (type.empty()) return {};
    Maker maker{row, root};
    const auto data = data_of(row, root);
    maker.add(type, data);
    if (is_loop(root)) maker.add("loop.tripped", data);
    maker.add_thresholds();
    return maker.take();
}

std::string message_id(std::string_view webhook, const WebhookMessage& message)
{
    const auto digest = sha256({"purse webhook message 1\n", webhook, "\n",
                                std::to_string(message.seq), "\n", message.part});
    return "msg_" + to_base32(std::span{digest}.first(kIdBytes));
}

std::string ping_body(std::string_view webhook, Instant at)
{
    return body_of("webhook.ping", EntryWriter{}.text("id", webhook).take(), at);
}

std::span<const std::string_view> event_types() noexcept
{
    return kTypes;
}

bool is_wanted(std::string_view events, std::string_view type) noexcept
{
    while (!events.empty()) {
        const auto end = std::min(events.find(' '), events.size());
        if (fits(events.substr(0, end), type)) return true;
        events.remove_prefix(std::min(end + 1, events.size()));
    }
    return false;
}

std::expected<std::string, std::string> read_events(std::string_view text)
{
    if (text.size() > kWebhookEventsMax)
        return std::unexpected{"--events is longer than " + std::to_string(kWebhookEventsMax) +
                               " characters"};
    std::string events;
    for (const auto part : std::views::split(text, std::string_view{","})) {
        std::string_view pattern{part.begin(), part.end()};
        while (pattern.starts_with(' ')) pattern.remove_prefix(1);
        while (pattern.ends_with(' ')) pattern.remove_suffix(1);
        const auto known = [&](std::string_view type) { return fits(pattern, type); };
        if (pattern.empty() || std::ranges::none_of(kTypes, known)) {
            Nearest nearest{pattern};
            for (const auto type : kTypes) nearest.consider(type);
            std::string why = "--events: \"" + printable(pattern) + "\" is no event";
            if (const auto found = nearest.found())
                why += "; did you mean \"" + std::string{*found} + "\"?";
            return std::unexpected{why +
                                   "\nname them as in decision.refused,payout.*; "
                                   "`purse webhook events` lists all"};
        }
        if (!events.empty()) events += ' ';
        events += pattern;
    }
    return events;
}

}  // namespace purse::server
