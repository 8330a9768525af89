// SPDX-License-Identifier: Apache-2.0
// Adapter: JSON-RPC over HTTP/1.1 and TLS, on Boost.Beast. One file compiles Beast.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>

#include "ledger/clock.hpp"
#include "wallet/rpc/endpoint.hpp"
#include "wallet/rpc/http_poster.hpp"
#include "wallet/rpc/transport.hpp"

namespace purse {

struct HttpOptions {
    /// For one whole post(): name lookup, connection, TLS, request, and the last byte of the
    /// answer. No peer can stretch it by sending slowly.
    Span timeout = Span::seconds(5);
    /// Of an answer; more is a fault. Fifty receipts of full batches take some 3 MiB.
    std::size_t body_bytes_max = std::size_t{16} * 1024 * 1024;
    std::size_t header_bytes_max = std::size_t{16} * 1024;
    /// Certificates to trust besides the system's, PEM; empty: none.
    std::string ca_file;
};

/// Keeps one connection open. A connection that the node closed while it was idle is opened anew
/// once: what JSON-RPC asks here may be asked twice, and so may a signed transaction be sent.
/// Follows no redirect, takes no cookie. Not for use by two threads at once.
/// The error: the file of certificates cannot be read.
std::expected<std::unique_ptr<RpcTransport>, std::string> http_transport(Endpoint endpoint,
                                                                         HttpOptions options);

/// The same for whoever wants to know the status alone.
std::expected<std::unique_ptr<HttpPoster>, std::string> http_poster(Endpoint endpoint,
                                                                    HttpOptions options);

}  // namespace purse
