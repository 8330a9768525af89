// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/replies.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "test_toolbox.hpp"

using namespace purse;
using namespace purse::server;

namespace {
const test::TestToolbox& toolbox()
{
    static const test::TestToolbox tools;
    return tools;
}

boost::json::object first_tool(const Replies& replies, Version version)
{
    return boost::json::parse(replies.tools(version)).at("tools").at(0).as_object();
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
    const Replies replies{toolbox().list(), "1.2.3"};
    for (std::size_t i = 0; i < kVersionCount; ++i) {
        const auto version = static_cast<Version>(i);
        CHECK(replies.tools(version).find('\n') == std::string::npos);
        const auto tool = first_tool(replies, version);
        CHECK(tool.contains("annotations") == (version >= Version::v2025_03_26));
        CHECK(tool.contains("title") == (version >= Version::v2025_06_18));
        CHECK(tool.contains("outputSchema") == (version >= Version::v2025_06_18));
        const auto list = boost::json::parse(replies.tools(version)).as_object();
        CHECK_FALSE(list.contains("nextCursor"));
        CHECK(list.contains("resultType") == (version == kModern));
        CHECK(list.contains("ttlMs") == (version == kModern));
        CHECK(list.contains("cacheScope") == (version == kModern));
        CHECK(list.contains("_meta") == (version == kModern));
    }
}

TEST_CASE("the program's version is in what introduces it")
{
    const Replies replies{toolbox().list(), "1.2.3"};
    const auto info = boost::json::parse(replies.initialize(kNewestLegacy)).at("serverInfo");
    CHECK(info.at("version") == "1.2.3");
    CHECK(boost::json::parse(replies.discover())
              .at("_meta")
              .at("io.modelcontextprotocol/serverInfo")
              .at("version") == "1.2.3");
}

TEST_CASE("a result's text block is exactly the JSON of its structured content")
{
    const Replies replies{toolbox().list(), "1"};
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
