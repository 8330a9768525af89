// SPDX-License-Identifier: Apache-2.0
// Secrets: keys and passwords. They cannot be copied, printed or compared by accident, and their
// memory is wiped when they go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace purse {

/// Overwrites bytes in a way that no optimizer removes.
void wipe(std::span<std::uint8_t> bytes) noexcept;
void wipe(std::span<char> text) noexcept;

/// 32 secret bytes: a private key, or a key that was derived.
class SecretKey {
public:
    static constexpr std::size_t kBytes = 32;

    /// Zeros, to be written.
    SecretKey() noexcept = default;
    explicit SecretKey(std::span<const std::uint8_t, kBytes> bytes) noexcept;
    SecretKey(SecretKey&& other) noexcept;
    SecretKey& operator=(SecretKey&& other) noexcept;
    SecretKey(const SecretKey&) = delete;
    SecretKey& operator=(const SecretKey&) = delete;
    ~SecretKey();

    std::span<const std::uint8_t, kBytes> bytes() const noexcept { return bytes_; }
    std::span<std::uint8_t, kBytes> writable() noexcept { return bytes_; }

private:
    std::uint8_t bytes_[kBytes]{};
};

/// 64 hexadecimal digits, with or without 0x in front; nothing for any other text. Whether the
/// bytes are a key is the curve's to say.
std::optional<SecretKey> parse_key(std::string_view hex) noexcept;

/// A secret of any length: a password. One buffer, which neither grows nor moves.
class SecretText {
public:
    SecretText() noexcept = default;
    /// Zeros, to be written.
    explicit SecretText(std::size_t size);
    explicit SecretText(std::string_view text);
    SecretText(SecretText&& other) noexcept;
    SecretText& operator=(SecretText&& other) noexcept;
    SecretText(const SecretText&) = delete;
    SecretText& operator=(const SecretText&) = delete;
    ~SecretText();

    std::string_view view() const noexcept { return {text_.get(), size_}; }
    std::span<char> writable() noexcept { return {text_.get(), size_}; }
    /// Keeps the first `size` characters and wipes the others; a greater size changes nothing.
    void shorten(std::size_t size) noexcept;

private:
    std::unique_ptr<char[]> text_;
    std::size_t size_ = 0;
};

/// In a time that does not depend on where they differ.
bool same_secret(const SecretKey& one, const SecretKey& other) noexcept;
bool same_secret(const SecretText& one, const SecretText& other) noexcept;

}  // namespace purse
