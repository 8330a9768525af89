// SPDX-License-Identifier: Apache-2.0
// Keys under a password: Web3 Secret Storage, version 3, as geth and others write it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "ledger/entropy.hpp"
#include "wallet/curve.hpp"
#include "wallet/secret.hpp"

namespace purse {

/// Why a keystore gave no key; for people. Holds nothing of the key or the password.
struct KeystoreError {
    enum class Kind : std::uint8_t {
        malformed,  ///< not a keystore, or a member is missing or wrong
        refused,    ///< a keystore, but of a kind or a cost that is not opened
        password,   ///< the password is wrong, or salt, ciphertext or MAC were changed: nobody can
                    ///< tell which
        wrong_key,  ///< the password is right, and what it opens is not the key of the address
        file,       ///< the file cannot be read or written, or others could read it
    };
    Kind kind = Kind::malformed;
    std::string what;
};

/// How dear it is to try a password: memory is 128 * r * n bytes, time grows with n * r * p.
struct ScryptCost {
    std::uint64_t n = 262'144;  ///< a power of two, 2 .. 2^20
    std::uint32_t r = 8;        ///< 1 .. 32
    std::uint32_t p = 1;        ///< 1 .. 16
    bool operator==(const ScryptCost&) const = default;
};
/// geth's two: 256 MiB and about a second, or 4 MiB and a sixtieth of a second.
inline constexpr ScryptCost kStandardScrypt{};
inline constexpr ScryptCost kLightScrypt{.n = 4096, .r = 8, .p = 6};

/// PBKDF2 with HMAC-SHA256; `c` rounds, 1 .. 10,000,000.
struct Pbkdf2Cost {
    std::uint32_t c = 0;
};

// The file is input: it may not ask for more than this.
inline constexpr std::size_t kKeystoreBytesMax = 65'536;
inline constexpr std::uint64_t kScryptNMax = 1'048'576;
inline constexpr std::uint32_t kScryptRMax = 32;
inline constexpr std::uint32_t kScryptPMax = 16;
/// Of n * r * p: four times what geth asks for, so at most 1 GiB and a few seconds.
inline constexpr std::uint64_t kScryptWorkMax = 8'388'608;
inline constexpr std::uint32_t kPbkdf2RoundsMax = 10'000'000;
inline constexpr std::size_t kSaltBytesMax = 256;

/// What a file says, checked as far as it can be without the password.
struct Keystore {
    std::optional<Address> address;  ///< some programs leave it out
    std::variant<ScryptCost, Pbkdf2Cost> cost;
    std::string salt;        ///< 1 .. 256 bytes
    std::string iv;          ///< 16 bytes
    std::string ciphertext;  ///< 30 .. 32 bytes: old programs dropped leading zeros
    std::string mac;         ///< 32 bytes
};

/// Reads the JSON text of a keystore. Members that are not part of the format are passed over.
std::expected<Keystore, KeystoreError> parse_keystore(std::string_view json);

/// Opens a keystore: a second and 256 MiB at the standard cost. The MAC is checked before anything
/// is decrypted, the address (where there is one) after. The MAC does not cover the iv: without an
/// address in the file, only who knows the account can tell that the key is the right one.
std::expected<SecretKey, KeystoreError> open_keystore(const Curve& curve, const Keystore& keystore,
                                                      const SecretText& password);

/// Writes a keystore as geth does (scrypt, AES-128-CTR), as JSON text.
std::expected<std::string, KeystoreError> seal_key(const Curve& curve, const SecretKey& key,
                                                   const SecretText& password,
                                                   const ScryptCost& cost, Entropy& entropy);

}  // namespace purse
