// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/replies.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "server/limits.hpp"
#include "server/toolbox_catalog.hpp"
#include "test_toolbox.hpp"

using namespace purse;
using namespace purse::server;

namespace {
Offer offer()
{
    test::TestToolbox toolbox;
    return ToolboxCatalog{toolbox, "1.2.3"}.offer();
}

const std::string& tools_of(const Replies& replies, Version version)
{
    return *replies.page(List::tools, version, "");
}

boost::json::object first_tool(const Replies& replies, Version version)
{
    return boost::json::parse(tools_of(replies, version)).at("tools").at(0).as_object();
}
}  // namespace

TEST_CASE("compact JSON has no white space between tokens and all of it within strings")
{
    CHECK(compact("{ \"a b\" :\n\t[ 1, 2 ],\r\n \"c\\\" d\" : \"e \\\\\" , \"f\" : \" g\" }") ==
          R"({"a b":[1,2],"c\" d":"e \\","f":" g"})");
    CHECK(compact("").empty());
}

TEST_CASE("every list is one line of JSON with only the members of its version")
{
    const Replies replies{offer()};
    for (std::size_t i = 0; i < kVersionCount; ++i) {
        const auto version = static_cast<Version>(i);
        CHECK(tools_of(replies, version).find('\n') == std::string::npos);
        const auto tool = first_tool(replies, version);
        CHECK(tool.contains("annotations") == (version >= Version::v2025_03_26));
        CHECK(tool.contains("title") == (version >= Version::v2025_06_18));
        CHECK(tool.contains("outputSchema") == (version >= Version::v2025_06_18));
        const auto list = boost::json::parse(tools_of(replies, version)).as_object();
        CHECK_FALSE(list.contains("nextCursor"));
        CHECK(list.contains("resultType") == (version == kModern));
        CHECK(list.contains("ttlMs") == (version == kModern));
        CHECK(list.contains("cacheScope") == (version == kModern));
        CHECK(list.contains("_meta") == (version == kModern));
    }
}

TEST_CASE("the program's version is in what introduces it")
{
    const Replies replies{offer()};
    const auto info = boost::json::parse(replies.initialize(kNewestLegacy)).at("serverInfo");
    CHECK(info.at("version") == "1.2.3");
    CHECK(boost::json::parse(replies.discover())
              .at("_meta")
              .at("io.modelcontextprotocol/serverInfo")
              .at("version") == "1.2.3");
}

TEST_CASE("a result's text block is exactly the JSON of its structured content")
{
    const Replies replies{offer()};
    tools::Result result;
    result.structured = {{"a", "line\nfeed \"q\" \\ \x01 \xe2\x82\xac"}, {"n", 12}};
    result.text = "say \"it\"\n";
    for (std::size_t i = 0; i < kVersionCount; ++i) {
        const auto version = static_cast<Version>(i);
        const auto frame = replies.call({"1"}, version, result);
        CHECK(frame.find('\n') == std::string::npos);
        const auto body = boost::json::parse(frame).at("result").as_object();
        CHECK(body.at("content").at(0).at("text") == "say \"it\"\n");
        const auto& text = body.at("content").at(1).at("text").as_string();
        CHECK(boost::json::parse(text).as_object() == result.structured);
        CHECK(body.contains("structuredContent") == (version >= Version::v2025_06_18));
        CHECK_FALSE(body.contains("isError"));
    }
    result.is_error = true;
    CHECK(boost::json::parse(replies.call({"1"}, kModern, result)).at("result").at("isError") ==
          true);
}

TEST_CASE("a tool that has a view names it in every version; the others have no _meta")
{
    auto shown = offer();
    REQUIRE(shown.tools.size() >= 2);
    const Replies without{shown};
    shown.tools[0].view = "ui://test/view";
    const Replies replies{shown};
    for (std::size_t i = 0; i < kVersionCount; ++i) {
        const auto version = static_cast<Version>(i);
        CHECK_FALSE(first_tool(without, version).contains("_meta"));
        CHECK(first_tool(replies, version).at("_meta") ==
              boost::json::parse(
                  R"({"ui":{"resourceUri":"ui://test/view",)"
                  R"("visibility":["model","app"]},"ui/resourceUri":"ui://test/view"})"));
        const auto list = boost::json::parse(tools_of(replies, version)).at("tools");
        CHECK_FALSE(list.at(1).as_object().contains("_meta"));
    }
}

TEST_CASE("a server with views declares resources, and the extension where there is a place for it")
{
    auto shown = offer();
    const auto capabilities = [&](Version version) {
        const Replies replies{shown};
        const auto& text = version == kModern ? replies.discover() : replies.initialize(version);
        return boost::json::parse(text).at("capabilities").as_object();
    };
    CHECK_FALSE(capabilities(kModern).contains("extensions"));
    CHECK_FALSE(capabilities(kModern).contains("resources"));
    shown.tools[0].view = "ui://test/view";
    for (std::size_t i = 0; i < kVersionCount; ++i) {
        const auto version = static_cast<Version>(i);
        CHECK(capabilities(version).contains("resources"));
        CHECK(capabilities(version).contains("extensions") == (version == kModern));
    }
    CHECK(capabilities(kModern).at("extensions") ==
          boost::json::parse(R"({"io.modelcontextprotocol/ui":{}})"));
}

TEST_CASE("what is read may be kept by all if it is constant, else by nobody")
{
    const Replies replies{offer()};
    const auto read = [&](bool is_constant) {
        const auto frame =
            replies.done({"1"}, {.version = kModern, .is_read = true},
                         {.members = R"("contents":[])", .is_constant = is_constant});
        return boost::json::parse(frame).at("result").as_object();
    };
    CHECK(read(true).at("cacheScope") == "public");
    CHECK(read(true).at("ttlMs").as_int64() > 0);
    CHECK(read(false).at("cacheScope") == "private");
    CHECK(read(false).at("ttlMs") == 0);
    const auto old = replies.done({"1"}, {.version = kNewestLegacy, .is_read = true},
                                  {.members = R"("contents":[])", .is_constant = true});
    CHECK(old == R"({"jsonrpc":"2.0","id":1,"result":{"contents":[]}})");
}

TEST_CASE("a long list comes in pages")
{
    auto many = offer();
    static const std::string name(8, 'r');
    many.resources.assign(2 * kPageMax + 1, {.uri = "test://r", .name = name});
    const Replies replies{many};
    std::string cursor;
    std::size_t entries = 0;
    for (int page = 0; page < 3; ++page) {
        const auto* text = replies.page(List::resources, kModern, cursor);
        REQUIRE(text != nullptr);
        const auto json = boost::json::parse(*text).as_object();
        entries += json.at("resources").as_array().size();
        REQUIRE(json.contains("nextCursor") == (page < 2));
        if (page < 2) cursor = json.at("nextCursor").as_string().c_str();
    }
    CHECK(entries == many.resources.size());
    CHECK(replies.page(List::resources, kModern, "page-4") == nullptr);
    CHECK(replies.page(List::resources, kModern, "page-1") == nullptr);
    CHECK(replies.page(List::resources, kModern, "x") == nullptr);
}
