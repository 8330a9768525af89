// SPDX-License-Identifier: Apache-2.0
// The URL of a node. Operators of nodes put their customers' keys into it, so only its scheme, host
// and port are ever shown.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace purse {

class Endpoint {
public:
    /// Reads an absolute http or https URL (RFC 3986) of at most 2048 bytes, with or without user,
    /// path and query. The error is a sentence without a part of the URL: "has no host".
    static std::expected<Endpoint, std::string> parse(std::string_view url);

    bool is_https() const noexcept { return is_https_; }
    /// Without the brackets of an IPv6 address.
    const std::string& host() const noexcept { return host_; }
    bool host_is_ip() const noexcept { return host_is_ip_; }
    /// Only this machine answers there: "localhost", 127.0.0.0/8, ::1.
    bool is_loopback() const noexcept;
    std::uint16_t port() const noexcept { return port_; }
    /// The value of the Host header: without the port where it is the scheme's own.
    std::string host_header() const;
    /// What stands in the request line: path and query.
    const std::string& target() const noexcept { return target_; }
    /// The value of the Authorization header (RFC 7617); empty when the URL names no user.
    const std::string& authorization() const noexcept { return authorization_; }

    /// "https://host" or "https://host:8545": for people, logs and errors.
    std::string name() const;
    /// The text with "***" for everything in it that the URL does not show in name(): for what a
    /// node says, which may repeat what it was asked.
    std::string without_secrets(std::string text) const;

    /// The same node by the same way.
    bool operator==(const Endpoint& other) const noexcept
    {
        return is_https_ == other.is_https_ && host_ == other.host_ && port_ == other.port_ &&
               target_ == other.target_ && authorization_ == other.authorization_;
    }

private:
    Endpoint() = default;

    bool is_https_ = false;
    bool host_is_ip_ = false;
    bool host_is_ipv6_ = false;
    std::uint16_t port_ = 0;
    std::string host_;
    std::string target_;
    std::string authorization_;
    std::vector<std::string> secrets_;  // the longest first
};

}  // namespace purse
