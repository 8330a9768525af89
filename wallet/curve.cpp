// SPDX-License-Identifier: Apache-2.0
#include "wallet/curve.hpp"

#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "wallet/keccak.hpp"

namespace purse {

namespace {
constexpr std::uint8_t kEvenV = 27;
// 2 and 3 say that r was reduced by the curve's order; Ethereum has no way to write them.
constexpr int kRecoveryMax = 1;

Address address_of_point(const secp256k1_context* context, const secp256k1_pubkey& point) noexcept
{
    std::array<unsigned char, 65> bytes{};
    auto size = bytes.size();
    secp256k1_ec_pubkey_serialize(context, bytes.data(), &size, &point, SECP256K1_EC_UNCOMPRESSED);
    // Without the leading 4, which says that the point is not compressed.
    const auto hash = keccak256({reinterpret_cast<const char*>(bytes.data()) + 1, size - 1});
    Address address;
    std::copy(hash.end() - 20, hash.end(), address.bytes.begin());
    return address;
}
}  // namespace

void Curve::Destroy::operator()(secp256k1_context_struct* context) const noexcept
{
    secp256k1_context_destroy(context);
}

Curve::Curve(Entropy& entropy) : context_{secp256k1_context_create(SECP256K1_CONTEXT_NONE)}
{
    SecretKey seed;
    entropy.fill(seed.writable());
    if (secp256k1_context_randomize(context_.get(), seed.bytes().data()) != 1)
        throw std::runtime_error{"libsecp256k1 could not be blinded"};
}

bool Curve::is_key(const SecretKey& key) const noexcept
{
    return secp256k1_ec_seckey_verify(context_.get(), key.bytes().data()) == 1;
}

std::optional<Address> Curve::address_of(const SecretKey& key) const noexcept
{
    secp256k1_pubkey point;
    if (secp256k1_ec_pubkey_create(context_.get(), &point, key.bytes().data()) != 1)
        return std::nullopt;
    return address_of_point(context_.get(), point);
}

std::optional<Signature> Curve::sign(const SecretKey& key, const Digest& digest) const noexcept
{
    secp256k1_ecdsa_recoverable_signature made;
    if (secp256k1_ecdsa_sign_recoverable(context_.get(), &made, digest.data(), key.bytes().data(),
                                         nullptr, nullptr) != 1)
        return std::nullopt;
    std::array<unsigned char, 64> bytes{};
    int recovery = 0;
    secp256k1_ecdsa_recoverable_signature_serialize_compact(context_.get(), bytes.data(), &recovery,
                                                            &made);
    if (recovery < 0 || recovery > kRecoveryMax) return std::nullopt;
    Signature signature;
    std::copy(bytes.begin(), bytes.begin() + 32, signature.r.begin());
    std::copy(bytes.begin() + 32, bytes.end(), signature.s.begin());
    signature.v = static_cast<std::uint8_t>(kEvenV + recovery);
    return signature;
}

std::optional<Address> Curve::recover(const Digest& digest, const Signature& signature) const
{
    if (signature.v != kEvenV && signature.v != kEvenV + 1) return std::nullopt;
    std::array<unsigned char, 64> bytes{};
    std::ranges::copy(signature.r, bytes.begin());
    std::ranges::copy(signature.s, bytes.begin() + 32);
    secp256k1_ecdsa_signature plain;
    // Normalizing says whether there was anything to do: whether s was high.
    if (secp256k1_ecdsa_signature_parse_compact(context_.get(), &plain, bytes.data()) != 1 ||
        secp256k1_ecdsa_signature_normalize(context_.get(), nullptr, &plain) == 1)
        return std::nullopt;
    secp256k1_ecdsa_recoverable_signature recoverable;
    secp256k1_pubkey point;
    if (secp256k1_ecdsa_recoverable_signature_parse_compact(
            context_.get(), &recoverable, bytes.data(), signature.v - kEvenV) != 1 ||
        secp256k1_ecdsa_recover(context_.get(), &point, &recoverable, digest.data()) != 1)
        return std::nullopt;
    return address_of_point(context_.get(), point);
}

}  // namespace purse
