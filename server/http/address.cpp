// SPDX-License-Identifier: Apache-2.0
#include "server/http/address.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <optional>

namespace purse::server::http {

namespace {
using Unexpected = std::unexpected<std::string>;

Unexpected wrong(std::string_view text, std::string_view why)
{
    std::string sentence = "\"";
    sentence.append(text).append("\" is no address to listen on: ").append(why);
    return Unexpected{std::move(sentence)};
}

std::optional<std::uint16_t> port_of(std::string_view digits) noexcept
{
    std::uint16_t port = 0;
    const auto* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, port);
    if (digits.empty() || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    return port;
}

/// The address in network order; its length tells the family. Empty: not numeric.
std::string bytes_of(std::string_view host)
{
    const std::string text{host};
    std::array<char, 16> bytes{};
    if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return {bytes.data(), 4};
    if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return {bytes.data(), 16};
    return {};
}
}  // namespace

std::expected<Address, std::string> parse_address(std::string_view text)
{
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || text.ends_with(']'))
        return wrong(text, "there is no port; write HOST:PORT");
    const auto port = port_of(text.substr(colon + 1));
    if (!port) return wrong(text, "the port is not a number from 0 to 65535");

    auto host = text.substr(0, colon);
    if (host.empty()) return Address{"127.0.0.1", *port};
    if (host == "localhost") return Address{"127.0.0.1", *port};
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (!bracketed && host.find(':') != std::string_view::npos)
        return wrong(text, "an IPv6 address stands in brackets, as in [::1]:8080");
    const auto bytes = bytes_of(host);
    if (bytes.empty())
        return wrong(text, "the host is not a numeric address, such as 127.0.0.1 or 0.0.0.0");
    if (bracketed && bytes.size() != 16) return wrong(text, "only IPv6 stands in brackets");
    return Address{std::string{host}, *port};
}

bool is_loopback(std::string_view host) noexcept
{
    // At most 45 characters, so no more than one small allocation; numeric text does not throw.
    const auto bytes = bytes_of(host.substr(0, INET6_ADDRSTRLEN));
    if (bytes.size() == 4) return bytes[0] == 127;
    if (bytes.size() != 16) return false;
    const std::string_view v6 = bytes;
    static constexpr std::string_view kZeros{"\0\0\0\0\0\0\0\0\0\0", 10};
    if (!v6.starts_with(kZeros)) return false;
    if (v6.substr(10, 2) == "\xff\xff") return v6[12] == 127;
    return v6.substr(10) == std::string_view{"\0\0\0\0\0\1", 6};
}

}  // namespace purse::server::http
