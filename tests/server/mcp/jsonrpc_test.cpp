// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/jsonrpc.hpp"

#include <catch2/catch.hpp>

#include "server/limits.hpp"

using namespace purse;
using namespace purse::server;

namespace {
std::string nested(std::size_t depth)
{
    return std::string(depth, '[') + std::string(depth, ']');
}

/// "request id method", "error code id" and so on: what was read from one message.
std::string read(std::string_view text)
{
    const auto document = parse_frame(text);
    if (!document) return "parse error";
    const auto message = read_message(document->root());
    if (!message)
        return "error " + std::to_string(static_cast<int>(message.error().error.code)) + " [" +
               message.error().id.json + "]";
    switch (message->kind) {
        case MessageKind::request:
            return "request " + message->id.json + " " + std::string{message->method};
        case MessageKind::notification: return "notification " + std::string{message->method};
        case MessageKind::response: return "response";
    }
    return {};
}
}  // namespace

TEST_CASE("a message is a request, a notification or a response")
{
    CHECK(read(R"({"jsonrpc":"2.0","id":1,"method":"m"})") == "request 1 m");
    CHECK(read(R"({"id":"x","params":{},"method":"m","jsonrpc":"2.0"})") == "request \"x\" m");
    CHECK(read(R"({"jsonrpc":"2.0","method":"m","params":{}})") == "notification m");
    CHECK(read(R"({"jsonrpc":"2.0","method":"m","params":[]})") == "notification m");
    CHECK(read(R"({"jsonrpc":"2.0","id":1,"result":null})") == "response");
    CHECK(read(R"({"jsonrpc":"2.0","id":null,"error":{}})") == "response");
    CHECK(read(R"({"jsonrpc":"2.0","error":{}})") == "response");
    CHECK(read(R"({"jsonrpc":"2.0","result":{}})") == "error -32600 [null]");
    CHECK(read(R"({"jsonrpc":"2.0","id":true,"result":{}})") == "error -32600 [null]");
    CHECK(read(R"({"jsonrpc":"2.0","id":2,"method":"m","error":{}})") == "error -32600 [2]");
    CHECK(read(R"({"jsonrpc":"2.0","id":2,"method":"m","params":[1]})") == "error -32602 [2]");
}

TEST_CASE("params are an object or absent")
{
    const auto document =
        parse_frame(R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1.50}})");
    REQUIRE(document);
    const auto message = read_message(document->root());
    REQUIRE(message);
    REQUIRE(message->params != nullptr);
    CHECK(message->params->find("a")->text() == "1.50");
    const auto without = parse_frame(R"({"jsonrpc":"2.0","id":1,"method":"m"})");
    REQUIRE(without);
    CHECK(read_message(without->root())->params == nullptr);
}

TEST_CASE("an id keeps its exact text")
{
    const auto request = [](const std::string& id) {
        return read(R"({"jsonrpc":"2.0","method":"m","id":)" + id + "}");
    };
    for (const std::string id :
         {"0", "-0", "-7", "18446744073709551616", "\"\"", "\"0\"", R"("q\"\\\n")", "\"\xc3\xa9\""})
        CHECK(request(id) == "request " + id + " m");
    CHECK(request(R"("\u0041\u00e9")") == "request \"A\xc3\xa9\" m");
    for (const std::string id : {"null", "1.0", "1e0", "-1E2", "false", "[]", "{}"})
        CHECK(request(id) == "error -32600 [null]");
    const std::string longest(kIdBytesMax, 'x');
    CHECK(request('"' + longest + '"') == "request \"" + longest + "\" m");
    CHECK(request('"' + longest + "x\"") == "error -32600 [null]");
    CHECK(request(std::string(kIdBytesMax + 1, '1')) == "error -32600 [null]");
}

TEST_CASE("a message that claims the modern era is never answered with id null")
{
    const std::string claim = R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"})";
    CHECK(read(R"({"jsonrpc":"2.0","id":null,"method":"m","params":{)" + claim + "}}") ==
          "error -32600 []");
    CHECK(read(R"({"jsonrpc":"2.0","id":4,"method":7,"params":{)" + claim + "}}") ==
          "error -32600 [4]");
}

TEST_CASE("text that is not strict JSON is a parse error that says where")
{
    const auto error = parse_frame(R"({"a":1,"a":2})");
    REQUIRE_FALSE(error);
    CHECK(error.error().code == ErrorCode::parse_error);
    CHECK(error.error().message.find("\"a\"") != std::string::npos);
    CHECK(error.error().message.starts_with("Parse error at byte "));
    CHECK(parse_frame(nested(kDepthMax)));
    CHECK_FALSE(parse_frame(nested(kDepthMax + 1)));
    CHECK_FALSE(parse_frame(nested(kLineBytesMax / 2)));
    CHECK_FALSE(parse_frame("{\"a\":\"\xff\"}"));
    CHECK_FALSE(parse_frame("{\"a\":\"\xed\xa0\x80\"}"));
    CHECK_FALSE(parse_frame("{\"a\":\"\xe2\x82\"}"));
    CHECK_FALSE(parse_frame("\xef\xbb\xbf{}"));
    CHECK_FALSE(parse_frame(""));
    CHECK_FALSE(parse_frame("{}x"));

    // A long key comes back short.
    const std::string key(10'000, 'k');
    const auto twice = parse_frame("{\"" + key + "\":1,\"" + key + "\":2}");
    REQUIRE_FALSE(twice);
    CHECK(twice.error().message.size() < 400);
}

TEST_CASE("answers are one line of JSON")
{
    std::string out;
    append_result(out, {"7"}, "{}");
    CHECK(out == R"({"jsonrpc":"2.0","id":7,"result":{}})");
    out.clear();
    append_error(out, {"\"a\""}, {ErrorCode::invalid_params, "no \"way\"\n", {}});
    CHECK(out == R"({"jsonrpc":"2.0","id":"a","error":{"code":-32602,"message":"no \"way\"\n"}})");
    out.clear();
    append_error(out, unknown_id(), {ErrorCode::parse_error, "m", R"({"x":1})"});
    CHECK(out ==
          R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"m","data":{"x":1}}})");
    out.clear();
    append_error(out, {}, {ErrorCode::invalid_request, "m", {}});
    CHECK(out == R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"m"}})");
}

TEST_CASE("an excerpt is short, clean and whole characters")
{
    CHECK(excerpt("plain", 10) == "plain");
    CHECK(excerpt("a\nb\x1b[31m\x7f\xc2\x9b", 99) == "ab[31m");
    CHECK(excerpt("ab\xe2\x82\xac", 5) == "ab\xe2\x82\xac");
    CHECK(excerpt("ab\xe2\x82\xac", 4) == "ab");
    CHECK(excerpt("abc", 0).empty());
}
