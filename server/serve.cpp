// SPDX-License-Identifier: Apache-2.0
#include "server/serve.hpp"

#include "server/http/address.hpp"

namespace purse::server {

namespace {
std::optional<std::string> why_no_tls(const HttpFlags& flags, const http::Address& address)
{
    if (flags.tls_certificate.empty() != flags.tls_key.empty())
        return "TLS needs both --tls-cert FILE and --tls-key FILE";
    if (flags.tls_certificate.empty() && !http::is_loopback(address.host) && !flags.insecure_http)
        return "credentials would travel in the clear to " + address.host +
               ": give --tls-cert FILE and --tls-key FILE, listen on 127.0.0.1, or say "
               "--insecure-http (behind a proxy that does TLS)";
    return std::nullopt;
}

std::optional<std::string> why_no_names(const HttpFlags& flags)
{
    if (!flags.public_url.empty() && !origin_of_url(flags.public_url))
        return "--public-url \"" + flags.public_url +
               "\" is not a URL such as https://purse.example.org";
    for (const auto& origin : flags.allow_origins)
        if (origin_of_url(origin) != origin)
            return "--allow-origin \"" + origin +
                   "\" is not an origin such as https://app.example.org, in lower case and "
                   "without a path";
    for (const auto& host : flags.allow_hosts)
        if (host_of_authority(host).empty())
            return "--allow-host \"" + host + "\" is not a host name";
    return std::nullopt;
}
}  // namespace

std::expected<HttpSettings, std::string> settle_http(const HttpFlags& flags)
{
    const auto address = http::parse_address(flags.address);
    if (!address) return std::unexpected{"--http " + flags.address + ": " + address.error()};
    if (const auto why = why_no_tls(flags, *address)) return std::unexpected{*why};
    if (const auto why = why_no_names(flags)) return std::unexpected{*why};
    const bool is_loopback = http::is_loopback(address->host);
    if (!flags.legacy_sse.empty() && flags.legacy_sse != "on" && flags.legacy_sse != "off")
        return std::unexpected{std::string{"--legacy-sse is \"on\" or \"off\""}};
    const bool serves_sse = flags.legacy_sse.empty() ? is_loopback : flags.legacy_sse == "on";

    if (!flags.operator_page.empty() && flags.operator_page != "on" && flags.operator_page != "off")
        return std::unexpected{std::string{"--operator-page is \"on\" or \"off\""}};

    HttpSettings settings;
    settings.operator_page = flags.operator_page == "off" ? Switch::off : Switch::on;
    settings.server.host = address->host;
    settings.server.port = address->port;
    if (!flags.tls_certificate.empty())
        settings.server.tls =
            http::TlsFiles{.certificate = flags.tls_certificate, .key = flags.tls_key};
    settings.door.origin = {.bound_host = address->host,
                            .is_loopback = is_loopback,
                            .public_url = flags.public_url,
                            .hosts = flags.allow_hosts,
                            .origins = flags.allow_origins};
    settings.door.legacy_sse = serves_sse ? Switch::on : Switch::off;
    settings.door.open_metrics = flags.open_metrics ? Switch::on : Switch::off;
    if (const auto origin = origin_of_url(flags.public_url))
        settings.door.scheme_and_host = *origin;
    return settings;
}

}  // namespace purse::server
