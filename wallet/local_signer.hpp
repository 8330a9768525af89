// SPDX-License-Identifier: Apache-2.0
// Signers whose key is in this process. Each kind has a key of its own.
#pragma once

#include <expected>
#include <memory>

#include "wallet/curve.hpp"
#include "wallet/secret.hpp"
#include "wallet/signer.hpp"

namespace purse {

/// Signs authorizations and cancellations of its own account and nothing else. For one thread.
/// `curve` must outlive it. The error says that `key` is none.
std::expected<std::unique_ptr<TreasurySigner>, SignerFault> local_treasury(const Curve& curve,
                                                                           SecretKey key);

/// Signs transactions. `curve` must outlive it. The error says that `key` is none.
std::expected<std::unique_ptr<RelayerSigner>, SignerFault> local_relayer(const Curve& curve,
                                                                         SecretKey key);

}  // namespace purse
