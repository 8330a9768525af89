// SPDX-License-Identifier: Apache-2.0
#include "tools/arguments.hpp"

#include <catch2/catch.hpp>

using purse::Money;
using purse::tools::Arguments;
namespace json = purse::json;

namespace {
struct Case {
    std::string_view json;
    std::string_view field;
    std::string_view words;  // part of the message
};

std::optional<purse::tools::ArgumentError> error_of(std::string_view text)
{
    const auto document = json::parse(text);
    REQUIRE(document.has_value());
    Arguments arguments{&document->root(), {"name", "cost", "count", "payee", "choice", "id"}};
    arguments.text("name", {.chars_max = 8});
    arguments.money("cost");
    arguments.integer("count", {.min = 1, .max = 9});
    arguments.address("payee");
    arguments.choice("choice", {"a", "b"});
    if (document->root().find("id") != nullptr) arguments.tx_id("id");
    return arguments.error();
}
}  // namespace

TEST_CASE("a wrong argument is named, with what is expected")
{
    const auto bad = GENERATE(values<Case>({
        {R"([1])", "", "must be an object, not an array"},
        {R"({"nme":"a"})", "nme", "is not an argument of this tool; known are: name, cost"},
        {R"({"name":1})", "name", "must be a string, not a number"},
        {R"({"name":""})", "name", "must not be empty"},
        {R"({"name":"123456789"})", "name", "too long: 9 bytes, at most 8"},
        {R"({"name":"a\nb"})", "name", "control characters"},
        {R"({"cost":true})", "cost", "decimal string such as \"0.08\", not a boolean"},
        {R"({"cost":"-1"})", "cost", "no sign"},
        {R"({"cost":-0.5})", "cost", "no sign"},
        {R"({"cost":1e2})", "cost", "exponent"},
        {R"({"cost":1e400})", "cost", "exponent"},
        {R"({"cost":0.0000001})", "cost", "more than six decimals"},
        {R"({"cost":"1000000000000.000001"})", "cost", "too large"},
        {R"({"cost":"1,5"})", "cost", "plain decimal"},
        {R"({"cost":""})", "cost", "empty"},
        {R"({"count":0})", "count", "whole number from 1 to 9"},
        {R"({"count":10})", "count", "whole number from 1 to 9"},
        {R"({"count":1.5})", "count", "whole number"},
        {R"({"count":"3"})", "count", "whole number"},
        {R"({"payee":"0x123"})", "payee", "40 hexadecimal digits"},
        {R"({"payee":"0xZ0F79bf6EB2c4f870365E785982E1f101E93b906"})", "payee", "hexadecimal"},
        {R"({"choice":"c"})", "choice", "allowed: a, b"},
        {R"({"id":"tx_1"})", "id", "is no txId"},
    }));
    INFO(bad.json);
    const auto error = error_of(bad.json);
    REQUIRE(error.has_value());
    CHECK(error->field == bad.field);
    CHECK_THAT(error->message, Catch::Contains(std::string{bad.words}));
}

TEST_CASE("amounts are read by their exact text")
{
    const auto document = json::parse(R"({"a":"0.08","b":0.08,"c":19.99,"d":null})");
    Arguments arguments{&document->root(), {"a", "b", "c", "d"}};
    CHECK(arguments.money("a") == Money::from_micro(80'000));
    CHECK(arguments.money("b") == Money::from_micro(80'000));
    CHECK(arguments.money("c") == Money::from_micro(19'990'000));
    CHECK_FALSE(arguments.money("d").has_value());
    CHECK_FALSE(arguments.error().has_value());
}

TEST_CASE("addresses are read in either case and kept in lower case")
{
    const auto document = json::parse(R"({"p":"0x90F79bf6EB2c4f870365E785982E1f101E93b906"})");
    Arguments arguments{&document->root(), {"p"}};
    CHECK(arguments.address("p") == "0x90f79bf6eb2c4f870365e785982e1f101e93b906");
}

TEST_CASE("only the first error is told")
{
    const auto document = json::parse(R"({"cost":"x","count":99})");
    Arguments arguments{&document->root(), {"cost", "count"}};
    arguments.money("cost");
    arguments.integer("count", {.min = 1, .max = 9});
    CHECK(arguments.error()->field == "cost");
}

TEST_CASE("no arguments at all are no fields")
{
    Arguments arguments{nullptr, {"name"}};
    CHECK(arguments.text("name", {}).empty());
    CHECK_FALSE(arguments.error().has_value());
    arguments.text("name", {.is_required = true});
    CHECK(arguments.error()->message == "name is required");
}
