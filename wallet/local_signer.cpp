// SPDX-License-Identifier: Apache-2.0
#include "wallet/local_signer.hpp"

#include <utility>

namespace purse {

namespace {
std::unexpected<SignerFault> fault(const char* what)
{
    return std::unexpected{SignerFault{what}};
}

class LocalTreasury final : public TreasurySigner {
public:
    LocalTreasury(const Curve& curve, SecretKey key, const Address& address)
        : curve_{curve},
          key_{std::move(key)},
          address_{address}
    {
    }

    Address address() const override { return address_; }

    std::expected<Signature, SignerFault> sign(const TokenDomain& domain,
                                               const Authorization& authorization) override
    {
        if (authorization.from != address_)
            return fault("the authorization is from an account that is not this key's");
        if (authorization.value.micro() < 0) return fault("the authorization's value is negative");
        return sign(domain, struct_hash(authorization));
    }

    std::expected<Signature, SignerFault> sign(const TokenDomain& domain,
                                               const Cancellation& cancellation) override
    {
        if (cancellation.authorizer != address_)
            return fault("the cancellation is of an account that is not this key's");
        return sign(domain, struct_hash(cancellation));
    }

private:
    std::expected<Signature, SignerFault> sign(const TokenDomain& domain, const Digest& structure)
    {
        const auto signature = curve_.sign(key_, signing_digest(separator(domain), structure));
        if (!signature) return fault("the key could not sign this");
        return *signature;
    }

    // A process pays in one token: four hashes less for each signature.
    const Digest& separator(const TokenDomain& domain)
    {
        if (domain != domain_) {
            separator_ = domain_separator(domain);
            domain_ = domain;
        }
        return separator_;
    }

    const Curve& curve_;
    SecretKey key_;
    Address address_;
    TokenDomain domain_;
    Digest separator_ = domain_separator(domain_);
};

class LocalRelayer final : public RelayerSigner {
public:
    LocalRelayer(const Curve& curve, SecretKey key, const Address& address)
        : curve_{curve},
          key_{std::move(key)},
          address_{address}
    {
    }

    Address address() const override { return address_; }

    std::expected<SignedTransaction, SignerFault> sign(const Transaction& transaction) override
    {
        const auto signature = curve_.sign(key_, signing_hash(transaction));
        if (!signature) return fault("the key could not sign this");
        return with_signature(transaction, *signature);
    }

private:
    const Curve& curve_;
    SecretKey key_;
    Address address_;
};

template <typename Port, typename Local>
std::expected<std::unique_ptr<Port>, SignerFault> made(const Curve& curve, SecretKey key)
{
    const auto address = curve.address_of(key);
    if (!address) return fault("these 32 bytes are no private key of secp256k1");
    return std::make_unique<Local>(curve, std::move(key), *address);
}
}  // namespace

std::expected<std::unique_ptr<TreasurySigner>, SignerFault> local_treasury(const Curve& curve,
                                                                           SecretKey key)
{
    return made<TreasurySigner, LocalTreasury>(curve, std::move(key));
}

std::expected<std::unique_ptr<RelayerSigner>, SignerFault> local_relayer(const Curve& curve,
                                                                         SecretKey key)
{
    return made<RelayerSigner, LocalRelayer>(curve, std::move(key));
}

}  // namespace purse
