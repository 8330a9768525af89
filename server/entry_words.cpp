// SPDX-License-Identifier: Apache-2.0
#include "server/entry_words.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "ledger/journal.hpp"
#include "server/text.hpp"
#include "tools/refusal.hpp"

namespace purse::server {

namespace {
// Sequence numbers up to a million line up.
constexpr std::size_t kSeqColumns = 6;
constexpr std::size_t kShaShown = 12;

/// Reads members of one entry; what is missing is empty.
class Entry {
public:
    explicit Entry(const json::Value& root) : root_{root} {}

    std::string text(std::string_view name) const { return printable(root_.text_of(name)); }
    std::string time(std::string_view name) const
    {
        const auto at = from_rfc3339(text(name));
        return at ? to_words(*at) : std::string{};
    }
    /// A sentence for each rule and cap that said no.
    std::string reasons() const
    {
        std::string words;
        for (const auto& refusal : refusals_from_json(root_.find("refusals")))
            words += " " + printable(refusal.detail);
        for (const auto& cap : caps_from_json(root_.find("failing")))
            words += " " + printable(tools::to_sentence(cap)) + ".";
        return words;
    }
    /// The first reason of a shadow policy.
    std::string because() const
    {
        const auto* found = root_.find("reasons");
        if (found == nullptr || found->items().empty()) return {};
        const auto& first = found->items().front();
        return ", " + printable(first.text_of("reason")) + " by " +
               printable(first.text_of("rule"));
    }
    bool has(std::string_view name) const { return root_.find(name) != nullptr; }
    /// The service, else the payee.
    std::string bought() const
    {
        const auto service = text("service");
        return service.empty() ? text("payee") : service;
    }

private:
    const json::Value& root_;
};

std::string hold_words(const Entry& entry)
{
    const std::string verb = entry.has("approval") ? " waits for a person to approve " : " holds ";
    return entry.text("agent") + verb + entry.text("amount") + " USDC for " + entry.bought() +
           " until " + entry.time("expiresAt");
}

std::string refused_words(const Entry& entry)
{
    return entry.text("agent") + " was refused " + entry.text("amount") + " USDC for " +
           entry.bought() + ":" + entry.reasons();
}

std::string settled_words(const Entry& entry)
{
    auto released = entry.text("released");
    if (released == Money{}.to_string()) released.clear();
    return entry.text("agent") + " paid " + entry.text("actual") + " USDC to " +
           entry.text("payee") + (released.empty() ? "" : ", " + released + " went back");
}

std::string settle_refused_words(const Entry& entry)
{
    return entry.text("agent") + " was not let settle " + entry.text("actual") +
           " USDC: " + entry.text("reason");
}

std::string voided_words(const Entry& entry)
{
    return entry.text("agent") + " gave " + entry.text("released") + " USDC back";
}

std::string expired_words(const Entry& entry)
{
    return entry.text("agent") + "'s hold of " + entry.text("released") + " USDC ran out";
}

std::string policy_words(const Entry& entry)
{
    return "policy from " + entry.text("source") + ", sha256 " +
           entry.text("sha256").substr(0, kShaShown) + "... is in force";
}

std::string credential_words(const Entry& entry)
{
    const auto expires = entry.time("expiresAt");
    return entry.text("credential") + " of " + entry.text("agent") +
           (expires.empty() ? "" : " expires " + expires);
}

std::string freeze_words(const Entry& entry)
{
    const auto note = entry.text("note");
    return entry.text("target") + (note.empty() ? "" : ": " + note);
}

std::string by_whom(const Entry& entry)
{
    const auto by = entry.text("by");
    const auto channel = entry.text("channel");
    const auto note = entry.text("note");
    return (by.empty() ? "" : " by " + by) + (channel.empty() ? "" : " (" + channel + ")") +
           (note.empty() ? "" : ": " + note);
}

std::string granted_words(const Entry& entry)
{
    return entry.text("agent") + "'s payment of " + entry.text("amount") + " USDC was approved" +
           by_whom(entry);
}

std::string denied_words(const Entry& entry)
{
    const auto reason = entry.text("reason");
    return entry.text("agent") + "'s payment of " + entry.text("released") + " USDC was " +
           (reason.empty() ? "denied" : reason) + by_whom(entry);
}

std::string timed_out_words(const Entry& entry)
{
    return "nobody approved " + entry.text("agent") + "'s payment of " + entry.text("released") +
           " USDC in time";
}

/// Who, as far as it is known: the session and who asked for its link.
std::string operator_words(const Entry& entry)
{
    const auto note = entry.text("note");
    const auto expires = entry.time("expiresAt");
    return entry.text("id") + (note.empty() ? "" : " of " + note) +
           (expires.empty() ? "" : ", good until " + expires);
}

/// Which, what it is told, and where; of one that was turned off why.
std::string webhook_words(const Entry& entry)
{
    const auto url = entry.text("url");
    const auto reason = entry.text("reason");
    return entry.text("id") + (url.empty() ? "" : " tells " + url + " of " + entry.text("events")) +
           (reason.empty() ? "" : ": " + reason);
}

std::string payout_words(const Entry& entry)
{
    const auto or_nothing = [](const char* before, const std::string& text) {
        return text.empty() ? std::string{} : before + text;
    };
    return "payout " + entry.text("payout") + " of " + entry.text("value") + " USDC to " +
           entry.text("payee") + or_nothing(": ", entry.text("reason")) +
           or_nothing(", ", entry.text("detail")) + or_nothing(", block ", entry.text("block")) +
           or_nothing("  ", entry.text("tx"));
}

std::string shadow_started_words(const Entry& entry)
{
    return "policy from " + entry.text("source") + ", sha256 " +
           entry.text("sha256").substr(0, kShaShown) + "... is tried as a shadow";
}

std::string shadow_ended_words(const Entry& entry)
{
    return "the shadow policy with sha256 " + entry.text("sha256").substr(0, kShaShown) +
           "... is no longer tried";
}

std::string spaced(std::string_view kind)
{
    std::string words{kind};
    std::ranges::replace(words, '_', ' ');
    return words;
}

std::string shadow_words(const Entry& entry)
{
    return "the shadow policy differs (" + spaced(entry.text("change")) +
           "): " + entry.text("agent") + ", " + entry.text("amount") + " USDC for " +
           entry.bought() + entry.because() + ", entry " + entry.text("entry");
}

using Words = std::string (*)(const Entry&);
constexpr std::array<std::pair<std::string_view, Words>, 28> kWords{{
    {"hold", hold_words},
    {"refused", refused_words},
    {"settled", settled_words},
    {"settled_late", settled_words},
    {"settle_refused", settle_refused_words},
    {"voided", voided_words},
    {"expired", expired_words},
    {"awaiting_approval", hold_words},
    {"approval_granted", granted_words},
    {"approval_denied", denied_words},
    {"approval_timed_out", timed_out_words},
    {"policy", policy_words},
    {"credential_issued", credential_words},
    {"credential_revoked", credential_words},
    {"credential_expiry", credential_words},
    {"frozen", freeze_words},
    {"unfrozen", freeze_words},
    {"operator_link_issued", operator_words},
    {"operator_signed_in", operator_words},
    {"operator_signed_out", operator_words},
    {"shadow_started", shadow_started_words},
    {"shadow_ended", shadow_ended_words},
    {"shadow_differs", shadow_words},
    {"webhook_added", webhook_words},
    {"webhook_removed", webhook_words},
    {"webhook_secret_changed", webhook_words},
    {"webhook_off", webhook_words},
    {"webhook_on", webhook_words},
}};
constexpr std::size_t kKindColumns = 18;

/// Nothing for a kind that is not known.
std::optional<std::string> words_of(const std::string& kind, const Entry& entry)
{
    if (kind.starts_with("payout_")) return payout_words(entry);
    for (const auto& [name, words] : kWords)
        if (name == kind) return words(entry);
    return std::nullopt;
}

/// Whether the words of that kind do not say by themselves what happened.
bool needs_its_kind(std::string_view kind)
{
    return kind.starts_with("credential_") || kind.starts_with("operator_") ||
           kind.starts_with("webhook_") || kind == "frozen" || kind == "unfrozen" ||
           kind.starts_with("payout_");
}

std::string padded(std::string text, std::size_t columns)
{
    if (text.size() < columns) text.append(columns - text.size(), ' ');
    return text;
}
}  // namespace

std::string entry_in_words(const JournalRow& row)
{
    auto seq = std::to_string(row.seq);
    if (seq.size() < kSeqColumns) seq.insert(0, kSeqColumns - seq.size(), ' ');
    const auto head = seq + "  " + to_words(row.at) + "  ";
    const auto document = json::parse(row.body);
    if (!document) return head + printable(row.body);
    const Entry entry{document->root()};
    const auto kind = entry.text("kind");
    const auto words = words_of(kind, entry);
    if (!words) return head + printable(row.body);
    const auto id = entry.text("txId");
    return head + padded(kind, kKindColumns) + "  " + *words + (id.empty() ? "" : "  " + id);
}

std::string entry_sentence(const json::Value& root)
{
    const Entry entry{root};
    const auto kind = entry.text("kind");
    const auto words = words_of(kind, entry);
    if (!words) return spaced(kind);
    if (!needs_its_kind(kind)) return *words;
    const auto by = entry.text("by");
    return spaced(kind) + ": " + *words + (by.empty() ? "" : ", by " + by);
}

std::string_view entry_reason(const json::Value& root)
{
    if (const auto reason = root.text_of("reason"); !reason.empty()) return reason;
    for (const auto* list : {"refusals", "failing"}) {
        const auto* found = root.find(list);
        if (found != nullptr && !found->items().empty())
            return found->items().front().text_of("reason");
    }
    return {};
}

}  // namespace purse::server
