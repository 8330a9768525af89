// SPDX-License-Identifier: Apache-2.0
#include "ledger/operators.hpp"

#include <array>

#include "ledger/books.hpp"
#include "ledger/ids.hpp"

namespace purse {

namespace {
constexpr std::string_view kIdPrefix = "op_";
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kSecretChars = 52;
// Ids are public: 50 bits keep those of one ledger apart.
constexpr std::size_t kIdBytes = 7;
constexpr std::size_t kIdChars = 10;
// Sessions looked through: each lives for hours, and one person has few.
constexpr std::size_t kSessionsScanned = 1'000;
}  // namespace

OperatorSecret make_operator_secret(Entropy& entropy)
{
    std::array<std::uint8_t, kSecretBytes> bytes{};
    entropy.fill(bytes);
    OperatorSecret made{.secret = to_base32(bytes)};
    made.hash = operator_secret_hash(made.secret);
    return made;
}

Digest operator_secret_hash(std::string_view secret)
{
    return sha256({secret});
}

bool is_operator_secret(std::string_view text) noexcept
{
    return text.size() == kSecretChars && is_base32(text);
}

void Operators::write(std::string_view kind, const OperatorKeyRow& row, std::string_view by)
{
    EntryWriter entry;
    entry.time("at", books_.now()).text_if("by", by);
    if (row.ended_at == Instant::never()) entry.time("expiresAt", row.expires_at);
    entry.text("id", row.id).text("kind", kind).text_if("note", row.note);
    entry.number("seq", books_.next_seq());
    books_.write(entry.take());
}

OperatorKeyRow Operators::issue_link(const Digest& hash, std::string_view note, Entropy& entropy)
{
    std::array<std::uint8_t, kIdBytes> id{};
    entropy.fill(id);
    OperatorKeyRow row{.hash = hash,
                       .kind = OperatorKeyKind::link,
                       .id = std::string{kIdPrefix} + to_base32(id).substr(0, kIdChars),
                       .issued_at = books_.now(),
                       .expires_at = books_.now() + kOperatorLinkLife,
                       .seen_at = books_.now(),
                       .note = json::well_formed(note)};
    books_.rows().insert_operator_key(row);
    write("operator_link_issued", row);
    return row;
}

std::expected<OperatorKeyRow, LinkTrouble> Operators::take_link(const Digest& link,
                                                                const Digest& session)
{
    auto row = books_.rows().operator_key(link);
    if (!row || row->kind != OperatorKeyKind::link) return std::unexpected{LinkTrouble::unknown};
    if (row->ended_at != Instant::never()) return std::unexpected{LinkTrouble::used};
    if (row->expires_at <= books_.now()) return std::unexpected{LinkTrouble::expired};
    row->ended_at = books_.now();
    books_.rows().update_operator_key(*row);
    OperatorKeyRow begun{.hash = session,
                         .kind = OperatorKeyKind::session,
                         .id = row->id,
                         .issued_at = books_.now(),
                         .expires_at = books_.now() + kOperatorSessionLife,
                         .seen_at = books_.now(),
                         .note = row->note};
    books_.rows().insert_operator_key(begun);
    write("operator_signed_in", begun);
    return begun;
}

bool Operators::stands(const OperatorKeyRow& row) const
{
    const auto now = books_.now();
    return row.kind == OperatorKeyKind::session && row.ended_at == Instant::never() &&
           row.expires_at > now && row.seen_at + kOperatorSessionIdle > now;
}

std::optional<OperatorKeyRow> Operators::session(const Digest& hash)
{
    auto row = books_.rows().operator_key(hash);
    if (!row || !stands(*row)) return std::nullopt;
    if (books_.now() - row->seen_at >= kOperatorSeenStep) {
        row->seen_at = books_.now();
        books_.rows().update_operator_key(*row);
    }
    return row;
}

bool Operators::is_live(const Digest& hash)
{
    const auto row = books_.rows().operator_key(hash);
    return row && stands(*row);
}

std::vector<OperatorKeyRow> Operators::sessions()
{
    auto rows = books_.rows().operator_keys(OperatorKeyKind::session, kSessionsScanned);
    std::erase_if(rows, [this](const OperatorKeyRow& row) { return !stands(row); });
    return rows;
}

bool Operators::sign_out(std::string_view id, std::string_view by)
{
    for (auto& row : sessions()) {
        if (row.id != id) continue;
        row.ended_at = books_.now();
        books_.rows().update_operator_key(row);
        write("operator_signed_out", row, by);
        return true;
    }
    return false;
}

}  // namespace purse
