// SPDX-License-Identifier: Apache-2.0
#include "server/door/session_id.hpp"

#include <array>

#include "ledger/hash.hpp"
#include "ledger/ids.hpp"
#include "server/door/limits.hpp"
#include "server/mcp/seal.hpp"

namespace purse::server {

namespace {
// The id's bytes: format, version, abilities, seconds since 1970 (5), name (16 characters), client;
// then 16 bytes of HMAC over these and the credential.
constexpr char kFormat = 1;
constexpr std::size_t kSecondsBytes = 5;
constexpr std::size_t kNameRandomBytes = 10;
constexpr std::size_t kNameChars = 16;
constexpr std::size_t kHeadBytes = 3 + kSecondsBytes + kNameChars;
constexpr std::size_t kTagBytes = 16;
constexpr std::string_view kNamePrefix = "http-";
constexpr std::size_t kIdCharsMax = 256;

std::string tag_of(std::string_view key, std::string_view body, std::string_view credential)
{
    const auto tag = hmac_sha256(key, {"session id", body, credential});
    return std::string{reinterpret_cast<const char*>(tag.data()), kTagBytes};
}
}  // namespace

std::string SessionIds::fresh_name(Entropy& entropy)
{
    std::array<std::uint8_t, kNameRandomBytes> bytes{};
    entropy.fill(bytes);
    return std::string{kNamePrefix} + to_base32(bytes);
}

std::string SessionIds::write(const SessionFacts& facts, std::string_view credential) const
{
    std::string body{kFormat, static_cast<char>(facts.version),
                     static_cast<char>(facts.abilities.bits())};
    auto seconds = static_cast<std::uint64_t>(facts.begun.us / 1'000'000);
    for (std::size_t i = 0; i < kSecondsBytes; ++i, seconds >>= 8)
        body += static_cast<char>(seconds & 0xff);
    body += facts.name.substr(kNamePrefix.size(), kNameChars);
    body += facts.client;
    return to_base64url(body + tag_of(key_, body, credential));
}

std::optional<SessionFacts> SessionIds::read(std::string_view id, std::string_view credential,
                                             Instant now) const
{
    if (id.size() > kIdCharsMax) return std::nullopt;
    const auto bytes = from_base64url(id);
    if (!bytes || bytes->size() < kHeadBytes + kTagBytes) return std::nullopt;
    const auto body = std::string_view{*bytes}.substr(0, bytes->size() - kTagBytes);
    if (!equal_in_constant_time(tag_of(key_, body, credential),
                                std::string_view{*bytes}.substr(body.size())))
        return std::nullopt;
    const auto version = static_cast<std::size_t>(static_cast<unsigned char>(body[1]));
    if (body[0] != kFormat || version > static_cast<std::size_t>(kNewestLegacy))
        return std::nullopt;
    std::uint64_t seconds = 0;
    for (std::size_t i = kSecondsBytes; i-- > 0;)
        seconds = seconds << 8 | static_cast<unsigned char>(body[3 + i]);
    SessionFacts facts{
        .version = static_cast<Version>(version),
        .abilities = ClientAbilities::of(static_cast<std::uint8_t>(body[2])),
        .begun = {static_cast<std::int64_t>(seconds) * 1'000'000},
        .client = std::string{body.substr(kHeadBytes)},
        .name = std::string{kNamePrefix} + std::string{body.substr(3 + kSecondsBytes, kNameChars)},
    };
    if (facts.begun + kSessionLife <= now) return std::nullopt;
    return facts;
}

}  // namespace purse::server
