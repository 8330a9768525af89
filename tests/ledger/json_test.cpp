// SPDX-License-Identifier: Apache-2.0
#include "ledger/json.hpp"

#include <catch2/catch.hpp>
#include <random>

using namespace purse;
using json::Kind;

namespace {
bool is_json(std::string_view text, json::ParseOptions options = {})
{
    return json::parse(text, options).has_value();
}

json::ParseError error_of(std::string_view text, json::ParseOptions options = {})
{
    const auto document = json::parse(text, options);
    REQUIRE_FALSE(document.has_value());
    return document.error();
}
}  // namespace

TEST_CASE("json: the tree holds what the text says")
{
    const auto document =
        json::parse(R"( {"a": [1, "two", true, false, null, {"b": {}}], "empty": "", "": [], )"
                    R"("u": "\u00e9\ud83d\ude00\n"} )");
    REQUIRE(document.has_value());
    const auto& root = document->root();
    REQUIRE(root.is(Kind::object));
    REQUIRE(root.items().size() == 4);
    const auto* list = root.find("a");
    REQUIRE(list != nullptr);
    CHECK(list->key() == "a");
    REQUIRE(list->items().size() == 6);
    CHECK(list->items()[0].is(Kind::number));
    CHECK(list->items()[0].integer() == 1);
    CHECK(list->items()[0].key().empty());
    CHECK(list->items()[1].text() == "two");
    CHECK(list->items()[2].truth());
    CHECK_FALSE(list->items()[3].truth());
    CHECK(list->items()[3].is(Kind::boolean));
    CHECK(list->items()[4].is(Kind::null));
    CHECK(list->items()[5].find("b")->items().empty());
    CHECK(root.find("empty")->is(Kind::string));
    CHECK(root.find("empty")->text().empty());
    CHECK(root.find("")->is(Kind::array));
    CHECK(root.find("u")->text() == "\xc3\xa9\xf0\x9f\x98\x80\n");
    CHECK(root.find("nowhere") == nullptr);
    CHECK(list->find("a") == nullptr);
}

TEST_CASE("json: keys of containers inside containers stay with their own")
{
    const auto document = json::parse(R"({"a":{"b":{"c":[{"d":[[1]]}],"e":2},"f":3},"g":4})");
    REQUIRE(document.has_value());
    const auto& root = document->root();
    CHECK(root.find("g")->integer() == 4);
    CHECK(root.find("a")->find("f")->integer() == 3);
    CHECK(root.find("a")->find("b")->find("e")->integer() == 2);
    const auto& list = *root.find("a")->find("b")->find("c");
    CHECK(list.key() == "c");
    CHECK(list.items()[0].key().empty());
    CHECK(list.items()[0].find("d")->items()[0].items()[0].integer() == 1);
}

TEST_CASE("json: numbers keep their exact text and never become doubles")
{
    for (const char* text :
         {"0", "-0", "1", "-1", "0.1", "0.10", "1.000000", "1e400", "-1e400", "1E+2", "1e-2", "1e0",
          "18446744073709551616", "9007199254740993", "0.1234567890123456789012345678901234567890",
          "123456789012345678901234567890123456789012345678901234567890"}) {
        CAPTURE(text);
        const auto document = json::parse(std::string{"["} + text + "]");
        REQUIRE(document.has_value());
        REQUIRE(document->root().items()[0].is(Kind::number));
        CHECK(document->root().items()[0].text() == text);
        const auto alone = json::parse(text);
        REQUIRE(alone.has_value());
        CHECK(alone->root().text() == text);
    }
    const auto integer = [](const char* text) { return json::parse(text)->root().integer(); };
    CHECK(integer("9223372036854775807") == 9223372036854775807LL);
    CHECK(integer("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
    CHECK_FALSE(integer("9223372036854775808").has_value());
    CHECK_FALSE(integer("1.0").has_value());
    CHECK_FALSE(integer("1e2").has_value());
    CHECK_FALSE(integer("\"1\"").has_value());
}

TEST_CASE("json: texts that are not JSON")
{
    using namespace std::string_view_literals;
    for (const auto text : {""sv,
                            " "sv,
                            "{"sv,
                            "}"sv,
                            "["sv,
                            "[1"sv,
                            "[1,"sv,
                            "[1,]"sv,
                            "{\"a\"}"sv,
                            "{\"a\":}"sv,
                            "{\"a\":1,}"sv,
                            "{a:1}"sv,
                            "{'a':1}"sv,
                            "[1 2]"sv,
                            "nul"sv,
                            "nulll"sv,
                            "True"sv,
                            "NaN"sv,
                            "Infinity"sv,
                            "-Infinity"sv,
                            "01"sv,
                            "-"sv,
                            "+1"sv,
                            ".5"sv,
                            "5."sv,
                            "1e"sv,
                            "1e+"sv,
                            "0x10"sv,
                            "\""sv,
                            "\"\n\""sv,
                            "\"\t\""sv,
                            "\"\x01\""sv,
                            "\"\\x\""sv,
                            "\"\\u12\""sv,
                            "\"\\u12g4\""sv,
                            "\"\\ud800\""sv,
                            "\"\\ud800x\""sv,
                            "\"\\udc00\""sv,
                            "\"\\ud800\\u0041\""sv,
                            "[1]]"sv,
                            "1 1"sv,
                            "{}{}"sv,
                            "[] x"sv,
                            "\xef\xbb\xbf{}"sv,
                            "[1]\0"sv,
                            "\0"sv,
                            "// c\n1"sv,
                            "/* c */ 1"sv,
                            "1 // c"sv}) {
        CAPTURE(std::string{text});
        CHECK_FALSE(is_json(text));
    }
    CHECK(is_json(" \t\r\n1 \t\r\n"));
    CHECK(is_json("\"\\u0000\""));
    CHECK(json::parse("\"a\\u0000b\"")->root().text() == "a\0b"sv);
}

TEST_CASE("json: bad UTF-8 is refused, in strings and keys")
{
    for (const char* bytes : {"\xff", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                              "\xf4\x90\x80\x80", "\x80", "\xc3", "\xf0\x9f\x98"}) {
        const std::string text = bytes;
        CHECK_FALSE(is_json("\"" + text + "\""));
        CHECK_FALSE(is_json("[\"a" + text + "b\"]"));
        CHECK_FALSE(is_json("{\"" + text + "\":1}"));
    }
    CHECK(is_json("\"\xf4\x8f\xbf\xbf\""));
    CHECK(is_json("\"\xef\xbf\xbf\""));
}

TEST_CASE("json: a key stands once in an object")
{
    const auto error = error_of("{\n  \"amount\": 1,\n  \"amount\": 2 }");
    CHECK_THAT(error.what, Catch::Contains("\"amount\" stands twice"));
    CHECK(error.line == 3);
    CHECK_FALSE(is_json(R"({"a":1,"b":{"c":1,"c":1}})"));
    CHECK_FALSE(is_json(R"({"a":1,"\u0061":1})"));
    CHECK_FALSE(is_json(R"({"":1,"":1})"));
    CHECK(is_json(R"([{"a":1},{"a":1}])"));
    CHECK(is_json(R"({"a":1,"A":1,"a ":1})"));

    // Large objects take another way.
    std::string large = "{";
    for (int i = 0; i < 5'000; ++i)
        large += "\"k" + std::to_string(i) + "\":" + std::to_string(i) + ",";
    const auto document = json::parse(large + "\"last\":1}");
    REQUIRE(document.has_value());
    CHECK(document->root().items().size() == 5'001);
    CHECK(document->root().find("k4999")->integer() == 4'999);
    CHECK(document->root().items()[17].key() == "k17");
    CHECK_THAT(error_of(large + "\"k77\":1}").what, Catch::Contains("\"k77\" stands twice"));
}

TEST_CASE("json: depth is bounded")
{
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    CHECK(is_json(nested(32)));
    CHECK_FALSE(is_json(nested(33)));
    CHECK_THAT(error_of(nested(33)).what, Catch::Contains("deep"));
    CHECK_FALSE(is_json(std::string(1'000'000, '[')));
    CHECK(is_json(nested(3), {.depth_max = 3}));
    CHECK_FALSE(is_json(nested(4), {.depth_max = 3}));
    std::string objects;
    for (int i = 0; i < 33; ++i) objects += "{\"a\":";
    CHECK_FALSE(is_json(objects + "1" + std::string(33, '}')));
}

TEST_CASE("json: comments and trailing commas only where they are allowed")
{
    const json::ParseOptions relaxed{.comments = true};
    for (const char* text : {"// c\n{\"a\": 1, /* x */ \"b\": [1, 2,], } // end", "/**/1",
                             "{\"a\":1,}", "1 // c", "1 /* c */"}) {
        CAPTURE(text);
        CHECK(is_json(text, relaxed));
        CHECK_FALSE(is_json(text));
    }
    for (const char* text :
         {"{\"a\":1,,}", "[,]", "{,}", "/* 1", "/ 1", "1 1", "{\"a\":1,\"a\":2,}", "// only"}) {
        CAPTURE(text);
        CHECK_FALSE(is_json(text, relaxed));
    }
    CHECK(json::parse("[1, /* two */ \"// three\", 4]", relaxed)->root().items()[1].text() ==
          "// three");
}

TEST_CASE("json: a policy document with bad UTF-8 in a comment is refused")
{
    // The text goes into the journal as a JSON string, so all of it must be UTF-8.
    const json::ParseOptions relaxed{.comments = true};
    CHECK(is_json(
        "1 // \xc3\xa9 \xe2\x82\xac \xed\x9f\xbf \xee\x80\x80 \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf\n",
        relaxed));
    for (const char* bytes : {"\xff", "\x80", "\xc3", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf",
                              "\xed\xa0\x80", "\xe2\x82", "\xe2\x82x", "\xf0\x8f\xbf\xbf",
                              "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf0\x9f\x98"}) {
        CHECK_FALSE(is_json(std::string{"1 // "} + bytes + "\n", relaxed));
        CHECK_FALSE(is_json(std::string{"1 // "} + bytes, relaxed));
    }
    CHECK(error_of("1\n// a\xff", relaxed).line == 2);
    CHECK(error_of("1\n// a\xff", relaxed).column == 5);
}

TEST_CASE("json: errors say where")
{
    const auto error = error_of("{\n  \"a\": 1,\n  \"b\": x\n}");
    CHECK(error.line == 3);
    CHECK(error.column == 8);
    CHECK(error.offset == 19);
    CHECK(error_of("").line == 1);
    CHECK(error_of("").column == 1);
    CHECK_THAT(error_of("[1").what, Catch::Contains("ends too early"));
    CHECK_THAT(error_of("1 2").what, Catch::Contains("after the end"));
    CHECK_THAT(error_of("\"\\ud800\\u0041\"").what, Catch::Contains("surrogate"));
}

TEST_CASE("json: long strings, escapes in pieces, moved documents")
{
    std::string plain(100'000, 'x');
    auto document = json::parse("[\"" + plain + "\\n" + plain + "\"]");
    REQUIRE(document.has_value());
    const auto moved = std::move(*document);
    CHECK(moved.root().items()[0].text() == plain + "\n" + plain);
    const auto keyed = json::parse("{\"a\\tb" + plain + "\":1}");
    REQUIRE(keyed.has_value());
    CHECK(keyed->root().items()[0].key() == "a\tb" + plain);
}

TEST_CASE("json: quoting escapes what it must and is read back")
{
    std::string all;
    for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
    all += "\xc3\xa9\xf0\x9f\x98\x80";
    std::string quoted;
    json::append_quoted(quoted, all);
    const auto document = json::parse(quoted);
    REQUIRE(document.has_value());
    CHECK(document->root().text() == all);
    std::string controls;
    json::append_quoted(controls, std::string_view{"\x00\x1f\x7f/\"\\\b\f\n\r\t", 11});
    CHECK(controls == "\"\\u0000\\u001f\x7f/\\\"\\\\\\b\\f\\n\\r\\t\"");
    CHECK(json::describe(Kind::object) == "an object");
}

TEST_CASE("json: quoting many bytes at once gives what quoting each alone gives")
{
    const auto plainly = [](std::string_view text) {
        static constexpr char kHex[] = "0123456789abcdef";
        std::string out = "\"";
        for (const char c : text) {
            const std::string_view specials = "\"\\\b\f\n\r\t";
            const auto place = specials.find(c);
            if (place != std::string_view::npos)
                out += std::string{"\\"} + "\"\\bfnrt"[place];
            else if (static_cast<unsigned char>(c) < 0x20)
                out += std::string{"\\u00"} + kHex[c >> 4] + kHex[c & 15];
            else
                out += c;
        }
        return out + "\"";
    };
    std::mt19937 random{1};
    for (int round = 0; round < 20'000; ++round) {
        // Few specials or many, around the sizes at which it works in words and pieces.
        const auto rarity = 1 + random() % 40;
        std::string text(random() % 300, 'x');
        for (auto& c : text)
            c = random() % rarity == 0 ? static_cast<char>(random() % 256)
                                       : static_cast<char>(0x20 + random() % 0x60);
        INFO(round);
        REQUIRE(json::quoted(text) == plainly(text));
    }
}

TEST_CASE("json: a text from outside becomes well-formed")
{
    CHECK(purse::json::well_formed("plain") == "plain");
    CHECK(purse::json::well_formed("f\xc3\xbcr") == "f\xc3\xbcr");
    CHECK(purse::json::well_formed("a\xff"
                                   "b\xc3") == "a?b?");
    CHECK(purse::json::well_formed("\xed\xa0\x80").find('\xed') == std::string::npos);
}

TEST_CASE("json: a value is written again compactly, numbers by their text")
{
    const auto written = [](std::string_view text) {
        const auto document = json::parse(text, {.comments = true});
        REQUIRE(document.has_value());
        std::string out;
        json::append(out, document->root());
        return out;
    };
    CHECK(written(R"( { "b" : [ 1 , -0 , 1e400, 0.10 ], // words
                        "a" : { "x" : null, "y" : [] , "z" : {} }, "t" : [true, false], } )") ==
          R"({"b":[1,-0,1e400,0.10],"a":{"x":null,"y":[],"z":{}},"t":[true,false]})");
    CHECK(written(R"("\u00e9\n\"")") == "\"\xc3\xa9\\n\\\"\"");
    for (const auto* scalar : {"null", "true", "false", "12", "[]", "{}", R"([[[{"a":[1]}]]])"})
        CHECK(written(scalar) == scalar);
}

TEST_CASE("json: every kind has a name")
{
    using json::Kind;
    CHECK(json::describe(Kind::null) == "null");
    CHECK(json::describe(Kind::boolean) == "a boolean");
    CHECK(json::describe(Kind::number) == "a number");
    CHECK(json::describe(Kind::string) == "a string");
    CHECK(json::describe(Kind::array) == "an array");
    CHECK(json::describe(Kind::object) == "an object");
}

TEST_CASE("json: a broken surrogate pair and an exponent without end are said")
{
    const auto what = [](std::string_view text) {
        const auto document = json::parse(text);
        REQUIRE_FALSE(document.has_value());
        return document.error().what;
    };
    CHECK(what(R"("\ude00")") == "a broken \\u surrogate pair");
    CHECK(what(R"("\ud83d\u0041")") == "a broken \\u surrogate pair");
    // Half a pair before the end, or before another character.
    CHECK_FALSE(what(R"("\ud83d")").empty());
    CHECK_FALSE(what(R"("\ud83dx")").empty());
    CHECK(what("1e99999999999") == "a number's exponent is too large");
}

TEST_CASE("json: the number of values can be bounded")
{
    using purse::json::parse;
    const auto good = [](std::string_view text, std::size_t values_max) {
        return parse(text, {.values_max = values_max}).has_value();
    };
    // The containers count as well.
    CHECK(good(R"({"a":[1,true,null,"x"]})", 6));
    CHECK_FALSE(good(R"({"a":[1,true,null,"x"]})", 5));
    for (const auto* text : {"[]", "{}", "1", "\"x\"", "null", "true"}) {
        CAPTURE(text);
        CHECK(good(text, 1));
        CHECK_FALSE(good(text, 0));
    }
    CHECK(parse("[1,2,3]", {.values_max = 3}).error().what == "it has too many values");
}
