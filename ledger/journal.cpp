// SPDX-License-Identifier: Apache-2.0
#include "ledger/journal.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "ledger/require.hpp"

namespace purse {

namespace {
// Most entries fit; the largest, with many caps, grow once or twice.
constexpr std::size_t kEntryReserveBytes = 1024;

std::string_view name_of(Unit unit) noexcept
{
    return unit == Unit::calls ? "calls" : "microUsdc";
}

std::int64_t number_of(const json::Value& object, std::string_view name, std::int64_t absent)
{
    const auto* member = object.find(name);
    return member == nullptr ? absent : member->integer().value_or(absent);
}
}  // namespace

Digest leaf_hash(std::string_view body)
{
    return sha256({std::string_view{"\x00", 1}, body});
}

Digest chain_hash(const Digest& previous, std::string_view body)
{
    return link_hash(previous, leaf_hash(body));
}

Digest link_hash(const Digest& previous, const Digest& leaf)
{
    return sha256({std::string_view{"\x02", 1}, as_bytes(previous), as_bytes(leaf)});
}

std::string head_text(const HeadClaim& claim)
{
    std::string text = claim.root ? "purse journal head 2\n" : "purse journal head\n";
    text += std::to_string(claim.seq) + "\n" + to_hex(as_bytes(claim.hash)) + "\n";
    if (claim.root) text += to_hex(as_bytes(*claim.root)) + "\n";
    return text + to_rfc3339(claim.at) + "\n";
}

bool verify_signature(std::string_view public_key, std::string_view text,
                      std::string_view signature)
{
    const auto bytes = [](std::string_view view) {
        return reinterpret_cast<const unsigned char*>(view.data());
    };
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(public_key),
                                    public_key.size()),
        &EVP_PKEY_free};
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free};
    if (!key || !context) return false;
    return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(text),
                            text.size()) == 1;
}

EntryWriter::EntryWriter()
{
    body_.reserve(kEntryReserveBytes);
    body_ += '{';
}

void EntryWriter::name(std::string_view name)
{
    require(last_ < name, "journal members are written in the order of their names");
    last_ = name;
    if (body_.size() > 1) body_ += ',';
    body_ += '"';
    body_ += name;
    body_ += "\":";
}

EntryWriter& EntryWriter::text(std::string_view member, std::string_view value)
{
    name(member);
    json::append_quoted(body_, value);
    return *this;
}

EntryWriter& EntryWriter::text_if(std::string_view member, std::string_view value)
{
    return value.empty() ? *this : text(member, value);
}

EntryWriter& EntryWriter::number(std::string_view member, std::int64_t value)
{
    name(member);
    body_ += std::to_string(value);
    return *this;
}

EntryWriter& EntryWriter::json(std::string_view member, std::string_view value)
{
    name(member);
    body_ += value;
    return *this;
}

EntryWriter& EntryWriter::of_hold(std::int64_t seq, const Hold& hold, std::string_view trace)
{
    number("seq", seq).text_if("service", hold.what.service).text_if("task", hold.what.task);
    text_if("trace", trace);
    return text("txId", hold.id.to_string()).text_if("workflow", hold.what.workflow);
}

std::string EntryWriter::take()
{
    body_ += '}';
    return std::move(body_);
}

std::string to_json(const std::vector<CapState>& caps)
{
    std::string array = "[";
    for (const auto& cap : caps) {
        if (array.size() > 1) array += ',';
        EntryWriter entry;
        entry.text("budget", cap.budget).number("held", cap.held).text("kind", cap.kind);
        entry.number("limit", cap.limit).text("reason", wire_name(cap.reason));
        if (cap.resets_at) entry.time("resetsAt", *cap.resets_at);
        entry.text_if("scope", cap.scope);
        if (cap.window == Window::rolling) entry.text("span", to_string(cap.span));
        entry.number("spent", cap.spent).text("unit", name_of(cap.unit));
        entry.text("window", wire_name(cap.window));
        array += entry.take();
    }
    return array + "]";
}

std::string to_json(const std::vector<Refusal>& refusals)
{
    std::string array = "[";
    for (const auto& refusal : refusals) {
        if (array.size() > 1) array += ',';
        EntryWriter entry;
        if (refusal.allowed) entry.money("allowed", *refusal.allowed);
        entry.text("detail", refusal.detail).text("reason", wire_name(refusal.reason));
        if (refusal.retry_at) entry.time("retryAt", *refusal.retry_at);
        entry.text("rule", refusal.rule);
        array += entry.take();
    }
    return array + "]";
}

std::string to_json(const std::vector<Leg>& legs, Instant now)
{
    std::string array = "[";
    for (const auto& leg : legs) {
        if (leg.rule->limit == kNoLimit) continue;
        if (array.size() > 1) array += ',';
        EntryWriter entry;
        entry.text("budget", leg.rule->budget).text("kind", leg.rule->kind);
        entry.number("limit", leg.rule->limit).text_if("scope", leg.scope);
        if (leg.rule->window != Window::rolling && leg.rule->window != Window::lifetime)
            entry.time("window", window_start(leg.rule->window, now));
        array += entry.take();
    }
    return array + "]";
}

std::vector<CapState> caps_from_json(const json::Value* array)
{
    std::vector<CapState> caps;
    if (array == nullptr) return caps;
    for (const auto& item : array->items()) {
        CapState cap;
        cap.budget = item.text_of("budget");
        cap.kind = item.text_of("kind");
        cap.scope = item.text_of("scope");
        cap.unit = item.text_of("unit") == name_of(Unit::calls) ? Unit::calls : Unit::micro_usdc;
        cap.window = window_of(item.text_of("window")).value_or(Window::lifetime);
        cap.span = parse_span(item.text_of("span")).value_or(Span{});
        // A ledger writes nothing else; whoever wrote into it must not take sums beyond 64 bits.
        cap.limit = std::max<std::int64_t>(number_of(item, "limit", kNoLimit), 0);
        cap.held = std::max<std::int64_t>(number_of(item, "held", 0), 0);
        cap.spent = std::clamp<std::int64_t>(number_of(item, "spent", 0), 0, kNoLimit - cap.held);
        cap.reason = reason_of(item.text_of("reason")).value_or(Reason::spend_limit_reached);
        cap.resets_at = from_rfc3339(item.text_of("resetsAt"));
        caps.push_back(std::move(cap));
    }
    return caps;
}

std::vector<Refusal> refusals_from_json(const json::Value* array)
{
    std::vector<Refusal> refusals;
    if (array == nullptr) return refusals;
    for (const auto& item : array->items()) {
        Refusal refusal;
        refusal.reason = reason_of(item.text_of("reason")).value_or(Reason::ledger_unavailable);
        refusal.rule = item.text_of("rule");
        refusal.detail = item.text_of("detail");
        if (const auto allowed = Money::parse(item.text_of("allowed"))) refusal.allowed = *allowed;
        refusal.retry_at = from_rfc3339(item.text_of("retryAt"));
        refusals.push_back(std::move(refusal));
    }
    return refusals;
}

}  // namespace purse
