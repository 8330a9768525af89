// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/replies.hpp"

#include <boost/json/serialize.hpp>

#include "server/limits.hpp"

namespace purse::server {

namespace {
constexpr std::string_view kName = "purse";
constexpr std::string_view kTitle = "Purse";
constexpr std::string_view kInstructions =
    "Purse holds the money for paid services under hard spending caps. Before a paid call, ask "
    "pay_preauthorize with the most it may cost, and make the call only if the answer is ok; then "
    "report the real cost with pay_settle and the txId (outcome \"void\" if nothing was used up). "
    "If a payment is refused, tell the user the message and do not try to get around the cap; "
    "pay_budget_status shows what is left.";

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
    out += '}';
    return out;
}

std::string implementation(std::string_view program_version, Version version)
{
    std::string out = "{";
    append_member(out, "name", kName);
    if (version >= Version::v2025_06_18) append_member(out, "title", kTitle);
    append_member(out, "version", program_version);
    out += '}';
    return out;
}

// For lists that are the same for every caller and constant in a release.
void append_cache_hints(std::string& out)
{
    append_raw_member(out, "ttlMs", std::to_string(kListTtl.count()));
    append_member(out, "cacheScope", "public");
}

void append_text_block(std::string& out, std::string_view text)
{
    out += R"({"type":"text","text":)";
    json::append_quoted(out, text);
    out += '}';
}
}  // namespace

Replies::Replies(std::span<const tools::Tool> tools, std::string_view program_version)
    : program_version_{program_version}
{
    server_meta_ = R"("io.modelcontextprotocol/serverInfo":)";
    server_meta_ += implementation(program_version, kModern);

    discover_ = R"({"resultType":"complete","supportedVersions":[)";
    json::append_quoted(discover_, name_of(kModern));
    discover_ += R"(],"capabilities":{"tools":{}})";
    append_member(discover_, "instructions", kInstructions);
    append_cache_hints(discover_);
    append_raw_member(discover_, "_meta", "{" + server_meta_ + "}");
    discover_ += '}';

    for (std::size_t i = 0; i < kVersionCount; ++i) {
        const auto version = static_cast<Version>(i);
        std::string list = "[";
        for (const auto& tool : tools) {
            if (list.size() > 1) list += ',';
            list += describe(tool, version);
        }
        list += ']';
        auto& out = tools_[i];
        out = "{";
        if (version == kModern) append_member(out, "resultType", "complete");
        append_raw_member(out, "tools", list);
        if (version == kModern) {
            append_cache_hints(out);
            append_raw_member(out, "_meta", "{" + server_meta_ + "}");
        }
        out += '}';
    }
}

std::string Replies::initialize(Version version) const
{
    std::string out = "{";
    append_member(out, "protocolVersion", name_of(version));
    append_raw_member(out, "capabilities", R"({"tools":{}})");
    append_raw_member(out, "serverInfo", implementation(program_version_, version));
    append_member(out, "instructions", kInstructions);
    out += '}';
    return out;
}

const std::string& Replies::tools(Version version) const
{
    return tools_[static_cast<std::size_t>(version)];
}

std::string Replies::call(const RequestId& id, Version version, const tools::Result& result) const
{
    const auto structured = boost::json::serialize(result.structured);
    std::string out;
    out.reserve(512 + result.text.size() + 5 * structured.size() / 2);
    out += R"({"jsonrpc":"2.0","id":)";
    out += id.json;
    out += R"(,"result":{)";
    if (version == kModern) out += R"("resultType":"complete",)";
    out += R"("content":[)";
    append_text_block(out, result.text);
    out += ',';
    append_text_block(out, structured);
    out += ']';
    if (version >= Version::v2025_06_18) {
        out += R"(,"structuredContent":)";
        out += structured;
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

std::string Replies::acknowledged(const RequestId& id) const
{
    // Nothing we list ever changes, so no kind of notice is honoured.
    return R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{)"
           R"("_meta":{"io.modelcontextprotocol/subscriptionId":)" +
           id.json + R"(},"notifications":{}}})";
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
