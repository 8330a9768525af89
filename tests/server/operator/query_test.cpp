// SPDX-License-Identifier: Apache-2.0
// Queries and bodies: everything doubtful is an error that names the field.
#include "server/operator/query.hpp"

#include <catch2/catch.hpp>

#include "server/operator/body.hpp"

using namespace purse::server;

namespace {
std::expected<Query, PageError> parse(std::string_view text)
{
    return Query::parse(text, {"agent", "limit"});
}
}  // namespace

TEST_CASE("query: values are decoded")
{
    const auto query = parse("agent=a%2Fb+c%C3%A9&limit=7&");
    REQUIRE(query.has_value());
    CHECK(query->text("agent") == "a/b c\xc3\xa9");
    CHECK(query->number("limit", 1, 9, 5) == 7);
    CHECK(parse("")->text("agent").empty());
    CHECK(parse("agent")->text("agent").empty());
    CHECK(parse("agent=x")->number("limit", 1, 9, 5) == 5);
}

TEST_CASE("query: what is wrong is named")
{
    for (const auto* text : {"agent=%", "agent=%2", "agent=%zz", "agent=%ff"}) {
        CAPTURE(text);
        const auto query = parse(text);
        REQUIRE_FALSE(query.has_value());
        CHECK(query.error().field == "agent");
        CHECK(query.error().status == 400);
    }
    for (const auto* text :
         {"agent=a&agent=b", "agent=&agent=b", "agent&agent", "agent=a&agent="}) {
        CAPTURE(text);
        const auto query = parse(text);
        REQUIRE_FALSE(query.has_value());
        CHECK(query.error().field == "agent");
    }
    CHECK(parse("agent=" + std::string(257, 'x')).error().field == "agent");
    CHECK(parse("who=a").error().code == "invalid_argument");
    for (const auto* text : {"limit=0", "limit=10", "limit=-1", "limit=1.5", "limit=a", "limit=9x",
                             "limit=99999999999999999999"}) {
        CAPTURE(text);
        const auto number = parse(text)->number("limit", 1, 9, 5);
        REQUIRE_FALSE(number.has_value());
        CHECK(number.error().field == "limit");
    }
}

TEST_CASE("body: an object of texts, nothing unknown")
{
    const auto body = Body::parse(R"({"note":"hi","target":null})", {"note", "target"});
    REQUIRE(body.has_value());
    CHECK(body->text("note") == "hi");
    CHECK(body->text("target").empty());
    CHECK(Body::parse("", {"note"}).has_value());
    for (const auto* text : {"[]", "1", "{", R"({"note":1})", R"({"nte":"a"})",
                             R"({"note":"a","note":"b"})", R"({"note":{"a":{"b":{"c":{}}}}})"}) {
        CAPTURE(text);
        CHECK_FALSE(Body::parse(text, {"note"}).has_value());
    }
    CHECK(Body::parse(R"({"note":1})", {"note"}).error().field == "note");
}
