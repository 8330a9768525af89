// SPDX-License-Identifier: Apache-2.0
// HTTP requests and MCP messages, as tests of the door write them.
#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/message.hpp"

namespace purse::test {

namespace http = server::http;
using boost::json::object;
using boost::json::value;
using Lines = std::vector<std::pair<std::string, std::string>>;

/// A request and everything that it points into.
struct OwnRequest {
    http::Method method = http::Method::post;
    std::string path = "/mcp";
    std::string query{};
    Lines headers{};
    std::string body{};
    http::Remote remote{.address = "127.0.0.1", .loopback = true};

    /// Valid as long as this is.
    http::Request view() const
    {
        http::Request request;
        request.method = method;
        request.path = path;
        request.query = query;
        for (const auto& [name, text] : headers) request.headers.push_back({name, text});
        request.body = body;
        request.remote = &remote;
        return request;
    }
    /// Adds a header, or puts another text in its place.
    OwnRequest& set(std::string_view name, std::string_view text)
    {
        drop(name);
        headers.emplace_back(name, text);
        return *this;
    }
    OwnRequest& drop(std::string_view name)
    {
        std::erase_if(headers, [&](const auto& header) { return header.first == name; });
        return *this;
    }
};

inline constexpr auto kVersionKey = "io.modelcontextprotocol/protocolVersion";
inline constexpr auto kAbilitiesKey = "io.modelcontextprotocol/clientCapabilities";
inline constexpr auto kModernName = "2026-07-28";

inline object modern_meta()
{
    return {{kVersionKey, kModernName}, {kAbilitiesKey, object{}}};
}
inline object modern_params(object params = {})
{
    params["_meta"] = modern_meta();
    return params;
}
inline value message(const value& id, std::string_view method, const object& params = {})
{
    return {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}};
}
inline value notice(std::string_view method, const object& params = {})
{
    return {{"jsonrpc", "2.0"}, {"method", method}, {"params", params}};
}

/// A POST to /mcp, with the headers every client sends.
inline OwnRequest post(std::string body)
{
    return {.headers = {{"host", "localhost"},
                        {"content-type", "application/json"},
                        {"accept", "application/json, text/event-stream"},
                        {"authorization", "Bearer good"}},
            .body = std::move(body)};
}
inline OwnRequest post(const char* body)
{
    return post(std::string{body});
}
inline OwnRequest post(const value& body)
{
    return post(serialize(body));
}
/// The same of 2026-07-28, with its headers.
inline OwnRequest modern(std::string_view method, object params = {}, const value& id = 1)
{
    const std::string name{params.contains("name")  ? params["name"].as_string()
                           : params.contains("uri") ? params["uri"].as_string()
                                                    : boost::json::string{}};
    auto request = post(message(id, method, modern_params(std::move(params))));
    request.set("mcp-protocol-version", kModernName).set("mcp-method", method);
    if (!name.empty()) request.set("mcp-name", name);
    return request;
}
inline OwnRequest get(std::string path, std::string query = {})
{
    return {.method = http::Method::get,
            .path = std::move(path),
            .query = std::move(query),
            .headers = {{"host", "localhost"},
                        {"accept", "text/event-stream"},
                        {"authorization", "Bearer good"}}};
}

}  // namespace purse::test
