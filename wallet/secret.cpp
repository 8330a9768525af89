// SPDX-License-Identifier: Apache-2.0
#include "wallet/secret.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace purse {

namespace {
int digit(char c) noexcept
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}
}  // namespace

void wipe(std::span<std::uint8_t> bytes) noexcept
{
    OPENSSL_cleanse(bytes.data(), bytes.size());
}

void wipe(std::span<char> text) noexcept
{
    OPENSSL_cleanse(text.data(), text.size());
}

SecretKey::SecretKey(std::span<const std::uint8_t, kBytes> bytes) noexcept
{
    std::ranges::copy(bytes, bytes_);
}

SecretKey::SecretKey(SecretKey&& other) noexcept
{
    std::ranges::copy(other.bytes_, bytes_);
    wipe(other.bytes_);
}

SecretKey& SecretKey::operator=(SecretKey&& other) noexcept
{
    if (this != &other) {
        std::ranges::copy(other.bytes_, bytes_);
        wipe(other.bytes_);
    }
    return *this;
}

SecretKey::~SecretKey()
{
    wipe(bytes_);
}

std::optional<SecretKey> parse_key(std::string_view hex) noexcept
{
    if (hex.starts_with("0x")) hex.remove_prefix(2);
    if (hex.size() != 2 * SecretKey::kBytes) return std::nullopt;
    SecretKey key;
    const auto bytes = key.writable();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int high = digit(hex[2 * i]);
        const int low = digit(hex[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return key;
}

SecretText::SecretText(std::size_t size) : text_{std::make_unique<char[]>(size)}, size_{size} {}

SecretText::SecretText(std::string_view text) : SecretText{text.size()}
{
    std::ranges::copy(text, text_.get());
}

SecretText::SecretText(SecretText&& other) noexcept
    : text_{std::move(other.text_)},
      size_{std::exchange(other.size_, 0)}
{
}

SecretText& SecretText::operator=(SecretText&& other) noexcept
{
    if (this != &other) {
        wipe(writable());
        text_ = std::move(other.text_);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

SecretText::~SecretText()
{
    wipe(writable());
}

void SecretText::shorten(std::size_t size) noexcept
{
    if (size >= size_) return;
    wipe(writable().subspan(size));
    size_ = size;
}

bool same_secret(const SecretKey& one, const SecretKey& other) noexcept
{
    return CRYPTO_memcmp(one.bytes().data(), other.bytes().data(), SecretKey::kBytes) == 0;
}

bool same_secret(const SecretText& one, const SecretText& other) noexcept
{
    return one.view().size() == other.view().size() &&
           CRYPTO_memcmp(one.view().data(), other.view().data(), one.view().size()) == 0;
}

}  // namespace purse
