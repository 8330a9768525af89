// SPDX-License-Identifier: Apache-2.0
#include "server/credential_view.hpp"

#include "ledger/calendar.hpp"

namespace purse::server {

bool is_live(const CredentialRow& row, Instant now) noexcept
{
    return row.revoked_at == Instant::never() && row.expires_at > now;
}

std::string_view credential_state(const CredentialRow& row, Instant now)
{
    if (row.revoked_at != Instant::never()) return "revoked";
    return row.expires_at <= now ? "expired" : "live";
}
boost::json::object credential_json(const CredentialRow& row, Instant now)
{
    boost::json::object json{{"id", row.id},
                             {"agent", row.agent},
                             {"state", credential_state(row, now)},
                             {"issuedAt", to_rfc3339(row.issued_at)}};
    if (row.expires_at != Instant::never()) json["expiresAt"] = to_rfc3339(row.expires_at);
    if (row.revoked_at != Instant::never()) json["revokedAt"] = to_rfc3339(row.revoked_at);
    if (!row.note.empty()) json["note"] = row.note;
    return json;
}

}  // namespace purse::server
