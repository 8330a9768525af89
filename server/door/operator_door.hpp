// SPDX-License-Identifier: Apache-2.0
// Port: who answers at /operator. The agents' gate is not before it, and what opens that opens
// nothing here. Lives on the I/O thread.
#pragma once

#include <memory>
#include <string_view>

#include "server/http/exchange.hpp"

namespace purse::server {

class OperatorDoor {
public:
    virtual ~OperatorDoor() = default;
    /// A request to the operator's addresses whose Host and Origin were let in. Its views live
    /// until this returns.
    virtual void handle(http::Request& request, std::shared_ptr<http::Exchange> exchange) = 0;
    /// As http::Handler has them.
    virtual void tick() = 0;
    virtual void stopping() = 0;
};

/// "/operator" and all below it.
constexpr bool is_operator_path(std::string_view path)
{
    constexpr std::string_view kRoot = "/operator";
    return path.starts_with(kRoot) && (path.size() == kRoot.size() || path[kRoot.size()] == '/');
}

}  // namespace purse::server
