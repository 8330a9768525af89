// SPDX-License-Identifier: Apache-2.0
// TLS for the HTTP server, by OpenSSL on the socket itself: Asio's own stream keeps four buffers of
// 17 KiB a connection, which ten thousand streams cannot have.
#pragma once

#include <openssl/bio.h>
#include <openssl/types.h>

#include <memory>
#include <string>

#include "server/http/socket_wire.hpp"

namespace purse::server::http {

struct TlsFiles;

/// The certificate, the key and how we speak TLS. Lives as long as its wires.
class Tls {
public:
    /// Throws std::runtime_error that names the file and what is wrong with it.
    explicit Tls(const TlsFiles& files);
    ~Tls();
    Tls(const Tls&) = delete;
    Tls& operator=(const Tls&) = delete;

    std::unique_ptr<Wire> wire(Socket socket);

private:
    struct Free {
        void operator()(SSL_CTX* context) const;
        void operator()(BIO_METHOD* method) const;
    };
    std::unique_ptr<SSL_CTX, Free> context_;
    std::unique_ptr<BIO_METHOD, Free> socket_method_;
    std::string record_;  ///< head and body on their way into one record
};

}  // namespace purse::server::http
