// SPDX-License-Identifier: Apache-2.0
// Port: a JSON text is posted to one place, and the status that comes back is the answer.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <utility>

#include "wallet/rpc/transport.hpp"

namespace purse {

/// A header field of a request.
using HttpField = std::pair<std::string, std::string>;

/// What came back, as far as it was wanted.
struct HttpReply {
    int status = 0;
    std::string retry_after;  ///< that header field, as it stands
    std::string body;         ///< of a long one, or of one that never ends, the beginning
};

/// Posts JSON to one place by the same means and bounds. The status alone is the answer: a body
/// beyond `body_bytes_max`, or one that stops coming, is cut and no fault.
class HttpPoster {
public:
    virtual ~HttpPoster() = default;
    virtual std::expected<HttpReply, TransportFault> post(const std::string& body,
                                                          std::span<const HttpField> fields) = 0;
    /// From any thread: ends the post() under way, and every later one, without an answer.
    virtual void cancel() noexcept = 0;
};

}  // namespace purse
