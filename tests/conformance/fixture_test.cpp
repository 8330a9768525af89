// SPDX-License-Identifier: Apache-2.0
// The fixtures in memory: what the conformance suite looks for, without a door. The suite itself
// is run by tests/conformance/run.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <set>

#include "fake_clock.hpp"
#include "fixture_catalog.hpp"
#include "frames.hpp"
#include "seeded_entropy.hpp"
#include "server/mcp/session.hpp"

using namespace purse;
using boost::json::object;
using boost::json::value;

namespace {
struct Room {
    server::Log log{server::LogLevel::off};
    test::FakeClock clock;
    test::SeededEntropy entropy;
    std::shared_ptr<test::Frames> frames = std::make_shared<test::Frames>();
    conformance::FixtureBehind behind{entropy, clock, log};
    server::Session session{behind.protocol, {.caller = {"", "s", ""}}};
    int ids = 100;

    void send(const value& message) { session.receive(serialize(message), frames); }
    value next()
    {
        const auto frame = frames->take();
        REQUIRE(frame);
        return boost::json::parse(*frame);
    }
    void initialize(const value& capabilities, std::string_view version = "2025-11-25")
    {
        send({{"jsonrpc", "2.0"},
              {"id", 0},
              {"method", "initialize"},
              {"params", {{"protocolVersion", version}, {"capabilities", capabilities}}}});
        next();
    }
    void request(std::string_view method, object params)
    {
        send({{"jsonrpc", "2.0"}, {"id", ++ids}, {"method", method}, {"params", params}});
    }
    void modern(std::string_view method, object params)
    {
        object meta{{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                    {"io.modelcontextprotocol/clientCapabilities",
                     {{"sampling", object{}}, {"elicitation", object{}}, {"roots", object{}}}}};
        if (const auto* more = params.if_contains("_meta"))
            for (const auto& [key, one] : more->as_object()) meta[key] = one;
        params["_meta"] = meta;
        request(method, params);
    }
    value modern_result(std::string_view method, object params)
    {
        modern(method, std::move(params));
        const auto answer = next();
        INFO(serialize(answer));
        REQUIRE(answer.as_object().contains("result"));
        return answer.at("result");
    }
};

std::string text_of(const value& result)
{
    return result.at("content").at(0).at("text").as_string().c_str();
}

value answer_to(const value& question, std::string_view field_value)
{
    if (question.at("method") == "sampling/createMessage")
        return {{"role", "assistant"},
                {"content", {{"type", "text"}, {"text", "Paris"}}},
                {"model", "m"}};
    if (question.at("method") == "roots/list")
        return {{"roots", {{{"uri", "file:///r"}, {"name", "r"}}}}};
    object content;
    for (const auto& one : question.at("params").at("requestedSchema").at("properties").as_object())
        content[one.key()] = field_value;
    return {{"action", "accept"}, {"content", content}};
}
}  // namespace

TEST_CASE_METHOD(Room, "every fixture tool is listed once and answers in both eras")
{
    const auto tools = modern_result("tools/list", {}).at("tools").as_array();
    REQUIRE(tools.size() == 28);
    CHECK(tools.at(0).at("name") == "test_simple_text");  // header checks call the first
    std::set<std::string> names;
    initialize({{"sampling", object{}}, {"elicitation", object{}}, {"roots", object{}}});
    for (const auto& tool : tools) {
        const std::string name{tool.at("name").as_string()};
        INFO(name);
        CHECK(names.insert(name).second);
        auto result = modern_result("tools/call", {{"name", name}});
        for (int round = 0; round < 3 && result.at("resultType") == "input_required"; ++round) {
            object inputs;
            for (const auto& [key, question] : result.at("inputRequests").as_object())
                inputs[key] = answer_to(question, "x");
            object params{{"name", name}, {"inputResponses", inputs}};
            if (const auto* state = result.as_object().if_contains("requestState"))
                params["requestState"] = *state;
            result = modern_result("tools/call", params);
        }
        CHECK(result.at("resultType") == "complete");

        request("tools/call", {{"name", name}});
        auto message = next();
        for (; message.as_object().contains("method"); message = next())
            if (const auto* id = message.as_object().if_contains("id"))
                send({{"jsonrpc", "2.0"}, {"id", *id}, {"result", answer_to(message, "x")}});
        REQUIRE(message.as_object().contains("result"));
        CHECK(message.at("result").at("content") == result.at("content"));
    }
}

TEST_CASE_METHOD(Room, "progress and log messages come as asked for")
{
    modern("tools/call",
           {{"name", "test_tool_with_progress"}, {"_meta", {{"progressToken", "p"}}}});
    for (const int done : {0, 50, 100}) {
        const auto notice = next();
        CHECK(notice.at("method") == "notifications/progress");
        CHECK(notice.at("params").at("progress") == done);
        CHECK(notice.at("params").at("total") == 100);
    }
    CHECK(next().as_object().contains("result"));

    modern("tools/call", {{"name", "test_logging_tool"},
                          {"_meta", {{"io.modelcontextprotocol/logLevel", "info"}}}});
    for (int i = 0; i < 3; ++i) CHECK(next().at("method") == "notifications/message");
    CHECK(next().as_object().contains("result"));
    modern("tools/call", {{"name", "test_logging_tool"}});
    CHECK(next().as_object().contains("result"));
}

TEST_CASE_METHOD(Room, "a wrong or missing answer is asked for again, an extra one is ignored")
{
    const object call{{"name", "test_input_required_result_elicitation"}};
    const value accepted{{"action", "accept"}, {"content", {{"name", "Alice"}}}};
    for (const value& inputs :
         {value{{"wrong_key", accepted}}, value{{"user_name", 12345}}, value(object{})}) {
        auto params = call;
        params["inputResponses"] = inputs;
        CHECK(modern_result("tools/call", params).at("resultType") == "input_required");
    }
    auto params = call;
    params["inputResponses"] = {{"user_name", accepted}, {"extra", accepted}};
    CHECK(text_of(modern_result("tools/call", params)) == "Hello, Alice!");
}

TEST_CASE_METHOD(Room, "nothing is asked that the client did not declare")
{
    const object only_sampling{
        {"io.modelcontextprotocol/clientCapabilities", {{"sampling", object{}}}}};
    const auto result = modern_result(
        "tools/call",
        {{"name", "test_input_required_result_capabilities"}, {"_meta", only_sampling}});
    const auto& requests = result.at("inputRequests").as_object();
    REQUIRE(requests.size() == 1);
    CHECK(requests.begin()->value().at("method") == "sampling/createMessage");

    modern("tools/call", {{"name", "test_missing_capability"},
                          {"_meta", {{"io.modelcontextprotocol/clientCapabilities", object{}}}}});
    const auto error = next().at("error");
    CHECK(error.at("code") == -32021);
    CHECK(error.at("data").at("requiredCapabilities").at("sampling").is_object());
}

TEST_CASE_METHOD(Room, "listeners are told of what they listen to")
{
    modern(
        "subscriptions/listen",
        {{"notifications",
          {{"promptsListChanged", true}, {"resourceSubscriptions", {"test://watched-resource"}}}}});
    const auto acknowledged = next();
    CHECK(acknowledged.at("method") == "notifications/subscriptions/acknowledged");
    const auto id = acknowledged.at("params").at("_meta");
    const auto told = [&](std::string_view tool) {
        modern("tools/call", {{"name", tool}});
        auto message = next();
        std::string method;
        if (message.as_object().contains("method")) {
            method = message.at("method").as_string().c_str();
            CHECK(message.at("params").at("_meta") == id);
            message = next();
        }
        CHECK(message.as_object().contains("result"));
        return method;
    };
    CHECK(told("test_trigger_tool_change").empty());
    CHECK(told("test_trigger_prompt_change") == "notifications/prompts/list_changed");
    CHECK(told("test_trigger_resource_change") == "notifications/resources/updated");
}

TEST_CASE_METHOD(Room, "resources, prompts and completions are those of the suite")
{
    const auto read = modern_result("resources/read", {{"uri", "test://template/123/data"}});
    CHECK(read.at("contents").at(0).at("text") ==
          R"({"id":"123","templateTest":true,"data":"Data for ID: 123"})");
    modern("resources/read", {{"uri", "test://template//data"}});
    const auto error = next().at("error");
    CHECK(error.at("code") == -32602);
    CHECK(error.at("data").at("uri") == "test://template//data");
    const auto resources = modern_result("resources/list", {}).at("resources").as_array();
    for (const auto& one : resources)
        CHECK(modern_result("resources/read", {{"uri", one.at("uri")}})
                  .at("contents")
                  .at(0)
                  .at("uri") == one.at("uri"));

    CHECK(modern_result("prompts/get", {{"name", "test_prompt_with_arguments"},
                                        {"arguments", {{"arg1", "hello"}, {"arg2", "world"}}}})
              .at("messages")
              .at(0)
              .at("content")
              .at("text") == "Prompt with arguments: arg1='hello', arg2='world'");
    modern("prompts/get", {{"name", "test_prompt_with_arguments"}});
    CHECK(next().at("error").at("code") == -32602);
    CHECK(modern_result("prompts/get", {{"name", "test_input_required_result_prompt"}})
              .at("resultType") == "input_required");

    CHECK(modern_result("completion/complete",
                        {{"ref", {{"type", "ref/prompt"}, {"name", "test_prompt_with_arguments"}}},
                         {"argument", {{"name", "arg1"}, {"value", "par"}}}})
              .at("completion")
              .at("total") == 3);
}
