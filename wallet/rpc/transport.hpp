// SPDX-License-Identifier: Apache-2.0
// Port: one request to one node and what came back, before anybody looks into it.
#pragma once

#include <expected>
#include <string>

namespace purse {

struct TransportAnswer {
    int status = 0;  ///< of HTTP
    std::string body;
};

/// Nothing came back. Whether the request arrived is not known.
struct TransportFault {
    std::string what;  ///< for the log; without a secret
};

class RpcTransport {
public:
    virtual ~RpcTransport() = default;
    /// For people: where it leads, without what may be secret.
    virtual std::string name() const = 0;
    /// A text of the node's, without what is secret in the way to it.
    virtual std::string without_secrets(std::string text) const = 0;
    virtual std::expected<TransportAnswer, TransportFault> post(const std::string& body) = 0;
};

}  // namespace purse
