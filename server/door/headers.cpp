// SPDX-License-Identifier: Apache-2.0
#include "server/door/headers.hpp"

#include <algorithm>

#include "server/limits.hpp"
#include "server/mcp/protocol.hpp"
#include "server/mcp/seal.hpp"

namespace purse::server {

namespace {
constexpr std::string_view kVersionHeader = "mcp-protocol-version";
constexpr std::string_view kMethodHeader = "mcp-method";
constexpr std::string_view kNameHeader = "mcp-name";

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b)
{
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trim(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// Takes off what stands before the next `separator`, and that.
std::string_view cut(std::string_view& text, char separator)
{
    const auto end = text.find(separator);
    const auto first = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    return first;
}

/// How closely a range of an Accept header names a type: the closest one decides; 0: not at all.
int fit_of(std::string_view range, std::string_view media_type)
{
    if (equal_ignoring_case(range, media_type)) return 3;
    if (range == "*/*") return 1;
    const auto family = media_type.substr(0, media_type.find('/') + 1);
    return range.ends_with("/*") && equal_ignoring_case(range.substr(0, range.size() - 1), family)
               ? 2
               : 0;
}

/// A weight of nought refuses (RFC 9110, section 12.4.2).
bool has_no_weight(std::string_view parameters)
{
    while (!parameters.empty()) {
        auto weight = trim(cut(parameters, ';'));
        if (!equal_ignoring_case(cut(weight, '='), "q")) continue;
        return weight.starts_with('0') && weight.find_first_not_of("0.") == std::string_view::npos;
    }
    return false;
}

RpcError mismatch(std::string message)
{
    return {ErrorCode::header_mismatch, std::move(message), {}};
}

// The param that Mcp-Name repeats; nothing for methods without one.
std::optional<std::string_view> name_param(std::string_view method)
{
    if (method == "tools/call" || method == "prompts/get") return "name";
    if (method == "resources/read") return "uri";
    return std::nullopt;
}

// RFC 4648, section 4, with padding, to the text it stands for.
std::optional<std::string> from_base64(std::string_view text)
{
    if (text.size() % 4 != 0) return std::nullopt;
    std::string url{text};
    for (int i = 0; i < 2 && url.ends_with('='); ++i) url.pop_back();
    for (auto& c : url) {
        if (c == '-' || c == '_') return std::nullopt;
        if (c == '+') c = '-';
        if (c == '/') c = '_';
    }
    return from_base64url(url);
}
}  // namespace

std::optional<std::string> decode_header(std::string_view value)
{
    constexpr std::string_view kStart = "=?base64?";
    constexpr std::string_view kEnd = "?=";
    if (!value.starts_with(kStart) || !value.ends_with(kEnd) ||
        value.size() < kStart.size() + kEnd.size())
        return std::string{value};
    value.remove_prefix(kStart.size());
    value.remove_suffix(kEnd.size());
    return from_base64(value);
}

bool accepts(const http::Request& request, std::string_view media_type)
{
    bool says_something = false;
    bool is_taken = false;
    int best = 0;
    for (const auto& header : request.headers) {
        if (header.name != "accept") continue;
        auto rest = header.value;
        while (!rest.empty()) {
            auto parameters = cut(rest, ',');
            const auto range = trim(cut(parameters, ';'));
            says_something = says_something || !range.empty();
            const int fit = fit_of(range, media_type);
            if (fit == 0 || fit < best) continue;
            is_taken = !has_no_weight(parameters) || (fit == best && is_taken);
            best = fit;
        }
    }
    return is_taken || !says_something;
}

bool is_json(const http::Request& request)
{
    const auto header = request.header("content-type");
    return !header ||
           equal_ignoring_case(trim(header->substr(0, header->find(';'))), "application/json");
}

std::optional<RpcError> why_headers_differ(const http::Request& request, const Message& message,
                                           const Envelope& envelope)
{
    const auto version = request.header(kVersionHeader);
    if (version && *version != envelope.version)
        return mismatch("MCP-Protocol-Version differs from the protocolVersion in _meta");
    const auto method = request.header(kMethodHeader);
    if (method && *method != message.method) return mismatch("Mcp-Method differs from the method");
    return std::nullopt;
}

std::optional<RpcError> why_headers_lack(const http::Request& request, const Message& message)
{
    if (!request.header(kVersionHeader)) return mismatch("MCP-Protocol-Version is missing");
    if (!request.header(kMethodHeader)) return mismatch("Mcp-Method is missing");
    const auto key = name_param(message.method);
    if (!key) return std::nullopt;
    const auto* named = param(message, *key);
    if (named == nullptr || !named->is(json::Kind::string)) return std::nullopt;
    const auto header = request.header(kNameHeader);
    if (!header) return mismatch("Mcp-Name is missing");
    const auto name = decode_header(*header);
    if (!name) return mismatch("Mcp-Name is not valid base64");
    if (*name != named->text())
        return mismatch("Mcp-Name differs from params." + std::string{*key});
    return std::nullopt;
}

std::optional<std::string_view> bearer_of(const http::Request& request)
{
    constexpr std::string_view kScheme = "bearer ";
    const auto header = request.header("authorization");
    if (!header) return std::string_view{};
    const auto value = trim(*header);
    if (value.size() <= kScheme.size() ||
        !equal_ignoring_case(value.substr(0, kScheme.size()), kScheme))
        return std::nullopt;
    return trim(value.substr(kScheme.size()));
}

}  // namespace purse::server
