// SPDX-License-Identifier: Apache-2.0
#include "server/otel.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "ledger/journal.hpp"
#include "server/entry_words.hpp"
#include "server/mcp/trace.hpp"
#include "server/version.hpp"
#include "server/webhook/message.hpp"

namespace purse::server {

namespace {
/// Severity numbers of the log data model.
constexpr std::int64_t kInfo = 9;
constexpr std::int64_t kWarn = 13;

// Members that are amounts of USDC.
constexpr std::array<std::string_view, 6> kMoney{"actual",     "amount",   "held",
                                                 "maxCapture", "released", "value"};
// Said elsewhere, or a whole document.
constexpr std::array<std::string_view, 5> kLeftOut{"at", "kind", "seq", "text", "trace"};
// Kinds that a person should see.
constexpr std::array<std::string_view, 9> kWarnings{
    "refused",     "settle_refused",    "approval_denied", "approval_timed_out",          "frozen",
    "payout_held", "payout_taken_back", "payout_expired",  "payout_included_other_amount"};

/// "maxCapture" is "max_capture": names of attributes are in lower case.
std::string snake(std::string_view name)
{
    std::string words;
    for (const char c : name) {
        const bool is_capital = c >= 'A' && c <= 'Z';
        if (is_capital) words += '_';
        words += is_capital ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return words;
}

class Attributes {
public:
    void text(std::string_view name, std::string_view value)
    {
        if (!value.empty()) add(name, EntryWriter{}.text("stringValue", value).take());
    }
    void number(std::string_view name, std::int64_t value)
    {
        add(name, EntryWriter{}.text("intValue", std::to_string(value)).take());
    }
    std::string take() { return std::move(list_) + "]"; }

private:
    void add(std::string_view name, std::string_view value)
    {
        if (list_.size() > 1) list_ += ',';
        list_ += EntryWriter{}.text("key", name).json("value", value).take();
    }
    std::string list_ = "[";
};

/// Members that are one text or number; lists and objects are for whoever reads the entry itself.
void add_members(Attributes& attributes, const json::Value& root)
{
    for (const auto& member : root.items()) {
        if (std::ranges::find(kLeftOut, member.key()) != kLeftOut.end()) continue;
        const auto name = "purse." + snake(member.key());
        const bool is_money = std::ranges::find(kMoney, member.key()) != kMoney.end();
        const auto money = Money::parse(member.text());
        if (is_money && money)
            attributes.number(name + "_micro_usdc", money->micro());
        else if (const auto number = member.integer())
            attributes.number(name, *number);
        else if (member.is(json::Kind::string))
            attributes.text(name, member.text());
    }
    if (root.text_of("reason").empty()) attributes.text("purse.reason", entry_reason(root));
}

/// As webhooks call it, so that both can be compared.
std::string event_of(const JournalRow& row, std::string_view kind)
{
    const auto messages = messages_of(row);
    return "purse." + (messages.empty() ? std::string{kind} : messages.front().type);
}

std::string record_of(const JournalRow& row)
{
    const auto document = json::parse(row.body);
    const auto nanoseconds = std::to_string(row.at.us) + "000";
    Attributes attributes;
    attributes.number("purse.entry", row.seq);
    attributes.text("purse.entry_hash", to_hex(as_bytes(row.hash)));
    TraceParent trace{{}};
    std::string words = "this entry cannot be read";
    std::string event = "purse.unreadable";
    auto severity = kWarn;
    if (document) {
        const auto& root = document->root();
        const auto kind = root.text_of("kind");
        attributes.text("purse.kind", kind);
        add_members(attributes, root);
        trace = TraceParent{root.text_of("trace")};
        words = entry_sentence(root);
        event = event_of(row, kind);
        if (std::ranges::find(kWarnings, kind) == kWarnings.end()) severity = kInfo;
    }
    EntryWriter record;
    record.json("attributes", attributes.take());
    record.json("body", EntryWriter{}.text("stringValue", words).take()).text("eventName", event);
    if (!trace.is_empty()) record.number("flags", std::stoi(std::string{trace.flags}, nullptr, 16));
    record.text("observedTimeUnixNano", nanoseconds).number("severityNumber", severity);
    record.text("severityText", severity == kInfo ? "INFO" : "WARN");
    record.text_if("spanId", trace.parent_id).text("timeUnixNano", nanoseconds);
    return record.text_if("traceId", trace.trace_id).take();
}
}  // namespace

std::string otel_line(const JournalRow& row)
{
    Attributes resource;
    resource.text("service.name", "purse");
    resource.text("service.version", kVersion);
    EntryWriter logs;
    logs.json("resource", EntryWriter{}.json("attributes", resource.take()).take());
    EntryWriter scope;
    scope.json("logRecords", "[" + record_of(row) + "]");
    scope.json("scope", EntryWriter{}.text("name", "purse.journal").take());
    logs.json("scopeLogs", "[" + scope.take() + "]");
    return EntryWriter{}.json("resourceLogs", "[" + logs.take() + "]").take();
}

}  // namespace purse::server
