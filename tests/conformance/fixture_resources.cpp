// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "fixtures.hpp"
#include "words.hpp"

namespace purse::conformance {

namespace {
constexpr std::array<tools::Resource, 3> kResources = {{
    {"test://static-text", "static-text", "Static text", "A text that never changes", "text/plain"},
    {"test://static-binary", "static-binary", "Static binary", "An image that never changes",
     "image/png"},
    {"test://watched-resource", "watched-resource", "Watched", "A text that can be watched",
     "text/plain"},
}};

constexpr std::string_view kTemplateHead = "test://template/";
constexpr std::string_view kTemplateTail = "/data";
constexpr std::array<tools::ResourceTemplate, 1> kTemplates = {{
    {"test://template/{id}/data", "template", "Template", "Data of an id", "application/json"},
}};

server::Outcome contents(const std::string& one)
{
    return server::Done{R"("contents":[)" + one + "]"};
}

// The id of a URI of the template; nothing for any other.
std::optional<std::string_view> template_id(std::string_view uri)
{
    if (!uri.starts_with(kTemplateHead) || !uri.ends_with(kTemplateTail)) return std::nullopt;
    if (uri.size() <= kTemplateHead.size() + kTemplateTail.size()) return std::nullopt;
    uri.remove_prefix(kTemplateHead.size());
    uri.remove_suffix(kTemplateTail.size());
    if (uri.contains('/')) return std::nullopt;
    return uri;
}
}  // namespace

std::span<const tools::Resource> resources()
{
    return kResources;
}

std::span<const tools::ResourceTemplate> resource_templates()
{
    return kTemplates;
}

std::optional<server::Outcome> read_resource(std::string_view uri)
{
    if (uri == "test://static-text")
        return contents(contents_of({.uri = uri,
                                     .mime_type = "text/plain",
                                     .text = "This is the content of the static text resource."}));
    if (uri == "test://static-binary")
        return contents(R"({"uri":"test://static-binary","mimeType":"image/png","blob":")" +
                        std::string{kPixel} + "\"}");
    if (uri == "test://watched-resource")
        return contents(contents_of(
            {.uri = uri, .mime_type = "text/plain", .text = "Watched resource content"}));
    if (const auto id = template_id(uri)) {
        const auto text = R"({"id":)" + json::quoted(*id) + R"(,"templateTest":true,"data":)" +
                          json::quoted("Data for ID: " + std::string{*id}) + "}";
        return contents(contents_of({.uri = uri, .mime_type = "application/json", .text = text}));
    }
    return std::nullopt;
}

}  // namespace purse::conformance
