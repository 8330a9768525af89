// SPDX-License-Identifier: Apache-2.0
#include "policy/credential.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

#include "ledger/ids.hpp"
#include "ledger/require.hpp"

namespace purse::policy {

namespace {
constexpr std::string_view kPrefix = "purse_";
constexpr std::string_view kIdPrefix = "cred_";
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kSecretChars = 52;
// Ids are public: 50 bits keep the credentials of one ledger apart.
constexpr std::size_t kIdBytes = 7;
constexpr std::size_t kIdChars = 10;
}  // namespace

IssuedCredential issue(const IssueRequest& request, Entropy& entropy)
{
    require(is_name(request.agent), "a credential belongs to an agent with a proper name");
    std::array<std::uint8_t, kSecretBytes> secret{};
    std::array<std::uint8_t, kIdBytes> id{};
    entropy.fill(secret);
    entropy.fill(id);

    IssuedCredential issued;
    issued.secret.append(kPrefix).append(request.agent).append("_");
    auto tail = to_base32(secret);
    require(tail.size() == kSecretChars, "256 bits are 52 characters");
    issued.secret += tail;
    OPENSSL_cleanse(tail.data(), tail.size());
    OPENSSL_cleanse(secret.data(), secret.size());

    issued.row.id = std::string{kIdPrefix} + to_base32(id).substr(0, kIdChars);
    issued.row.agent = request.agent;
    issued.row.hash = credential_hash(issued.secret);
    issued.row.issued_at = request.now;
    issued.row.expires_at = request.expires_at;
    issued.row.note = request.note;
    return issued;
}

Digest credential_hash(std::string_view secret)
{
    return sha256({secret});
}

std::optional<std::string_view> parse_handle(std::string_view secret) noexcept
{
    if (!secret.starts_with(kPrefix)) return std::nullopt;
    secret.remove_prefix(kPrefix.size());
    if (secret.size() <= kSecretChars + 1) return std::nullopt;
    const auto tail = secret.substr(secret.size() - kSecretChars);
    const auto agent = secret.substr(0, secret.size() - kSecretChars - 1);
    if (secret[agent.size()] != '_' || !is_base32(tail) || !is_name(agent)) return std::nullopt;
    return agent;
}

}  // namespace purse::policy
