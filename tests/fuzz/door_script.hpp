// SPDX-License-Identifier: Apache-2.0
// A fuzz input for the door, in lines that can be written by hand:
//   > BODY        a POST to /mcp with the headers a good client of its era sends
//   METHOD TARGET then "name: text" lines ("name:" takes a header away), then "| BODY" lines
//   ! ACT         what happens meanwhile, a letter; other lines mean nothing
// In a header's text "$" is the last session's id, in a target the last HTTP+SSE session's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tests/fuzz/conversation_script.hpp"
#include "tests/server/door/requests.hpp"

namespace purse::fuzz {

struct Step {
    std::optional<test::OwnRequest> request;
    char act = 0;
};

inline std::string fill_in(std::string_view text, const std::string& value)
{
    std::string out;
    for (const char c : text) {
        if (c == '$')
            out += value;
        else if (c != '\r' && c != '\0')  // no header that HTTP lets through has them
            out += c;
    }
    return out;
}

/// What stands between `before` and the next quote; empty when there is no such thing.
inline std::string_view between(std::string_view text, std::string_view before)
{
    const auto at = text.find(before);
    if (at == std::string_view::npos) return {};
    const auto rest = text.substr(at + before.size());
    return rest.substr(0, rest.find('"'));
}

inline test::OwnRequest good_post(std::string_view body, const std::string& session)
{
    auto request = test::post(std::string{body});
    if (body.find(R"(protocolVersion":"2026)") != std::string_view::npos) {
        request.set("mcp-protocol-version", test::kModernName);
        request.set("mcp-method", between(body, R"("method":")"));
        if (const auto name = between(body, R"("name":")"); !name.empty())
            request.set("mcp-name", name);
    } else if (!session.empty() && body.find("\"initialize\"") == std::string_view::npos) {
        request.set("mcp-session-id", session);
    }
    return request;
}

inline server::http::Method method_of(std::string_view word)
{
    using server::http::Method;
    if (word == "GET") return Method::get;
    if (word == "POST") return Method::post;
    if (word == "DELETE") return Method::del;
    if (word == "OPTIONS") return Method::options;
    return word == "HEAD" ? Method::head : Method::other;
}

inline bool is_method(std::string_view word)
{
    return !word.empty() && word.find_first_not_of("ADEGHILNOPSTX") == std::string_view::npos;
}

/// Reads headers and body of a request that began with `line`.
inline test::OwnRequest read_request(std::string_view line, std::string_view& text,
                                     const std::string& session, const std::string& sse)
{
    auto request = test::post(std::string{});
    const auto space = line.find(' ');
    request.method = method_of(line.substr(0, space));
    const auto target = fill_in(line.substr(space + 1), sse);
    request.path = target.substr(0, target.find('?'));
    if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
    while (!text.empty() && request.headers.size() < 64) {
        auto rest = text;
        const auto next = take_line(rest);
        if (next.starts_with("| ")) {
            request.body += next.substr(2);
        } else {
            const auto colon = next.find(':');
            if (colon == std::string_view::npos || next.starts_with("> ")) break;
            auto value = fill_in(next.substr(colon + 1), session);
            while (value.starts_with(' ')) value.erase(0, 1);
            request.drop(next.substr(0, colon));
            if (!value.empty()) request.headers.emplace_back(next.substr(0, colon), value);
        }
        text = rest;
    }
    return request;
}

inline Step take_step(std::string_view& text, const std::string& session, const std::string& sse)
{
    const auto line = take_line(text);
    if (line.starts_with("> ")) return {.request = good_post(line.substr(2), session)};
    if (line.starts_with("! ") && line.size() == 3) return {.request = {}, .act = line[2]};
    const auto space = line.find(' ');
    if (space == std::string_view::npos || !is_method(line.substr(0, space))) return {};
    return {.request = read_request(line, text, session, sse)};
}

}  // namespace purse::fuzz
