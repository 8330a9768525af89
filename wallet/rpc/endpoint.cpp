// SPDX-License-Identifier: Apache-2.0
#include "wallet/rpc/endpoint.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <utility>

namespace purse {

namespace {
namespace urls = boost::urls;

constexpr std::size_t kBytesMax = 2048;
// Shorter parts, such as "v2" or "rpc", are no keys, and to hide them would garble the words.
constexpr std::size_t kSecretBytesMin = 4;
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

std::string to_text(std::string_view part)
{
    return std::string{part};
}

std::string lower_case(std::string text)
{
    for (auto& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

std::string base64(std::string_view bytes)
{
    std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

/// Whether the parts are all there is between "://" and the path: Boost.URL 1.81 reads the host of
/// "http://127.0.0.1.example" as 127.0.0.1 and drops the rest.
bool is_whole(std::string_view text, const urls::url_view& url)
{
    auto authority = text.substr(std::min(text.find("://"), text.size() - 3) + 3);
    authority = authority.substr(0, authority.find_first_of("/?#"));
    std::string parts;
    if (url.has_userinfo()) parts += to_text(url.encoded_userinfo()) + '@';
    parts += to_text(url.encoded_host());
    if (url.has_port()) parts += ':' + to_text(url.port());
    return authority == parts;
}

/// What hides in the URL, as it stands there and as it is meant.
std::vector<std::string> secrets_of(const urls::url_view& url, const std::string& authorization)
{
    std::vector<std::string> secrets;
    const auto add = [&](std::string text) {
        if (text.size() >= kSecretBytesMin) secrets.push_back(std::move(text));
    };
    const auto add_parts = [&](std::string_view encoded, std::string_view separators) {
        add(to_text(encoded));
        while (!encoded.empty()) {
            const auto end = std::min(encoded.find_first_of(separators), encoded.size());
            add(to_text(encoded.substr(0, end)));
            encoded.remove_prefix(std::min(end + 1, encoded.size()));
        }
    };
    add_parts(url.encoded_path(), "/");
    add_parts(url.encoded_query(), "&=");
    add_parts(url.encoded_userinfo(), ":");
    for (const auto& segment : url.segments()) add(segment);
    for (const auto& param : url.params()) add(param.value);
    add(url.user());
    add(url.password());
    if (const auto space = authorization.find(' '); space != std::string::npos)
        add(authorization.substr(space + 1));
    // The longest first: a part of one that was replaced already is not looked for any more.
    std::ranges::sort(secrets, std::ranges::greater{}, &std::string::size);
    return secrets;
}
}  // namespace

std::expected<Endpoint, std::string> Endpoint::parse(std::string_view text)
{
    const auto no = [](const char* why) { return std::unexpected{std::string{why}}; };
    if (text.size() > kBytesMax) return no("is longer than 2048 bytes");
    const auto parsed = urls::parse_uri(text);
    if (!parsed) return no("is not a URL");
    const auto& url = *parsed;

    Endpoint endpoint;
    if (url.scheme_id() == urls::scheme::https)
        endpoint.is_https_ = true;
    else if (url.scheme_id() != urls::scheme::http)
        return no("begins neither with https:// nor with http://");
    if (url.host_type() == urls::host_type::none || url.encoded_host().empty())
        return no("has no host");
    if (url.host_type() == urls::host_type::ipvfuture) return no("has a host of an unknown kind");
    if (!is_whole(text, url)) return no("is not a URL");
    if (url.has_fragment()) return no("has a fragment (#), which a node never sees");

    endpoint.host_is_ipv6_ = url.host_type() == urls::host_type::ipv6;
    endpoint.host_is_ip_ = endpoint.host_is_ipv6_ || url.host_type() == urls::host_type::ipv4;
    endpoint.host_ = lower_case(url.host_address());
    endpoint.port_ = endpoint.is_https_ ? kHttpsPort : kHttpPort;
    if (url.has_port() && !url.port().empty()) {
        // A port beyond 16 bits is 0 as well.
        if (url.port_number() == 0) return no("has a port that is none");
        endpoint.port_ = url.port_number();
    }
    endpoint.target_ = url.encoded_path().empty() ? "/" : to_text(url.encoded_path());
    if (url.has_query()) endpoint.target_ += '?' + to_text(url.encoded_query());
    if (url.has_userinfo()) {
        const auto pair = url.user() + ':' + url.password();
        endpoint.authorization_ = "Basic " + base64(pair);
    }
    endpoint.secrets_ = secrets_of(url, endpoint.authorization_);
    return endpoint;
}

bool Endpoint::is_loopback() const noexcept
{
    return host_ == "localhost" || (host_is_ipv6_ && host_ == "::1") ||
           (host_is_ip_ && !host_is_ipv6_ && host_.starts_with("127."));
}

std::string Endpoint::host_header() const
{
    auto text = host_is_ipv6_ ? '[' + host_ + ']' : host_;
    if (port_ != (is_https_ ? kHttpsPort : kHttpPort)) text += ':' + std::to_string(port_);
    return text;
}

std::string Endpoint::name() const
{
    return (is_https_ ? "https://" : "http://") + host_header();
}

std::string Endpoint::without_secrets(std::string text) const
{
    for (const auto& secret : secrets_)
        for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3))
            text.replace(at, secret.size(), "***");
    return text;
}

}  // namespace purse
