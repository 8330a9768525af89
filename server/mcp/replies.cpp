// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/replies.hpp"

#include <algorithm>

#include "server/limits.hpp"

namespace purse::server {

namespace {
void append_member(std::string& out, std::string_view key, std::string_view text)
{
    if (out.back() != '{') out += ',';
    json::append_quoted(out, key);
    out += ':';
    json::append_quoted(out, text);
}

void append_raw_member(std::string& out, std::string_view key, std::string_view json)
{
    if (out.back() != '{') out += ',';
    json::append_quoted(out, key);
    out += ':';
    out += json;
}

void append_hint(std::string& out, std::string_view key, bool hint)
{
    append_raw_member(out, key, hint ? "true" : "false");
}

// All four hints, also where they equal the default: hosts have turned tools away for less.
std::string annotations_of(const tools::Tool& tool, Version version)
{
    std::string out = "{";
    // The only place for a title before tools had one of their own.
    if (version < Version::v2025_06_18) append_member(out, "title", tool.title);
    append_hint(out, "readOnlyHint", tool.annotations.read_only);
    append_hint(out, "destructiveHint", tool.annotations.destructive);
    append_hint(out, "idempotentHint", tool.annotations.idempotent);
    append_hint(out, "openWorldHint", tool.annotations.open_world);
    out += '}';
    return out;
}

// What resources and templates have besides their address and name.
void append_texts(std::string& out, const auto& resource, Version version)
{
    if (version >= Version::v2025_06_18) append_member(out, "title", resource.title);
    append_member(out, "description", resource.description);
    if (!resource.mime_type.empty()) append_member(out, "mimeType", resource.mime_type);
}

// Where hosts look for the page that shows a result: as the extension spells it, and as it did
// before. The same for every client and in every version: the list may be cached for all, and the
// extension can be declared in each of them.
std::string view_of(const tools::Tool& tool)
{
    std::string ui = "{";
    append_member(ui, "resourceUri", tool.view);
    append_raw_member(ui, "visibility", R"(["model","app"])");
    std::string out = "{";
    append_raw_member(out, "ui", ui + "}");
    append_member(out, "ui/resourceUri", tool.view);
    return out + "}";
}

std::string describe(const tools::Tool& tool, Version version)
{
    std::string out = "{";
    append_member(out, "name", tool.name);
    if (version >= Version::v2025_06_18) append_member(out, "title", tool.title);
    append_member(out, "description", tool.description);
    append_raw_member(out, "inputSchema", compact(tool.input_schema));
    if (version >= Version::v2025_06_18 && !tool.output_schema.empty())
        append_raw_member(out, "outputSchema", compact(tool.output_schema));
    if (version >= Version::v2025_03_26)
        append_raw_member(out, "annotations", annotations_of(tool, version));
    if (!tool.view.empty()) append_raw_member(out, "_meta", view_of(tool));
    out += '}';
    return out;
}

std::string describe(const tools::Resource& resource, Version version)
{
    std::string out = "{";
    append_member(out, "uri", resource.uri);
    append_member(out, "name", resource.name);
    append_texts(out, resource, version);
    return out + "}";
}

std::string describe(const tools::ResourceTemplate& resource, Version version)
{
    std::string out = "{";
    append_member(out, "uriTemplate", resource.uri_template);
    append_member(out, "name", resource.name);
    append_texts(out, resource, version);
    return out + "}";
}

std::string describe(const tools::Prompt& prompt, Version version)
{
    std::string out = "{";
    append_member(out, "name", prompt.name);
    if (version >= Version::v2025_06_18) append_member(out, "title", prompt.title);
    append_member(out, "description", prompt.description);
    std::string arguments = "[";
    for (const auto& argument : prompt.arguments) {
        if (arguments.size() > 1) arguments += ',';
        arguments += '{';
        append_member(arguments, "name", argument.name);
        append_member(arguments, "description", argument.description);
        append_raw_member(arguments, "required", argument.is_required ? "true" : "false");
        arguments += '}';
    }
    append_raw_member(out, "arguments", arguments + "]");
    return out + "}";
}

/// Who we are, in initialize and in the `_meta` of modern results.
std::string implementation(const Offer& offer, Version version)
{
    std::string out = "{";
    append_member(out, "name", offer.name);
    if (version >= Version::v2025_06_18) append_member(out, "title", offer.title);
    append_member(out, "version", offer.version);
    out += '}';
    return out;
}

// Only what is served: clients show what is declared.
std::string capabilities_of(const Offer& offer, Version version)
{
    const std::string_view list = offer.lists_change ? R"({"listChanged":true})" : "{}";
    std::string out = "{";
    append_raw_member(out, "tools", list);
    if (offer.has_resources()) {
        std::string resources = "{";
        if (offer.subscriptions) append_raw_member(resources, "subscribe", "true");
        if (offer.lists_change) append_raw_member(resources, "listChanged", "true");
        append_raw_member(out, "resources", resources + "}");
    }
    if (offer.has_prompts()) append_raw_member(out, "prompts", list);
    if (offer.completions && version >= Version::v2025_03_26)
        append_raw_member(out, "completions", "{}");
    if (offer.logging) append_raw_member(out, "logging", "{}");
    // No older version has a place for extensions of a server.
    if (offer.has_views() && version >= kModern)
        append_raw_member(out, "extensions", R"({"io.modelcontextprotocol/ui":{}})");
    return out + "}";
}

std::string initialize_result(const Offer& offer, Version version)
{
    std::string out = "{";
    append_member(out, "protocolVersion", server::name_of(version));
    append_raw_member(out, "capabilities", capabilities_of(offer, version));
    append_raw_member(out, "serverInfo", implementation(offer, version));
    if (!offer.instructions.empty()) append_member(out, "instructions", offer.instructions);
    return out + "}";
}

constexpr std::string_view kCursorPrefix = "page-";

std::string_view name_of(List list)
{
    static constexpr std::array<std::string_view, kListCount> kNames{
        "tools", "resources", "resourceTemplates", "prompts"};
    return kNames[static_cast<std::size_t>(list)];
}

// For lists that are the same for every caller and constant in a release.
void append_cache_hints(std::string& out)
{
    append_raw_member(out, "ttlMs", std::to_string(kListTtl.count()));
    append_member(out, "cacheScope", "public");
}

/// `literal` is a JSON string.
void append_text_block(std::string& out, std::string_view literal)
{
    out += R"({"type":"text","text":)";
    out += literal;
    out += '}';
}
}  // namespace

Replies::Replies(const Offer& offer)
    : server_meta_{R"("io.modelcontextprotocol/serverInfo":)" + implementation(offer, kModern)}
{
    for (std::size_t i = 0; i < kVersionCount; ++i) {
        const auto version = static_cast<Version>(i);
        initialize_[i] = initialize_result(offer, version);
        make_lists(offer, version);
    }
    discover_ = R"({"resultType":"complete","supportedVersions":[)";
    json::append_quoted(discover_, server::name_of(kModern));
    discover_ += ']';
    append_raw_member(discover_, "capabilities", capabilities_of(offer, kModern));
    if (!offer.instructions.empty()) append_member(discover_, "instructions", offer.instructions);
    append_cache_hints(discover_);
    append_raw_member(discover_, "_meta", "{" + server_meta_ + "}");
    discover_ += '}';
}

void Replies::make_lists(const Offer& offer, Version version)
{
    const auto make = [&](List list, const auto& entries) {
        auto& pages = pages_[static_cast<std::size_t>(list)][static_cast<std::size_t>(version)];
        std::size_t next = 0;
        do {
            std::string items = "[";
            for (const auto stop = std::min(next + kPageMax, entries.size()); next < stop; ++next) {
                if (items.size() > 1) items += ',';
                items += describe(entries[next], version);
            }
            std::string page = "{";
            if (version == kModern) append_member(page, "resultType", "complete");
            append_raw_member(page, name_of(list), items + "]");
            if (next < entries.size())
                append_member(page, "nextCursor",
                              std::string{kCursorPrefix} + std::to_string(pages.size() + 2));
            if (version == kModern) {
                append_cache_hints(page);
                append_raw_member(page, "_meta", "{" + server_meta_ + "}");
            }
            pages.push_back(page + "}");
        } while (next < entries.size());
    };
    make(List::tools, offer.tools);
    make(List::resources, offer.resources);
    make(List::resource_templates, offer.resource_templates);
    make(List::prompts, offer.prompts);
}

const std::string* Replies::page(List list, Version version, std::string_view cursor) const
{
    const auto& pages = pages_[static_cast<std::size_t>(list)][static_cast<std::size_t>(version)];
    if (cursor.empty()) return &pages.front();
    for (std::size_t i = 1; i < pages.size(); ++i)
        if (cursor == std::string{kCursorPrefix} + std::to_string(i + 1)) return &pages[i];
    return nullptr;
}

std::string Replies::done(const RequestId& id, const Shape& shape, const Done& done) const
{
    std::string out = R"({"jsonrpc":"2.0","id":)" + id.json + R"(,"result":{)";
    if (shape.version == kModern) append_member(out, "resultType", "complete");
    if (!done.members.empty()) {
        if (out.back() != '{') out += ',';
        out += done.members;
    }
    if (shape.version == kModern) {
        if (done.is_constant)
            append_cache_hints(out);
        else if (shape.is_read)  // the caller's own, and it changes with each payment
            out += R"(,"ttlMs":0,"cacheScope":"private")";
        append_raw_member(out, "_meta", "{" + server_meta_ + "}");
    }
    return out + "}}";
}

std::string Replies::needs_input(const RequestId& id, const NeedsInput& needs,
                                 std::string_view state) const
{
    std::string out = R"({"jsonrpc":"2.0","id":)" + id.json + R"(,"result":{)";
    append_member(out, "resultType", "input_required");
    if (!needs.requests.empty()) {
        std::string requests = "{";
        for (const auto& request : needs.requests) {
            std::string one = "{";
            append_member(one, "method", request.method);
            append_raw_member(one, "params", request.params);
            append_raw_member(requests, request.key, one + "}");
        }
        append_raw_member(out, "inputRequests", requests + "}");
    }
    if (!state.empty()) append_member(out, "requestState", state);
    append_raw_member(out, "_meta", "{" + server_meta_ + "}");
    return out + "}}";
}

std::string Replies::call(const RequestId& id, Version version, const tools::Result& result) const
{
    const auto words = tools::render(result);
    std::string out;
    out.reserve(512 + words->text_literal.size() + words->json_literal.size() + words->json.size());
    out += R"({"jsonrpc":"2.0","id":)";
    out += id.json;
    out += R"(,"result":{)";
    if (version == kModern) out += R"("resultType":"complete",)";
    out += R"("content":[)";
    append_text_block(out, words->text_literal);
    out += ',';
    append_text_block(out, words->json_literal);
    out += ']';
    if (version >= Version::v2025_06_18) {
        out += R"(,"structuredContent":)";
        out += words->json;
    }
    if (result.is_error) out += R"(,"isError":true)";
    if (version == kModern) {
        out += R"(,"_meta":{)";
        out += server_meta_;
        out += '}';
    }
    out += "}}";
    return out;
}

std::string Replies::acknowledged(const RequestId& id, const NoticeFilter& granted) const
{
    std::string honoured = "{";
    if (granted.tools) append_raw_member(honoured, "toolsListChanged", "true");
    if (granted.prompts) append_raw_member(honoured, "promptsListChanged", "true");
    if (granted.resources) append_raw_member(honoured, "resourcesListChanged", "true");
    if (!granted.uris.empty()) {
        std::string uris = "[";
        for (const auto& uri : granted.uris) {
            if (uris.size() > 1) uris += ',';
            json::append_quoted(uris, uri);
        }
        append_raw_member(honoured, "resourceSubscriptions", uris + "]");
    }
    return R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{)"
           R"("_meta":{"io.modelcontextprotocol/subscriptionId":)" +
           id.json + R"(},"notifications":)" + honoured + "}}}";
}

std::string Replies::subscription_ended(const RequestId& id) const
{
    std::string out;
    append_result(out, id,
                  R"({"resultType":"complete","_meta":{)" + server_meta_ +
                      R"(,"io.modelcontextprotocol/subscriptionId":)" + id.json + "}}");
    return out;
}

std::string compact(std::string_view json)
{
    std::string out;
    out.reserve(json.size());
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (!in_string && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) continue;
        out += c;
        if (c == '"') in_string = !in_string;
        if (c == '\\' && i + 1 < json.size()) out += json[++i];
    }
    return out;
}

}  // namespace purse::server
