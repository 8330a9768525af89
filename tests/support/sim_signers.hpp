// SPDX-License-Identifier: Apache-2.0
// Signers for many runs: a signature that costs a hash and is bound to account and digest as a
// real one is. It proves nothing to anybody who knows how it is made.
#pragma once

#include "tests/support/sim_chain.hpp"
#include "wallet/keccak.hpp"
#include "wallet/signer.hpp"

namespace purse::test {

inline Signature sim_signature(const Address& who, const Digest& digest)
{
    Signature signature;
    signature.r = keccak256({"sim", as_bytes(who), as_bytes(digest)});
    signature.r[0] |= 0x80;  // never a leading zero: the length of bytes stays
    std::copy(who.bytes.begin(), who.bytes.end(), signature.s.begin() + 12);
    signature.s[0] = 1;
    signature.v = 27;
    return signature;
}

inline std::optional<Address> sim_recover(const Digest& digest, const Signature& signature)
{
    Address who;
    std::copy(signature.s.begin() + 12, signature.s.end(), who.bytes.begin());
    return sim_signature(who, digest) == signature ? std::optional{who} : std::nullopt;
}

class SimTreasury final : public TreasurySigner {
public:
    explicit SimTreasury(const Address& address) : address_{address} {}
    Address address() const override { return address_; }
    std::expected<Signature, SignerFault> sign(const TokenDomain& domain,
                                               const Authorization& order) override
    {
        return sim_signature(address_,
                             signing_digest(domain_separator(domain), struct_hash(order)));
    }
    std::expected<Signature, SignerFault> sign(const TokenDomain& domain,
                                               const Cancellation& order) override
    {
        return sim_signature(address_,
                             signing_digest(domain_separator(domain), struct_hash(order)));
    }

private:
    Address address_;
};

class SimRelayer final : public RelayerSigner {
public:
    explicit SimRelayer(const Address& address) : address_{address} {}
    Address address() const override { return address_; }
    std::expected<SignedTransaction, SignerFault> sign(const Transaction& transaction) override
    {
        return with_signature(transaction, sim_signature(address_, signing_hash(transaction)));
    }

private:
    Address address_;
};

}  // namespace purse::test
