// SPDX-License-Identifier: Apache-2.0
// MCP's content blocks and the results made of them, as JSON text.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "server/mcp/call.hpp"

namespace purse::conformance {

/// A PNG of one red pixel, and a WAV of one sample, in base 64.
constexpr std::string_view kPixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJg"
    "gg==";
constexpr std::string_view kSound =
    "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQIAAAAAAA==";

inline std::string text_block(std::string_view text)
{
    return R"({"type":"text","text":)" + json::quoted(text) + "}";
}

inline std::string image_block()
{
    return R"({"type":"image","data":")" + std::string{kPixel} + R"(","mimeType":"image/png"})";
}

inline std::string audio_block()
{
    return R"({"type":"audio","data":")" + std::string{kSound} + R"(","mimeType":"audio/wav"})";
}

/// A resource's contents with a text: what resources/read gives and blocks embed.
struct TextResource {
    std::string_view uri;
    std::string_view mime_type;
    std::string_view text;
};
inline std::string contents_of(const TextResource& resource)
{
    return R"({"uri":)" + json::quoted(resource.uri) + R"(,"mimeType":)" +
           json::quoted(resource.mime_type) + R"(,"text":)" + json::quoted(resource.text) + "}";
}

inline std::string resource_block(const TextResource& resource)
{
    return R"({"type":"resource","resource":)" + contents_of(resource) + "}";
}

inline std::string list_of(std::initializer_list<std::string> items)
{
    std::string list = "[";
    for (const auto& item : items) {
        if (list.size() > 1) list += ',';
        list += item;
    }
    return list + "]";
}

/// The result of a tool.
inline server::Done content(std::initializer_list<std::string> blocks)
{
    return {R"("content":)" + list_of(blocks)};
}

inline server::Done said(std::string_view text)
{
    return content({text_block(text)});
}

inline server::Done failed(std::string_view text)
{
    return {said(text).members + R"(,"isError":true)"};
}

/// A message of a prompt.
inline std::string user_says(const std::string& block)
{
    return R"({"role":"user","content":)" + block + "}";
}

/// The text of an argument; empty when it is not there.
inline std::string_view argument(const json::Value* arguments, std::string_view key)
{
    const auto* value = arguments == nullptr ? nullptr : arguments->find(key);
    return value == nullptr ? std::string_view{} : value->text();
}

}  // namespace purse::conformance
