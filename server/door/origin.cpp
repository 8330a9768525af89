// SPDX-License-Identifier: Apache-2.0
#include "server/door/origin.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "ledger/json.hpp"
#include "server/limits.hpp"
#include "server/mcp/jsonrpc.hpp"

namespace purse::server {

namespace {
std::string lower(std::string_view text)
{
    std::string out{text};
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

bool is_port(std::string_view text)
{
    return text.size() <= 5 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_numeric(const std::string& host)
{
    in6_addr room{};
    return ::inet_pton(AF_INET, host.c_str(), &room) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &room) == 1;
}

/// A stranger's words for a sentence of ours: headers may hold any byte, and sentences go into
/// JSON.
std::string repeated(std::string_view text)
{
    return excerpt(json::well_formed(text), kEchoBytesMax);
}

bool contains(const std::vector<std::string>& list, const std::string& text)
{
    return std::ranges::find(list, text) != list.end();
}
}  // namespace

std::string host_of_authority(std::string_view authority)
{
    std::string_view host = authority;
    std::string_view rest;
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        if (end == std::string_view::npos) return {};
        host = authority.substr(1, end - 1);
        rest = authority.substr(end + 1);
    } else if (const auto colon = authority.find(':'); colon != std::string_view::npos) {
        host = authority.substr(0, colon);
        rest = authority.substr(colon);
    }
    if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return {};
    return lower(host);
}

std::optional<std::string> origin_of_url(std::string_view url)
{
    const auto text = lower(url);
    const auto start = text.find("://");
    if (start == std::string::npos) return std::nullopt;
    const auto scheme = text.substr(0, start);
    if (scheme != "http" && scheme != "https") return std::nullopt;
    const auto end = text.find_first_of("/?#", start + 3);
    const auto authority = text.substr(start + 3, end == std::string::npos ? end : end - start - 3);
    if (host_of_authority(authority).empty()) return std::nullopt;
    return scheme + "://" + authority;
}

OriginRule::OriginRule(const OriginSettings& settings) : takes_addresses_{!settings.is_loopback}
{
    hosts_ = {settings.bound_host};
    if (settings.is_loopback) hosts_.insert(hosts_.end(), {"localhost", "127.0.0.1", "::1"});
    for (const auto& host : settings.hosts) hosts_.push_back(host_of_authority(host));
    for (const auto& origin : settings.origins) origins_.push_back(lower(origin));
    if (const auto origin = origin_of_url(settings.public_url)) {
        origins_.push_back(*origin);
        hosts_.push_back(host_of_authority(origin->substr(origin->find("://") + 3)));
    }
}

bool OriginRule::is_our_name(std::string_view host) const
{
    const auto name = host_of_authority(host);
    return !name.empty() && contains(hosts_, name);
}

std::optional<std::string> OriginRule::why_no_host(std::string_view host) const
{
    if (is_our_name(host)) return std::nullopt;
    // Rebinding needs a name: whoever writes the address itself has not been led astray by one.
    if (takes_addresses_ && is_numeric(host_of_authority(host))) return std::nullopt;
    return "The Host header \"" + repeated(host) +
           "\" is not a name of this server. Allow it with --allow-host NAME, or --public-url URL.";
}

std::optional<std::string> OriginRule::why_no_origin(std::string_view origin) const
{
    const auto text = lower(origin);
    if (contains(origins_, text)) return std::nullopt;
    // Pages of this server itself, under any of its names. Not of any address: such a page is some
    // stranger's.
    if (const auto own = origin_of_url(text);
        own && *own == text && is_our_name(text.substr(text.find("://") + 3)))
        return std::nullopt;
    return "The Origin \"" + repeated(origin) +
           "\" is not allowed. Allow it with --allow-origin ORIGIN.";
}

}  // namespace purse::server
