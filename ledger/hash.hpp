// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4), by OpenSSL.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace purse {

using Digest = std::array<std::uint8_t, 32>;

/// SHA-256 over the concatenation of the parts.
Digest sha256(std::initializer_list<std::string_view> parts);

/// The bytes of a digest as a view, for hashing and storing.
inline std::string_view as_bytes(const Digest& digest) noexcept
{
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// Lower-case hexadecimal.
std::string to_hex(std::string_view bytes);

/// The bytes of a hexadecimal text of either case; nothing when it is none.
std::optional<std::string> from_hex(std::string_view text);

/// A stored 32-byte digest; nothing when the size differs.
std::optional<Digest> to_digest(std::string_view bytes) noexcept;

/// Digests that stand one after the other; a rest that is no whole one is left out.
std::vector<Digest> to_digests(std::string_view bytes);

}  // namespace purse
