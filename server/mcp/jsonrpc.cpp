// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/jsonrpc.hpp"

#include <algorithm>

#include "server/limits.hpp"
#include "server/mcp/era.hpp"

namespace purse::server {

namespace {
bool is_control(char c) noexcept
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// U+0080 to U+009F, which terminals obey as well.
bool is_c1(std::string_view text) noexcept
{
    return text.size() >= 2 && text[0] == '\xc2' && static_cast<unsigned char>(text[1]) >= 0x80 &&
           static_cast<unsigned char>(text[1]) < 0xa0;
}

bool is_continuation(char c) noexcept
{
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

RpcError invalid_request(std::string message)
{
    return {ErrorCode::invalid_request, std::move(message), {}};
}

// The id that the answer to a malformed message carries: its own if that can be read. Without one,
// null for legacy peers; modern ones refuse null and want the member left out.
RequestId id_for_refusal(const json::Value& value)
{
    if (const auto* id = value.find("id")) {
        if (auto read = read_id(*id)) return *std::move(read);
    }
    return has_claim(value.find("params")) ? RequestId{} : unknown_id();
}

// What is wrong with the members that every request and notification has; nullptr if nothing is.
const char* wrong_call_shape(const json::Value& value)
{
    if (value.find("result") != nullptr || value.find("error") != nullptr)
        return "A message has either a method or a result";
    if (!value.find("method")->is(json::Kind::string)) return "method must be a string";
    const auto* params = value.find("params");
    if (params != nullptr && !params->is(json::Kind::object) && !params->is(json::Kind::array))
        return "params must be an object";
    return nullptr;
}

// Answers to requests: their id may be null, in errors about a message without a readable one.
const char* wrong_response_shape(const json::Value& value)
{
    const auto* error = value.find("error");
    const auto* id = value.find("id");
    if ((value.find("result") != nullptr) == (error != nullptr))
        return "A message has a method, a result or an error";
    if (id == nullptr) return error != nullptr ? nullptr : "A response has an id";
    if (id->is(json::Kind::null)) return nullptr;
    return read_id(*id) ? nullptr : "id must be a string or an integer";
}

// Whether text, known to be a JSON number, has neither fraction nor exponent.
bool is_integer(std::string_view text) noexcept
{
    return text.find_first_of(".eE") == std::string_view::npos;
}
}  // namespace

std::expected<RequestId, RpcError> read_id(const json::Value& value)
{
    const bool whole = value.is(json::Kind::number) && is_integer(value.text());
    if (!whole && !value.is(json::Kind::string))
        return std::unexpected{invalid_request("id must be a string or an integer")};
    if (value.text().size() > kIdBytesMax)
        return std::unexpected{invalid_request("id is too long")};
    RequestId id;
    if (whole)
        id.json = value.text();
    else
        json::append_quoted(id.json, value.text());
    return id;
}

std::expected<json::Document, RpcError> parse_frame(std::string_view text)
{
    json::ParseOptions options;
    options.depth_max = kDepthMax;
    auto document = json::parse(text, options);
    if (document) return *std::move(document);
    const auto& error = document.error();
    return std::unexpected{RpcError{ErrorCode::parse_error,
                                    "Parse error at byte " + std::to_string(error.offset) + ": " +
                                        excerpt(error.what, 2 * kEchoBytesMax),
                                    {}}};
}

std::expected<Message, BadMessage> read_message(const json::Value& value)
{
    const auto refuse = [&](RpcError error) {
        return std::unexpected{BadMessage{std::move(error), id_for_refusal(value)}};
    };
    if (!value.is(json::Kind::object)) return refuse(invalid_request("A message is an object"));
    const auto* version = value.find("jsonrpc");
    if (version == nullptr || !version->is(json::Kind::string) || version->text() != "2.0")
        return refuse(invalid_request("jsonrpc must be \"2.0\""));

    Message message;
    const auto* method = value.find("method");
    if (method == nullptr) {
        if (const auto* wrong = wrong_response_shape(value)) return refuse(invalid_request(wrong));
        message.kind = MessageKind::response;
        message.result = value.find("result");
        const auto* answered = value.find("id");
        if (answered != nullptr && !answered->is(json::Kind::null))
            message.id = *read_id(*answered);  // its shape was checked
        return message;
    }
    if (const auto* wrong = wrong_call_shape(value)) return refuse(invalid_request(wrong));
    message.method = method->text();
    if (const auto* id = value.find("id")) {
        auto read = read_id(*id);
        if (!read) return refuse(std::move(read).error());
        message.kind = MessageKind::request;
        message.id = *std::move(read);
    }
    const auto* params = value.find("params");
    if (params != nullptr && params->is(json::Kind::object)) {
        message.params = params;
    } else if (params != nullptr && message.kind == MessageKind::request) {
        // By position is JSON-RPC, but no method of MCP takes its params so.
        return refuse({ErrorCode::invalid_params, "params must be an object", {}});
    }
    return message;
}

RequestId unknown_id()
{
    return {"null"};
}

void append_result(std::string& out, const RequestId& id, std::string_view result)
{
    out += R"({"jsonrpc":"2.0","id":)";
    out += id.json;
    out += R"(,"result":)";
    out += result;
    out += '}';
}

void append_error(std::string& out, const RequestId& id, const RpcError& error)
{
    out += R"({"jsonrpc":"2.0")";
    if (!id.json.empty()) {
        out += R"(,"id":)";
        out += id.json;
    }
    out += R"(,"error":{"code":)";
    out += std::to_string(static_cast<int>(error.code));
    out += R"(,"message":)";
    json::append_quoted(out, error.message);
    if (!error.data.empty()) {
        out += R"(,"data":)";
        out += error.data;
    }
    out += "}}";
}

std::string excerpt(std::string_view text, std::size_t bytes_max)
{
    std::string kept;
    kept.reserve(std::min(text.size(), bytes_max));
    for (std::size_t i = 0; i < text.size();) {
        std::size_t size = 1;
        while (i + size < text.size() && is_continuation(text[i + size])) ++size;
        const auto character = text.substr(i, size);
        i += size;
        if (is_control(character[0]) || is_c1(character)) continue;
        if (kept.size() + size > bytes_max) break;
        kept += character;
    }
    return kept;
}

}  // namespace purse::server
