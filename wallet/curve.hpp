// SPDX-License-Identifier: Apache-2.0
// secp256k1 as Ethereum uses it, by libsecp256k1.
#pragma once

#include <memory>
#include <optional>

#include "ledger/entropy.hpp"
#include "wallet/address.hpp"
#include "wallet/secret.hpp"
#include "wallet/signature.hpp"

struct secp256k1_context_struct;

namespace purse {

/// One context of the library, blinded against side channels. Its const functions may be called
/// from several threads.
class Curve {
public:
    /// Throws std::runtime_error when there is no randomness.
    explicit Curve(Entropy& entropy);

    /// A key is a number between 1 and the order of the curve, exclusive.
    bool is_key(const SecretKey& key) const noexcept;

    /// The account that this key owns; nothing when it is no key.
    std::optional<Address> address_of(const SecretKey& key) const noexcept;

    /// A deterministic signature (RFC 6979) with low s. Nothing when it is no key, or for the one
    /// signature in 2^127 that Ethereum cannot write.
    std::optional<Signature> sign(const SecretKey& key, const Digest& digest) const noexcept;

    /// The account whose key made this signature. Nothing when it is none, and when s is high: the
    /// token refuses that.
    std::optional<Address> recover(const Digest& digest, const Signature& signature) const;

private:
    struct Destroy {
        void operator()(secp256k1_context_struct* context) const noexcept;
    };
    std::unique_ptr<secp256k1_context_struct, Destroy> context_;
};

}  // namespace purse
