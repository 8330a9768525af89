// SPDX-License-Identifier: Apache-2.0
#include "wallet/keystore.hpp"

#include <cryptopp/scrypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <bit>
#include <memory>
#include <stdexcept>

#include "wallet/keccak.hpp"

namespace purse {

namespace {
using Kind = KeystoreError::Kind;
template <typename T>
using Result = std::expected<T, KeystoreError>;

constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kIvBytes = 16;
constexpr std::size_t kUuidBytes = 16;

std::unexpected<KeystoreError> error(Kind kind, const char* what)
{
    return std::unexpected{KeystoreError{kind, what}};
}

const unsigned char* raw(std::string_view bytes) noexcept
{
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string_view view(std::span<const std::uint8_t> bytes) noexcept
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool derive(SecretKey& derived, const Pbkdf2Cost& cost, std::string_view salt,
            std::string_view password)
{
    return PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), raw(salt),
                             static_cast<int>(salt.size()), static_cast<int>(cost.c), EVP_sha256(),
                             SecretKey::kBytes, derived.writable().data()) == 1;
}

/// RFC 7914 wants n below 2^(16 r), and OpenSSL holds to it; a well-known file does not.
bool is_beyond_rfc(const ScryptCost& cost) noexcept
{
    return static_cast<unsigned>(std::bit_width(cost.n)) - 1 >= 16 * cost.r;
}

bool derive(SecretKey& derived, const ScryptCost& cost, std::string_view salt,
            std::string_view password)
{
    const auto out = derived.writable();
    if (is_beyond_rfc(cost)) {
        CryptoPP::Scrypt{}.DeriveKey(out.data(), out.size(), raw(password), password.size(),
                                     raw(salt), salt.size(), cost.n, cost.r, cost.p);
        return true;
    }
    // OpenSSL counts all three of its buffers and has too small a limit of its own.
    const auto memory = 128 * std::uint64_t{cost.r} * (cost.n + cost.p + 2);
    return EVP_PBE_scrypt(password.data(), password.size(), raw(salt), salt.size(), cost.n, cost.r,
                          cost.p, memory, out.data(), out.size()) == 1;
}

Result<SecretKey> derive(const std::variant<ScryptCost, Pbkdf2Cost>& cost, std::string_view salt,
                         const SecretText& password)
{
    SecretKey derived;
    const bool good = std::visit(
        [&](const auto& one) { return derive(derived, one, salt, password.view()); }, cost);
    if (!good) return error(Kind::refused, "there is not enough memory to try the password");
    return derived;
}

/// The second half of the derived key guards the ciphertext; the first half encrypts.
Digest mac_of(const SecretKey& derived, std::string_view ciphertext)
{
    return keccak256({view(derived.bytes().subspan<16>()), ciphertext});
}

/// AES-128-CTR, which is its own inverse.
bool apply_cipher(const SecretKey& derived, std::string_view iv, std::span<const std::uint8_t> in,
                  std::uint8_t* out)
{
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context{
        EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
    int written = 0;
    return context &&
           EVP_EncryptInit_ex(context.get(), EVP_aes_128_ctr(), nullptr, derived.bytes().data(),
                              raw(iv)) == 1 &&
           EVP_EncryptUpdate(context.get(), out, &written, in.data(),
                             static_cast<int>(in.size())) == 1 &&
           static_cast<std::size_t>(written) == in.size();
}

std::string random_bytes(Entropy& entropy, std::size_t size)
{
    std::string bytes(size, '\0');
    entropy.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), size});
    return bytes;
}

/// A random UUID (RFC 9562, version 4).
std::string uuid(Entropy& entropy)
{
    auto bytes = random_bytes(entropy, kUuidBytes);
    bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
    auto text = to_hex(bytes);
    for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
    return text;
}

bool is_allowed(const ScryptCost& cost) noexcept
{
    return std::has_single_bit(cost.n) && cost.n >= 2 && cost.n <= kScryptNMax && cost.r >= 1 &&
           cost.r <= kScryptRMax && cost.p >= 1 && cost.p <= kScryptPMax &&
           cost.n * cost.r * cost.p <= kScryptWorkMax && !is_beyond_rfc(cost);
}
}  // namespace

Result<SecretKey> open_keystore(const Curve& curve, const Keystore& keystore,
                                const SecretText& password)
{
    const auto derived = derive(keystore.cost, keystore.salt, password);
    if (!derived) return std::unexpected{derived.error()};
    const auto mac = mac_of(*derived, keystore.ciphertext);
    if (keystore.mac.size() != mac.size() ||
        CRYPTO_memcmp(mac.data(), keystore.mac.data(), mac.size()) != 0)
        return error(Kind::password,
                     "the password is wrong, or the keystore was changed since it was written");
    if (keystore.ciphertext.size() > SecretKey::kBytes)
        return error(Kind::malformed, "the keystore's ciphertext is longer than a key");
    SecretKey key;
    const auto missing = SecretKey::kBytes - keystore.ciphertext.size();
    if (!apply_cipher(*derived, keystore.iv, {raw(keystore.ciphertext), keystore.ciphertext.size()},
                      key.writable().data() + missing))
        throw std::runtime_error{"OpenSSL failed to decrypt"};
    const auto address = curve.address_of(key);
    if (!address)
        return error(Kind::wrong_key,
                     "the password is right, but the keystore holds no key of secp256k1");
    if (keystore.address && address != keystore.address)
        return error(Kind::wrong_key,
                     "the password is right, but the keystore's address is not its key's: the "
                     "address or the iv was changed");
    return key;
}

Result<std::string> seal_key(const Curve& curve, const SecretKey& key, const SecretText& password,
                             const ScryptCost& cost, Entropy& entropy)
{
    const auto address = curve.address_of(key);
    if (!address) return error(Kind::wrong_key, "these 32 bytes are no private key of secp256k1");
    if (!is_allowed(cost))
        return error(Kind::refused, "no keystore may cost that much or so little");
    const auto salt = random_bytes(entropy, kSaltBytes);
    const auto iv = random_bytes(entropy, kIvBytes);
    const auto derived = derive(cost, salt, password);
    if (!derived) return std::unexpected{derived.error()};
    std::string ciphertext(SecretKey::kBytes, '\0');
    if (!apply_cipher(*derived, iv, key.bytes(),
                      reinterpret_cast<std::uint8_t*>(ciphertext.data())))
        throw std::runtime_error{"OpenSSL failed to encrypt"};
    return R"({"address":")" + to_string(*address).substr(2) +
           R"(","crypto":{"cipher":"aes-128-ctr","ciphertext":")" + to_hex(ciphertext) +
           R"(","cipherparams":{"iv":")" + to_hex(iv) +
           R"("},"kdf":"scrypt","kdfparams":{"dklen":32,"n":)" + std::to_string(cost.n) +
           R"(,"p":)" + std::to_string(cost.p) + R"(,"r":)" + std::to_string(cost.r) +
           R"(,"salt":")" + to_hex(salt) + R"("},"mac":")" +
           to_hex(as_bytes(mac_of(*derived, ciphertext))) + R"("},"id":")" + uuid(entropy) +
           R"(","version":3})" + "\n";
}

}  // namespace purse
