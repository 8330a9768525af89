// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/asks.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <deque>

#include "frames.hpp"
#include "scripted_catalog.hpp"
#include "server/limits.hpp"

using namespace purse;
using namespace purse::server;

namespace {
struct Fixture {
    std::shared_ptr<test::Frames> frames = std::make_shared<test::Frames>();
    test::ScriptedProtocol behind;
    Asks asks;
    std::deque<json::Document> documents;

    std::shared_ptr<Call> call(Version version = kNewestLegacy)
    {
        return std::make_shared<Call>(CallFacts{.protocol = behind.protocol,
                                                .transport = frames,
                                                .method = "tools/call",
                                                .id = {"1"},
                                                .version = version});
    }
    static InputRequest question(std::string key) { return {std::move(key), "roots/list", "{}"}; }
    std::optional<std::string> next() { return frames->take(std::chrono::milliseconds{0}); }
    Asks::Arrival answer(std::string_view text)
    {
        documents.push_back(json::parse(text).value());
        return asks.answer(read_message(documents.back().root()).value());
    }
    Asks::Arrival answer(int number, std::string_view result = "{}")
    {
        return answer(R"({"jsonrpc":"2.0","id":"purse-)" + std::to_string(number) +
                      R"(","result":)" + std::string{result} + "}");
    }
};
std::vector<std::shared_ptr<Call>> calls_of(const std::vector<Asks::Waiting>& waiting)
{
    std::vector<std::shared_ptr<Call>> calls;
    for (const auto& one : waiting) calls.push_back(one.call);
    return calls;
}
}  // namespace

TEST_CASE_METHOD(Fixture, "a round goes on when its last question is answered, in any order")
{
    const auto waiting = call();
    REQUIRE(asks.ask(waiting, {{question("a"), question("b")}, "so far"}));
    CHECK(next() == R"({"jsonrpc":"2.0","id":"purse-1","method":"roots/list","params":{}})");
    CHECK(next() == R"({"jsonrpc":"2.0","id":"purse-2","method":"roots/list","params":{}})");
    CHECK(answer(2, R"({"x":1.50})").call == nullptr);
    CHECK(answer(2).call == nullptr);  // a second answer counts for nothing
    const auto arrival = answer(1, "[]");
    CHECK(arrival.call == waiting);
    CHECK(arrival.inputs == R"({"b":{"x":1.50},"a":[]})");
    CHECK(arrival.state == "so far");
    CHECK(answer(1).call == nullptr);
    CHECK_FALSE(asks.forget(*waiting).has_value());
}

TEST_CASE_METHOD(Fixture, "answers to nothing of ours are ignored")
{
    REQUIRE(asks.ask(call(), {{question("a")}, ""}));
    CHECK(answer(7).call == nullptr);
    CHECK(answer(R"({"jsonrpc":"2.0","id":1,"result":{}})").call == nullptr);
    CHECK(answer(R"({"jsonrpc":"2.0","id":null,"error":{"code":1,"message":""}})").call == nullptr);
    CHECK(answer(1).call != nullptr);
}

TEST_CASE_METHOD(Fixture, "an error counts as a question that was cancelled")
{
    REQUIRE(asks.ask(call(), {{question("a")}, ""}));
    const auto arrival =
        answer(R"({"jsonrpc":"2.0","id":"purse-1","error":{"code":-32603,"message":"no"}})");
    CHECK(arrival.inputs == R"({"a":{"action":"cancel"}})");
}

TEST_CASE_METHOD(Fixture, "a form and a link are asked for as the client's version has them")
{
    const auto params_of = [&](Version version, std::string_view params) {
        REQUIRE(asks.ask(call(version), {{{"a", "elicitation/create", std::string{params}}}, ""}));
        const auto frame = boost::json::parse(*next()).as_object();
        auto asked = frame.at("params").as_object();
        if (const auto* id = asked.if_contains("elicitationId")) CHECK(*id == frame.at("id"));
        asked.erase("elicitationId");
        return asked;
    };
    const std::string_view form = R"({"mode":"form","message":"?","requestedSchema":{"a":1.0}})";
    CHECK(params_of(Version::v2025_11_25, form) == boost::json::parse(form));
    CHECK(params_of(Version::v2025_06_18, form) ==
          boost::json::parse(R"({"message":"?","requestedSchema":{"a":1.0}})"));
    const std::string_view link = R"({"mode":"url","message":"?","url":"https://x.test/"})";
    CHECK(params_of(Version::v2025_11_25, link) == boost::json::parse(link));
    REQUIRE(asks.ask(call(), {{{"a", "elicitation/create", std::string{link}}}, ""}));
    CHECK(boost::json::parse(*next()).at("params").as_object().contains("elicitationId"));
}

TEST_CASE_METHOD(Fixture, "only so many questions are open at once")
{
    for (std::size_t i = 0; i + 1 < kAsksMax; ++i) REQUIRE(asks.ask(call(), {{question("a")}, ""}));
    while (next()) continue;
    CHECK_FALSE(asks.ask(call(), {{question("a"), question("b")}, ""}));
    CHECK_FALSE(next());  // nothing of a round that has no room is sent
    CHECK(asks.ask(call(), {{question("a")}, ""}));
    CHECK_FALSE(asks.ask(call(), {{question("a")}, ""}));
    CHECK(answer(1).call != nullptr);
    CHECK(asks.ask(call(), {{question("a")}, ""}));
}

TEST_CASE_METHOD(Fixture, "a question nobody answers is given up and withdrawn after kAskTicks")
{
    const auto early = call();
    const auto late = call();
    REQUIRE(asks.ask(early, {{question("a"), question("b"), question("c")}, ""}));
    CHECK(asks.tick().empty());
    REQUIRE(asks.ask(late, {{question("a")}, ""}));
    REQUIRE(answer(2).call == nullptr);
    while (next()) continue;
    for (std::size_t i = 2; i < kAskTicks; ++i) REQUIRE(asks.tick().empty());
    CHECK_FALSE(next());
    CHECK(calls_of(asks.tick()) == std::vector{early});
    std::vector<std::string> withdrawn{*next(), *next()};
    std::ranges::sort(withdrawn);
    CHECK(withdrawn ==
          std::vector<std::string>{R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
                                   R"("params":{"requestId":"purse-1"}})",
                                   R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
                                   R"("params":{"requestId":"purse-3"}})"});
    CHECK(answer(1).call == nullptr);
    CHECK(answer(3).call == nullptr);
    CHECK(calls_of(asks.tick()) == std::vector{late});
    CHECK(asks.tick().empty());
}

TEST_CASE_METHOD(Fixture, "a call that waits no longer takes back its own questions alone")
{
    const auto one = call();
    const auto other = call();
    REQUIRE(asks.ask(one, {{question("a")}, ""}));
    REQUIRE(asks.ask(other, {{question("a")}, ""}));
    while (next()) continue;
    CHECK(asks.forget(*one).has_value());
    CHECK(boost::json::parse(*next()).at("params").at("requestId") == "purse-1");
    CHECK_FALSE(next());
    CHECK_FALSE(asks.forget(*one).has_value());
    CHECK(answer(1).call == nullptr);
    CHECK(answer(2).call == other);
}

TEST_CASE_METHOD(Fixture, "nothing waits for a client that has gone")
{
    const auto waiting = call();
    REQUIRE(asks.ask(waiting, {{question("a"), question("b")}, ""}));
    while (next()) continue;
    CHECK(calls_of(asks.take_all()) == std::vector{waiting});
    CHECK(asks.take_all().empty());
    CHECK(answer(1).call == nullptr);
    CHECK_FALSE(asks.ask(call(), {{question("a")}, ""}));
    CHECK_FALSE(next());
}
