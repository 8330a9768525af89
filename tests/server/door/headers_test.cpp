// SPDX-License-Identifier: Apache-2.0
#include "server/door/headers.hpp"

#include <catch2/catch.hpp>

#include "tests/server/door/requests.hpp"

using namespace purse;
using namespace purse::server;
using test::Lines;

namespace {
bool accepts_both(const Lines& headers, bool json, bool events)
{
    const test::OwnRequest request{.headers = headers};
    return accepts(request.view(), "application/json") == json &&
           accepts(request.view(), "text/event-stream") == events;
}

bool takes_json(const Lines& headers)
{
    return is_json(test::OwnRequest{.headers = headers}.view());
}

std::optional<std::string> bearer(const Lines& headers)
{
    const test::OwnRequest request{.headers = headers};
    const auto view = request.view();
    const auto found = bearer_of(view);
    return found ? std::optional{std::string{*found}} : std::nullopt;
}

/// What the headers of a modern request lack or say otherwise than its body; empty: nothing.
std::string wrong_with(const test::OwnRequest& request)
{
    const auto document = json::parse(request.body).value();
    const auto read = read_message(document.root()).value();
    const auto envelope = read_envelope(read.params).value().value();
    auto error = why_headers_differ(request.view(), read, envelope);
    if (!error) error = why_headers_lack(request.view(), read);
    if (error) CHECK(error->code == ErrorCode::header_mismatch);
    return error ? error->message : std::string{};
}
}  // namespace

TEST_CASE("headers: Accept names types, wildcards and weights")
{
    CHECK(accepts_both({}, true, true));
    const std::vector<std::tuple<const char*, bool, bool>> table{
        {"", true, true},
        {"  ", true, true},
        {"*/*", true, true},
        {"application/json", true, false},
        {"text/event-stream", false, true},
        {"application/json, text/event-stream", true, true},
        {"text/event-stream,application/json", true, true},
        {"Application/JSON , TEXT/Event-Stream", true, true},
        {"application/*", true, false},
        {"text/*", false, true},
        {"TEXT/*;q=0.5", false, true},
        {"application/json;q=0.9, text/event-stream;q=0.1", true, true},
        {"application/json ; charset=utf-8", true, false},
        {"text/html", false, false},
        {"application/jsonp", false, false},
        {"application/json5, text/event", false, false},
        {"json", false, false},
        {",,application/json,,", true, false},
        {"*", false, false},
        // A weight of nought refuses (RFC 9110, section 12.4.2); what is named goes before "*".
        {"application/json;q=0", false, false},
        {"application/json;q=0.000, text/event-stream", false, true},
        {"text/event-stream;q=0, */*", true, false},
        {"*/*;q=0.1, application/json; Q=0", false, true},
        {"*/*;q=0", false, false},
        {"text/*;q=0, text/event-stream", false, true},
        {"application/json;q=0.001", true, false},
    };
    for (const auto& [text, json, events] : table) {
        INFO(text);
        CHECK(accepts_both({{"accept", text}}, json, events));
    }
    // In several lines it is the same list (RFC 9110, section 5.3).
    CHECK(accepts_both({{"accept", "application/json"}, {"accept", "text/event-stream"}}, true,
                       true));
}

TEST_CASE("headers: a body is JSON when its type says so or says nothing")
{
    CHECK(takes_json({}));
    for (const auto* type :
         {"application/json", "Application/JSON", "application/json;charset=utf-8",
          "application/json ; charset=utf-8"}) {
        INFO(type);
        CHECK(takes_json({{"content-type", type}}));
    }
    for (const auto* type : {"", "text/plain", "application/jsonl", "application/json-rpc",
                             "application/x-www-form-urlencoded", "text/json", "json"}) {
        INFO(type);
        CHECK_FALSE(takes_json({{"content-type", type}}));
    }
}

TEST_CASE("headers: a bearer's secret")
{
    CHECK(bearer({}) == "");
    const std::vector<std::pair<const char*, std::optional<std::string>>> table{
        {"Bearer abc", "abc"},       {"bearer abc", "abc"}, {"BEARER abc", "abc"},
        {"Bearer   abc  ", "abc"},   {"Bearer a b", "a b"}, {"Bearer", std::nullopt},
        {"Bearer ", std::nullopt},   {"", std::nullopt},    {"Basic YTpi", std::nullopt},
        {"Bearerabc", std::nullopt}, {"abc", std::nullopt},
    };
    for (const auto& [text, secret] : table) {
        INFO(text);
        CHECK(bearer({{"authorization", text}}) == secret);
    }
}

TEST_CASE("headers: text that is no ASCII comes in base 64")
{
    CHECK(decode_header("plain text") == "plain text");
    CHECK(decode_header("") == "");
    CHECK(decode_header("=?base64?"
                        "?=") == "");
    CHECK(decode_header("=?base64?w6TDtsO8?=") == "\u00e4\u00f6\u00fc");
    CHECK(decode_header("=?base64?YQ==?=") == "a");
    CHECK(decode_header("=?base64?YWI=?=") == "ab");
    CHECK(decode_header("=?base64?+/+/?=") == "\xfb\xff\xbf");
    // No encoded text at all.
    CHECK(decode_header("=?base64?YQ==") == "=?base64?YQ==");
    CHECK(decode_header("base64?YQ==?=") == "base64?YQ==?=");
    CHECK(decode_header("=?base64?=") == "=?base64?=");
    for (const auto* bad :
         {"=?base64?YQ?=", "=?base64?Y?=", "=?base64?YR==?=", "=?base64?Y===?=", "=?base64?=YQ=?=",
          "=?base64?Y Q=?=", "=?base64?-_-_?=", "=?base64?YQ==YQ==?=", "=?base64?\u00e4\u00e4?="}) {
        INFO(bad);
        CHECK_FALSE(decode_header(bad));
    }
}

TEST_CASE("headers: a modern request's repeat its version, method and name")
{
    auto request = test::modern("tools/call", {{"name", "echo"}});
    CHECK(wrong_with(request).empty());
    CHECK_THAT(wrong_with(test::OwnRequest{request}.drop("mcp-protocol-version")),
               Catch::Contains("MCP-Protocol-Version is missing"));
    CHECK_THAT(wrong_with(test::OwnRequest{request}.set("mcp-protocol-version", "2025-11-25")),
               Catch::Contains("differs"));
    CHECK_THAT(wrong_with(test::OwnRequest{request}.drop("mcp-method")),
               Catch::Contains("Mcp-Method is missing"));
    // Values are case-sensitive.
    for (const auto* method : {"tools/list", "Tools/Call", "", "tools/call "}) {
        INFO(method);
        CHECK_THAT(wrong_with(test::OwnRequest{request}.set("mcp-method", method)),
                   Catch::Contains("Mcp-Method differs"));
    }
    CHECK_THAT(wrong_with(test::OwnRequest{request}.drop("mcp-name")),
               Catch::Contains("Mcp-Name is missing"));
    for (const auto* name : {"Echo", "", "echo2", "=?base64?ZWNobzI=?="}) {
        INFO(name);
        CHECK_THAT(wrong_with(test::OwnRequest{request}.set("mcp-name", name)),
                   Catch::Contains("Mcp-Name differs"));
    }
    CHECK(wrong_with(test::OwnRequest{request}.set("mcp-name", "=?base64?ZWNobw==?=")).empty());
    CHECK_THAT(wrong_with(test::OwnRequest{request}.set("mcp-name", "=?base64?ZWNobw?=")),
               Catch::Contains("not valid base64"));
}

TEST_CASE("headers: Mcp-Name is of the methods that have a name, in any alphabet")
{
    CHECK(wrong_with(test::modern("resources/read", {{"uri", "purse://budget"}})).empty());
    CHECK(wrong_with(test::modern("prompts/get", {{"name", "p"}})).empty());
    CHECK(wrong_with(test::modern("tools/list")).empty());
    auto other = test::modern("resources/read", {{"uri", "purse://budget"}});
    CHECK_FALSE(wrong_with(other.set("mcp-name", "purse://journal")).empty());
    // Not of others, and not where the param is no text: that is for the method to say.
    CHECK(wrong_with(test::modern("tools/list").set("mcp-name", "x")).empty());
    auto odd = test::post(test::message(1, "tools/call", test::modern_params({{"name", 5}})));
    odd.set("mcp-protocol-version", test::kModernName).set("mcp-method", "tools/call");
    CHECK(wrong_with(odd).empty());

    auto umlaut = test::modern("tools/call", {{"name", "\u00e4\u00f6\u00fc"}});
    CHECK(wrong_with(umlaut).empty());  // raw bytes, as some clients send them
    CHECK(wrong_with(umlaut.set("mcp-name", "=?base64?w6TDtsO8?=")).empty());
    CHECK_FALSE(wrong_with(umlaut.set("mcp-name", "=?base64?w6TDtsO4?=")).empty());
}
