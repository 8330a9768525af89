// SPDX-License-Identifier: Apache-2.0
#include "ledger/hash.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace purse {

namespace {
struct FreeContext {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

// Fetching the algorithm costs more than hashing a short text; once a thread is enough.
EVP_MD_CTX* thread_context()
{
    thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context{EVP_MD_CTX_new()};
    if (!context) throw std::bad_alloc{};
    return context.get();
}

const EVP_MD* algorithm()
{
    static const EVP_MD* const sha = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (sha == nullptr) throw std::runtime_error{"OpenSSL offers no SHA-256"};
    return sha;
}

int hex_digit(char c) noexcept
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}
}  // namespace

Digest sha256(std::initializer_list<std::string_view> parts)
{
    auto* context = thread_context();
    Digest digest{};
    bool good = EVP_DigestInit_ex2(context, algorithm(), nullptr) == 1;
    for (const auto part : parts)
        good = good && EVP_DigestUpdate(context, part.data(), part.size()) == 1;
    good = good && EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1;
    if (!good) throw std::runtime_error{"OpenSSL failed to hash"};
    return digest;
}

std::string to_hex(std::string_view bytes)
{
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        text += kDigits[static_cast<std::uint8_t>(c) >> 4];
        text += kDigits[static_cast<std::uint8_t>(c) & 15];
    }
    return text;
}

std::optional<std::string> from_hex(std::string_view text)
{
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

std::optional<Digest> to_digest(std::string_view bytes) noexcept
{
    Digest digest{};
    if (bytes.size() != digest.size()) return std::nullopt;
    std::ranges::copy(bytes, digest.begin());
    return digest;
}

std::vector<Digest> to_digests(std::string_view bytes)
{
    std::vector<Digest> digests;
    digests.reserve(bytes.size() / sizeof(Digest));
    for (; bytes.size() >= sizeof(Digest); bytes.remove_prefix(sizeof(Digest)))
        digests.push_back(*to_digest(bytes.substr(0, sizeof(Digest))));
    return digests;
}

}  // namespace purse
