// SPDX-License-Identifier: Apache-2.0
// One HTTP request and one response as plain data: what the doors see of HTTP. No library's types.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purse::server::http {

enum class Method { get, post, del, options, head, other };

struct Header {
    std::string_view name;   ///< lower case
    std::string_view value;  ///< without white space around it
};

/// Who is at the other end of the socket.
struct Remote {
    std::string address;  ///< numeric, without the port
    bool loopback = false;
};

/// A whole request. Its views live until the handler returns; the body may be moved out.
struct Request {
    Method method = Method::other;
    std::string_view path;   ///< of the target, before "?"; not decoded
    std::string_view query;  ///< after "?"
    std::vector<Header> headers;
    std::string body;
    const Remote* remote = nullptr;
    bool tls = false;

    /// The value of the header of that lower-case name; nothing when it is not there.
    /// Of a repeated one, the first.
    std::optional<std::string_view> header(std::string_view name) const
    {
        for (const auto& header : headers)
            if (header.name == name) return header.value;
        return std::nullopt;
    }
    /// How often a header of that name is there.
    std::size_t count(std::string_view name) const
    {
        std::size_t found = 0;
        for (const auto& header : headers) found += header.name == name ? 1 : 0;
        return found;
    }
};

struct Response {
    int status = 200;
    std::string_view content_type;  ///< a literal; empty: no body and no type
    std::string body;
    /// Lines of further headers, each "Name: value\r\n".
    std::string headers;
    bool close = false;  ///< the connection ends with this response
};

/// The reason phrase of RFC 9110, section 15.
std::string_view reason_of(int status) noexcept;

}  // namespace purse::server::http
