// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/seal.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstring>
#include <optional>

#include "ledger/require.hpp"
#include "server/limits.hpp"

namespace purse::server {

namespace {
constexpr std::size_t kNonceBytes = 16;
constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kTagBytes = 32;
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string random_bytes(Entropy& entropy, std::size_t count)
{
    std::string bytes(count, '\0');
    entropy.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    return bytes;
}

std::string eight_bytes(std::uint64_t value)
{
    std::string bytes(kTimeBytes, '\0');
    for (auto& byte : bytes) {
        byte = static_cast<char>(value & 0xff);
        value >>= 8;
    }
    return bytes;
}

std::int64_t time_of(std::string_view bytes)
{
    std::uint64_t value = 0;
    for (std::size_t i = kTimeBytes; i-- > 0;)
        value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return static_cast<std::int64_t>(value);
}

std::string_view as_text(const std::array<std::uint8_t, 32>& bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
}  // namespace

std::array<std::uint8_t, 32> hmac_sha256(std::string_view key,
                                         std::initializer_list<std::string_view> parts)
{
    std::string all;
    for (const auto part : parts) {
        all += eight_bytes(part.size());
        all += part;
    }
    std::array<std::uint8_t, 32> tag{};
    unsigned int size = tag.size();
    const auto* done =
        ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()),
               reinterpret_cast<const unsigned char*>(all.data()), all.size(), tag.data(), &size);
    require(done != nullptr && size == tag.size(), "HMAC-SHA-256 does not fail");
    return tag;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept
{
    return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string to_base64url(std::string_view bytes)
{
    std::string out;
    out.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t pending = 0;
    int bits = 0;
    for (const char c : bytes) {
        pending = pending << 8 | static_cast<unsigned char>(c);
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            out += kAlphabet[pending >> bits & 63];
        }
    }
    if (bits > 0) out += kAlphabet[pending << (6 - bits) & 63];
    return out;
}

std::optional<std::string> from_base64url(std::string_view text)
{
    std::string out;
    out.reserve(text.size() * 3 / 4);
    std::uint32_t pending = 0;
    int bits = 0;
    for (const char c : text) {
        const auto value = kAlphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        pending = pending << 6 | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        out += static_cast<char>(pending >> bits & 0xff);
    }
    // What is left over must be padding: fewer than six bits, all zero.
    if (bits >= 6 || (pending & ((1U << bits) - 1)) != 0) return std::nullopt;
    return out;
}

StateSeal::StateSeal(Entropy& entropy, const Clock& clock)
    : entropy_{entropy},
      clock_{clock},
      key_{random_bytes(entropy, kTagBytes)}
{
}

std::string StateSeal::seal(std::string_view state, const Purpose& purpose)
{
    const auto until = clock_.boot().us + kStateLife.us;
    const auto head =
        random_bytes(entropy_, kNonceBytes) + eight_bytes(static_cast<std::uint64_t>(until));
    const auto tag = hmac_sha256(key_, {purpose.principal, purpose.request, head, state});
    return to_base64url(head + std::string{state} + std::string{as_text(tag)});
}

std::expected<std::string, std::string> StateSeal::open(std::string_view sealed,
                                                        const Purpose& purpose)
{
    const auto bad = std::unexpected{
        std::string{"requestState is not one of ours for this request, was used before or is too "
                    "old; make the call anew without it"}};
    const auto bytes = from_base64url(sealed);
    if (!bytes || bytes->size() < kNonceBytes + kTimeBytes + kTagBytes) return bad;
    const std::string_view all{*bytes};
    const auto head = all.substr(0, kNonceBytes + kTimeBytes);
    const auto state = all.substr(head.size(), all.size() - head.size() - kTagBytes);
    const auto tag = hmac_sha256(key_, {purpose.principal, purpose.request, head, state});
    if (!equal_in_constant_time(as_text(tag), all.substr(all.size() - kTagBytes))) return bad;
    const auto until = time_of(head.substr(kNonceBytes));
    const auto now = clock_.boot().us;
    if (now >= until) return bad;
    const bool is_first = burned_.with([&](auto& burned) {
        // Swept when full: what is too old is refused for its age. Still full: nothing is taken.
        if (burned.size() >= kBurnedMax)
            std::erase_if(burned, [&](const auto& entry) { return entry.second <= now; });
        if (burned.size() >= kBurnedMax) return false;
        return burned.emplace(std::string{head.substr(0, kNonceBytes)}, until).second;
    });
    if (!is_first) return bad;
    return std::string{state};
}

}  // namespace purse::server
