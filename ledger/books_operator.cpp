// SPDX-License-Identifier: Apache-2.0
// What the operator owns: policy, credentials, freezes. Each change is an entry and a new epoch.
#include <array>
#include <bit>
#include <limits>

#include "ledger/books.hpp"

namespace purse {

std::int64_t Books::write_change(std::string body)
{
    // Not a count: after a commit that failed, a count could come again with another meaning.
    std::array<std::uint8_t, 8> random{};
    entropy_.fill(random);
    meta_.epoch = std::bit_cast<std::int64_t>(random) & std::numeric_limits<std::int64_t>::max();
    return write(std::move(body));
}

Rulebook Books::rulebook()
{
    Rulebook book{.epoch = meta_.epoch, .policy = {}, .freezes = tx_.freezes()};
    if (meta_.policy_version > 0) book.policy = tx_.policy(meta_.policy_version);
    return book;
}

std::int64_t Books::apply_policy(std::string_view text, std::string_view source)
{
    const auto sha = to_hex(as_bytes(sha256({text})));
    if (meta_.policy_version > 0) {
        const auto current = tx_.policy(meta_.policy_version);
        if (current && current->sha256 == sha) return meta_.policy_version;
    }
    const auto version = ++meta_.policy_version;
    tx_.insert_policy({.version = version,
                       .sha256 = sha,
                       .text = std::string{text},
                       .source = std::string{source},
                       .applied_at = now_});
    EntryWriter entry;
    entry.time("at", now_).text("kind", "policy").number("seq", next_seq()).text("sha256", sha);
    entry.text("source", json::well_formed(source)).text("text", text).number("version", version);
    write_change(entry.take());
    return version;
}

void Books::issue_credential(const CredentialRow& row, std::string_view by)
{
    tx_.insert_credential(row);
    EntryWriter entry;
    entry.text("agent", row.agent).time("at", now_).text_if("by", by).text("credential", row.id);
    if (row.expires_at != Instant::never()) entry.time("expiresAt", row.expires_at);
    entry.text("kind", "credential_issued")
        .text_if("note", json::well_formed(row.note))
        .number("seq", next_seq());
    write_change(entry.take());
}

std::optional<CredentialRow> Books::credential(std::string_view id)
{
    for (auto& row : tx_.credentials())
        if (row.id == id) return std::move(row);
    return std::nullopt;
}

std::optional<CredentialRow> Books::live_credential(std::string_view id)
{
    auto row = credential(id);
    if (row && row->revoked_at != Instant::never()) row.reset();
    return row;
}

bool Books::revoke_credential(std::string_view id, std::string_view by)
{
    auto row = live_credential(id);
    if (!row) return false;
    row->revoked_at = now_;
    tx_.update_credential(*row);
    EntryWriter entry;
    entry.text("agent", row->agent).time("at", now_).text_if("by", by).text("credential", id);
    entry.text("kind", "credential_revoked").number("seq", next_seq());
    write_change(entry.take());
    return true;
}

bool Books::expire_credential(std::string_view id, Instant at)
{
    auto row = live_credential(id);
    if (!row) return false;
    row->expires_at = at;
    tx_.update_credential(*row);
    EntryWriter entry;
    entry.text("agent", row->agent).time("at", now_).text("credential", id).time("expiresAt", at);
    entry.text("kind", "credential_expiry").number("seq", next_seq());
    write_change(entry.take());
    return true;
}

void Books::freeze(std::string_view target, std::string_view note, std::string_view by)
{
    tx_.put_freeze({.target = std::string{target}, .since = now_, .note = std::string{note}});
    EntryWriter entry;
    entry.time("at", now_)
        .text_if("by", by)
        .text("kind", "frozen")
        .text_if("note", json::well_formed(note))
        .number("seq", next_seq());
    entry.text("target", target);
    write_change(entry.take());
}

bool Books::unfreeze(std::string_view target, std::string_view by)
{
    if (!tx_.erase_freeze(target)) return false;
    EntryWriter entry;
    entry.time("at", now_).text_if("by", by).text("kind", "unfrozen").number("seq", next_seq());
    entry.text("target", target);
    write_change(entry.take());
    return true;
}

}  // namespace purse
