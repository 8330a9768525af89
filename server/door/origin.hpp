// SPDX-License-Identifier: Apache-2.0
// Which Host and Origin headers are let in: a page in the user's browser must not reach a server on
// its machine by a name that it made up (DNS rebinding). Pure. MCP 2026-07-28, transports,
// "Security Warning".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purse::server {

struct OriginSettings {
    std::string bound_host;            ///< numeric address that is listened on
    bool is_loopback = true;           ///< whether that is loopback
    std::string public_url;            ///< "https://purse.example.org", or empty
    std::vector<std::string> hosts;    ///< further names, without ports
    std::vector<std::string> origins;  ///< further origins, such as "https://app.example.org"
};

class OriginRule {
public:
    explicit OriginRule(const OriginSettings& settings);

    /// Why a Host header is refused, with the setting that would allow it; nothing: it is let in.
    std::optional<std::string> why_no_host(std::string_view host) const;
    /// The same for an Origin header.
    std::optional<std::string> why_no_origin(std::string_view origin) const;

private:
    bool is_our_name(std::string_view host) const;

    std::vector<std::string> hosts_;
    std::vector<std::string> origins_;
    bool takes_addresses_;
};

/// "host[:port]" without the port, in lower case; IPv6 without brackets. Empty when malformed.
std::string host_of_authority(std::string_view authority);

/// "scheme://host[:port]" of a URL, in lower case; nothing for anything else than http and https.
std::optional<std::string> origin_of_url(std::string_view url);

}  // namespace purse::server
