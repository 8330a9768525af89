// SPDX-License-Identifier: Apache-2.0
// Signers whose keys are elsewhere, asked by JSON-RPC: Web3Signer, Clef's kind of service, an HSM
// behind one. None of them is believed: what comes back is used only when it is the account's own
// signature over exactly what was asked.
#pragma once

#include <memory>

#include "wallet/curve.hpp"
#include "wallet/rpc/transport.hpp"
#include "wallet/signer.hpp"

namespace purse {

/// What the service calls the signing of typed data.
enum class TypedDataMethod : std::uint8_t {
    v4,     ///< eth_signTypedData_v4: wallets, Anvil
    plain,  ///< eth_signTypedData: Web3Signer
};

/// Signs authorizations of `account`. The typed data goes as JSON text, which both methods take;
/// before it goes, its digest is computed from the text and must be the one that is meant.
/// `curve` must outlive it. For one thread; a call takes as long as the transport lets it.
std::unique_ptr<TreasurySigner> remote_treasury(const Curve& curve,
                                                std::unique_ptr<RpcTransport> transport,
                                                const Address& account, TypedDataMethod method);

/// Signs transactions from `account` by eth_signTransaction. What comes back must be, byte for
/// byte, the transaction that was asked with a signature of the account's.
std::unique_ptr<RelayerSigner> remote_relayer(const Curve& curve,
                                              std::unique_ptr<RpcTransport> transport,
                                              const Address& account);

}  // namespace purse
