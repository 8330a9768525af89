// SPDX-License-Identifier: Apache-2.0
// What `purse serve` is asked to serve, checked before anything is opened.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "server/door/door.hpp"
#include "server/http/server.hpp"

namespace purse::server {

/// As the command line says it.
struct HttpFlags {
    std::string address;  ///< "HOST:PORT"
    std::string tls_certificate;
    std::string tls_key;
    std::string public_url;
    std::vector<std::string> allow_hosts;
    std::vector<std::string> allow_origins;
    std::string legacy_sse;     ///< "on", "off", or empty: on for loopback alone
    std::string operator_page;  ///< "on", "off", or empty: on
    bool insecure_http = false;
    bool open_metrics = false;
};

struct HttpSettings {
    http::ServerSettings server;
    DoorSettings door;
    Switch operator_page = Switch::on;  ///< /operator
};

/// An error's text names the flag that would mend it.
std::expected<HttpSettings, std::string> settle_http(const HttpFlags& flags);

struct ServeSettings {
    bool stdio = true;
    std::optional<HttpSettings> http;
};

}  // namespace purse::server
