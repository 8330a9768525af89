// SPDX-License-Identifier: Apache-2.0
#include "ledger/ids.hpp"

#include <array>

namespace purse {

namespace {
constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::string_view kPrefix = "tx_";
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kIdChars = 26;  // 128 bits in groups of five

// The mask only hides how many holds the ledger has; the token is what protects the id.
constexpr std::uint64_t mask_of(std::uint64_t token) noexcept
{
    token ^= token >> 31;
    token *= 0x9e3779b97f4a7c15ULL;
    return token ^ (token >> 29);
}

void put(std::span<std::uint8_t> out, std::uint64_t number) noexcept
{
    for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
}

std::uint64_t get(std::span<const std::uint8_t> in) noexcept
{
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i) number = number << 8 | in[i];
    return number;
}
}  // namespace

std::string to_base32(std::span<const std::uint8_t> bytes)
{
    std::string text;
    text.reserve((bytes.size() * 8 + 4) / 5);
    std::uint32_t buffer = 0;
    int bits = 0;
    for (const auto byte : bytes) {
        buffer = buffer << 8 | byte;
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            text += kAlphabet[buffer >> bits & 31];
        }
    }
    if (bits > 0) text += kAlphabet[buffer << (5 - bits) & 31];
    return text;
}

bool is_base32(std::string_view text) noexcept
{
    return text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

TxId TxId::make(std::int64_t seq, Entropy& entropy)
{
    std::array<std::uint8_t, 8> token{};
    entropy.fill(token);
    return {seq, get(token)};
}

std::string TxId::to_string() const
{
    std::array<std::uint8_t, kIdBytes> bytes{};
    put(std::span{bytes}.first(8), token);
    put(std::span{bytes}.last(8), static_cast<std::uint64_t>(seq) ^ mask_of(token));
    return std::string{kPrefix} + to_base32(bytes);
}

std::optional<TxId> TxId::parse(std::string_view text) noexcept
{
    if (!text.starts_with(kPrefix)) return std::nullopt;
    text.remove_prefix(kPrefix.size());
    if (text.size() != kIdChars) return std::nullopt;
    std::array<std::uint8_t, kIdBytes> bytes{};
    std::uint32_t buffer = 0;
    int bits = 0;
    std::size_t filled = 0;
    for (const char c : text) {
        const auto digit = kAlphabet.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        buffer = buffer << 5 | static_cast<std::uint32_t>(digit);
        bits += 5;
        if (bits >= 8 && filled < bytes.size()) {
            bits -= 8;
            bytes[filled++] = static_cast<std::uint8_t>(buffer >> bits);
        }
    }
    // Two bits are left over; an id that sets them is not one we wrote.
    if ((buffer & ((1U << bits) - 1)) != 0) return std::nullopt;
    const auto token = get(std::span{bytes}.first(8));
    const auto seq = static_cast<std::int64_t>(get(std::span{bytes}.last(8)) ^ mask_of(token));
    if (seq <= 0) return std::nullopt;
    return TxId{seq, token};
}

}  // namespace purse
