// SPDX-License-Identifier: Apache-2.0
// Ports: who signs. The treasury signs typed data and nothing else; a relayer signs transactions
// and nothing else: a key can never be asked for the other.
#pragma once

#include <expected>
#include <string>

#include "wallet/authorization.hpp"
#include "wallet/signature.hpp"
#include "wallet/transaction.hpp"

namespace purse {

/// Why there is no signature; for people.
struct SignerFault {
    std::string what;
};

class TreasurySigner {
public:
    virtual ~TreasurySigner() = default;
    virtual Address address() const = 0;
    virtual std::expected<Signature, SignerFault> sign(const TokenDomain& domain,
                                                       const Authorization& authorization) = 0;
    virtual std::expected<Signature, SignerFault> sign(const TokenDomain& domain,
                                                       const Cancellation& cancellation) = 0;
};

class RelayerSigner {
public:
    virtual ~RelayerSigner() = default;
    virtual Address address() const = 0;
    virtual std::expected<SignedTransaction, SignerFault> sign(const Transaction& transaction) = 0;
};

}  // namespace purse
