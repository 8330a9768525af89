// SPDX-License-Identifier: Apache-2.0
#include "server/operator/cookie.hpp"

#include "server/mcp/seal.hpp"

namespace purse::server {

namespace {
std::string_view trim(std::string_view text)
{
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::string cookie_line(std::string_view value, std::int64_t seconds, Reached reached)
{
    std::string line = "Set-Cookie: ";
    line.append(cookie_name(reached)).append("=").append(value);
    line += "; Path=/operator; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(seconds);
    if (reached == Reached::by_tls) line += "; Secure";
    return line + "\r\n";
}
}  // namespace

std::string_view cookie_name(Reached reached)
{
    return reached == Reached::by_tls ? "__Secure-purse_operator" : "purse_operator";
}

std::optional<std::string_view> session_cookie(const http::Request& request, Reached reached)
{
    const auto name = cookie_name(reached);
    std::optional<std::string_view> found;
    for (const auto& header : request.headers) {
        if (header.name != "cookie") continue;
        for (auto rest = header.value; !rest.empty();) {
            const auto end = rest.find(';');
            const auto pair = trim(rest.substr(0, end));
            rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
            if (!pair.starts_with(name) || pair.substr(name.size(), 1) != "=") continue;
            // Two of one name: somebody else has set one, and which is ours cannot be told.
            if (found) return std::nullopt;
            found = pair.substr(name.size() + 1);
        }
    }
    return found;
}

std::string set_session_cookie(std::string_view secret, Span life, Reached reached)
{
    return cookie_line(secret, life.us / Span::seconds(1).us, reached);
}

std::string drop_session_cookie(Reached reached)
{
    return cookie_line("", 0, reached);
}

std::string csrf_token(std::string_view secret)
{
    const auto tag = hmac_sha256(secret, {"purse operator csrf, 1"});
    return to_base64url({reinterpret_cast<const char*>(tag.data()), tag.size()});
}

}  // namespace purse::server
