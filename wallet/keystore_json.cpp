// SPDX-License-Identifier: Apache-2.0
// The reading of a keystore's text, and the bounds on what it may ask for.
#include <bit>

#include "ledger/json.hpp"
#include "wallet/keystore.hpp"

namespace purse {

namespace {
using Kind = KeystoreError::Kind;
template <typename T>
using Result = std::expected<T, KeystoreError>;

constexpr std::size_t kDepthMax = 16;
constexpr std::size_t kIvBytes = 16;
constexpr std::size_t kMacBytes = 32;
constexpr std::size_t kKeyBytesMin = 30;
constexpr std::int64_t kDerivedBytes = 32;

std::unexpected<KeystoreError> malformed(const std::string& what)
{
    return std::unexpected{KeystoreError{Kind::malformed, "the keystore's " + what}};
}

std::unexpected<KeystoreError> refused(const std::string& what)
{
    return std::unexpected{KeystoreError{Kind::refused, "the keystore's " + what}};
}

/// A member of any object; nullptr is passed through.
const json::Value* member(const json::Value* of, std::string_view name)
{
    return of == nullptr ? nullptr : of->find(name);
}

bool is_text(const json::Value* value, std::string_view text)
{
    return value != nullptr && value->is(json::Kind::string) && value->text() == text;
}

Result<std::string> bytes(const json::Value* of, const char* name, std::size_t least,
                          std::size_t most)
{
    const auto* value = member(of, name);
    auto read =
        value != nullptr && value->is(json::Kind::string) && value->text().size() <= 2 * most
            ? from_hex(value->text())
            : std::nullopt;
    if (!read || read->size() < least) {
        const auto size = least == most ? std::to_string(most)
                                        : std::to_string(least) + " to " + std::to_string(most);
        return malformed(std::string{name} + ": expected " + size + " bytes in hexadecimal");
    }
    return *std::move(read);
}

Result<std::uint64_t> count(const json::Value* of, const char* name, std::uint64_t max)
{
    const auto* value = member(of, name);
    const auto read = value == nullptr ? std::nullopt : value->integer();
    if (!read || *read < 1)
        return malformed(std::string{name} + ": expected a whole number of 1 or more");
    if (static_cast<std::uint64_t>(*read) > max)
        return refused(std::string{name} + " is more than " + std::to_string(max));
    return static_cast<std::uint64_t>(*read);
}

using Cost = std::variant<ScryptCost, Pbkdf2Cost>;

Result<Cost> scrypt_cost(const json::Value* params)
{
    const auto n = count(params, "n", kScryptNMax);
    if (!n) return std::unexpected{n.error()};
    const auto r = count(params, "r", kScryptRMax);
    if (!r) return std::unexpected{r.error()};
    const auto p = count(params, "p", kScryptPMax);
    if (!p) return std::unexpected{p.error()};
    if (*n < 2 || !std::has_single_bit(*n)) return malformed("n: expected a power of two");
    if (*n * *r * *p > kScryptWorkMax)
        return refused("n * r * p is more than " + std::to_string(kScryptWorkMax));
    return ScryptCost{
        .n = *n, .r = static_cast<std::uint32_t>(*r), .p = static_cast<std::uint32_t>(*p)};
}

Result<Cost> pbkdf2_cost(const json::Value* params)
{
    if (!is_text(member(params, "prf"), "hmac-sha256"))
        return refused("prf is not \"hmac-sha256\"");
    const auto c = count(params, "c", kPbkdf2RoundsMax);
    if (!c) return std::unexpected{c.error()};
    return Pbkdf2Cost{static_cast<std::uint32_t>(*c)};
}

Result<Cost> cost_of(const json::Value* crypto, const json::Value* params)
{
    if (params == nullptr || !params->is(json::Kind::object))
        return malformed("kdfparams: expected an object");
    const auto* size = params->find("dklen");
    if (size == nullptr || size->integer() != kDerivedBytes) return malformed("dklen: expected 32");
    const auto* kdf = member(crypto, "kdf");
    if (is_text(kdf, "scrypt")) return scrypt_cost(params);
    if (is_text(kdf, "pbkdf2")) return pbkdf2_cost(params);
    return refused("kdf is neither \"scrypt\" nor \"pbkdf2\"");
}

Result<std::optional<Address>> address_of(const json::Value& root)
{
    const auto* value = root.find("address");
    if (value == nullptr) return std::nullopt;
    const auto text = value->text();
    const auto address =
        parse_address(text.starts_with("0x") ? std::string{text} : "0x" + std::string{text});
    if (!value->is(json::Kind::string) || !address)
        return malformed("address: expected 40 hexadecimal digits");
    return *address;
}

/// geth's reader takes either spelling, and older programs wrote the capital.
Result<const json::Value*> crypto_of(const json::Value& root)
{
    const auto* small = root.find("crypto");
    const auto* capital = root.find("Crypto");
    if (small != nullptr && capital != nullptr) return malformed("crypto is there twice");
    const auto* found = small != nullptr ? small : capital;
    if (found == nullptr || !found->is(json::Kind::object))
        return malformed("crypto: expected an object");
    return found;
}
}  // namespace

Result<Keystore> parse_keystore(std::string_view json)
{
    if (json.size() > kKeystoreBytesMax)
        return malformed("text is longer than " + std::to_string(kKeystoreBytesMax) + " bytes");
    const auto document = json::parse(json, {.depth_max = kDepthMax});
    // Without the parser's words: they may quote the file, which may be a bare key.
    if (!document || !document->root().is(json::Kind::object))
        return malformed("text is no JSON object");
    const auto& root = document->root();
    const auto* version = root.find("version");
    if (version == nullptr) return malformed("version is missing");
    if (version->integer() != 3) return refused("version is not 3");
    const auto crypto = crypto_of(root);
    if (!crypto) return std::unexpected{crypto.error()};
    if (!is_text(member(*crypto, "cipher"), "aes-128-ctr"))
        return refused("cipher is not \"aes-128-ctr\"");

    Keystore keystore;
    const auto* params = member(*crypto, "kdfparams");
    auto cost = cost_of(*crypto, params);
    if (!cost) return std::unexpected{cost.error()};
    auto address = address_of(root);
    if (!address) return std::unexpected{address.error()};
    auto salt = bytes(params, "salt", 1, kSaltBytesMax);
    if (!salt) return std::unexpected{salt.error()};
    auto iv = bytes(member(*crypto, "cipherparams"), "iv", kIvBytes, kIvBytes);
    if (!iv) return std::unexpected{iv.error()};
    auto ciphertext = bytes(*crypto, "ciphertext", kKeyBytesMin, SecretKey::kBytes);
    if (!ciphertext) return std::unexpected{ciphertext.error()};
    auto mac = bytes(*crypto, "mac", kMacBytes, kMacBytes);
    if (!mac) return std::unexpected{mac.error()};
    return Keystore{.address = *address,
                    .cost = *cost,
                    .salt = *std::move(salt),
                    .iv = *std::move(iv),
                    .ciphertext = *std::move(ciphertext),
                    .mac = *std::move(mac)};
}

}  // namespace purse
