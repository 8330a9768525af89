// SPDX-License-Identifier: Apache-2.0
#include "audit/hashes.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <ranges>

namespace purse::auditor {

namespace {
constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kSignatureBytes = 64;

const unsigned char* raw(std::string_view bytes)
{
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string node_of(std::string_view left, std::string_view right)
{
    std::string bytes(1, '\1');
    bytes += left;
    return sha256_of(bytes += right);
}

int nibble(char digit)
{
    if (digit >= '0' && digit <= '9') return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}
}  // namespace

std::string sha256_of(std::string_view bytes)
{
    std::string digest(kDigestBytes, '\0');
    EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
               EVP_sha256(), nullptr);
    return digest;
}

std::string hex_of(std::string_view bytes)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string hex;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        hex += kDigits[byte >> 4];
        hex += kDigits[byte & 15];
    }
    return hex;
}

std::string bytes_of_hex(std::string_view hex)
{
    std::string bytes;
    if (hex.size() % 2 != 0) return bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const auto high = nibble(hex[i]);
        const auto low = nibble(hex[i + 1]);
        if (high < 0 || low < 0) return {};
        bytes += static_cast<char>(high << 4 | low);
    }
    return bytes;
}

bool is_signed(std::string_view text, std::string_view key, std::string_view signature)
{
    if (key.size() != kDigestBytes || signature.size() != kSignatureBytes) return false;
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> by{
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(key), key.size()),
        &EVP_PKEY_free};
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free};
    return by && context &&
           EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, by.get()) == 1 &&
           EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(text),
                            text.size()) == 1;
}

std::string leaf_of(std::string_view body)
{
    std::string bytes(1, '\0');
    return sha256_of(bytes += body);
}

std::string link_of(std::string_view before, std::string_view leaf)
{
    std::string bytes(1, '\2');
    bytes += before;
    return sha256_of(bytes += leaf);
}

void Tree::add(std::string leaf)
{
    int height = 0;
    while (!parts_.empty() && parts_.back().first == height) {
        leaf = node_of(parts_.back().second, leaf);
        parts_.pop_back();
        ++height;
    }
    parts_.emplace_back(height, std::move(leaf));
}

std::string Tree::parts() const
{
    std::string bytes;
    for (const auto& part : parts_) bytes += part.second;
    return bytes;
}

std::string Tree::root() const
{
    std::string node;
    for (const auto& [height, part] : std::views::reverse(parts_))
        node = node.empty() ? part : node_of(part, node);
    return node;
}

bool is_signed(const Head& head)
{
    const auto name = head.root.empty() ? "purse journal head\n" : "purse journal head 2\n";
    auto text = name + std::to_string(head.seq) + "\n" + hex_of(head.chain) + "\n";
    if (!head.root.empty()) text += hex_of(head.root) + "\n";
    return is_signed(text + head.at + "\n", head.key, head.signature);
}

}  // namespace purse::auditor
