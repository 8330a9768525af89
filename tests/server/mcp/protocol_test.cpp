// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/protocol.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "scripted_client.hpp"

using namespace purse;
using namespace purse::server;
using test::object;
using test::said;
using test::text_of;
using test::value;
using Fixture = test::ScriptedClient;

TEST_CASE_METHOD(Fixture, "each era has its methods, and no other's")
{
    catalog["t"] = [](Responder responder) { responder(said("")); };
    initialize();
    for (const char* method : {"ping", "tools/list", "resources/list", "prompts/list"}) {
        request(method);
        CHECK(result().is_object());
    }
    for (const char* method :
         {"server/discover", "subscriptions/listen", "tasks/get", "Tools/list", "", "tools"}) {
        INFO(method);
        request(method);
        CHECK(error() == -32601);
    }
    for (const char* method : {"initialize", "ping", "logging/setLevel", "resources/subscribe",
                               "resources/unsubscribe", "unknown/method", "notifications/x"}) {
        INFO(method);
        modern(method, {{"level", "info"}, {"uri", "test://r"}, {"protocolVersion", "2025-11-25"}});
        CHECK(error() == -32601);
    }
    modern("server/discover");
    CHECK(result().at("supportedVersions") == boost::json::array{"2026-07-28"});
}

TEST_CASE("what is not offered is neither declared nor served")
{
    Fixture bare{Offer{.name = "bare"}};
    bare.modern("server/discover");
    CHECK(bare.result().at("capabilities") == value{{"tools", object{}}});
    bare.initialize();
    for (const char* method :
         {"resources/list", "resources/read", "resources/templates/list", "prompts/list",
          "prompts/get", "completion/complete", "logging/setLevel", "resources/subscribe"}) {
        INFO(method);
        bare.request(method, {{"level", "info"}});
        CHECK(bare.error() == -32601);
        bare.modern(method);
        CHECK(bare.error() == -32601);
    }
}

TEST_CASE_METHOD(Fixture, "names, URIs and arguments of the wrong kind are invalid params")
{
    catalog["t"] = [](Responder responder) { responder(said("")); };
    modern("tools/call");
    CHECK(error() == -32602);
    modern("tools/call", {{"name", 7}});
    CHECK(error() == -32602);
    modern("tools/call", {{"name", "t"}, {"arguments", {1}}});
    CHECK(error() == -32602);
    modern("tools/call", {{"name", "u"}});
    CHECK(error() == -32602);
    modern("prompts/get", {{"name", "u"}});
    CHECK(error() == -32602);
    modern("resources/read");
    CHECK(error() == -32602);
    modern("completion/complete", {{"ref", "x"}});
    CHECK(error() == -32602);
    modern("completion/complete", {{"ref", object{}}});
    CHECK(error() == -32602);
    modern("resources/read", {{"uri", "test://none"}});
    const auto missing = answer().at("error");
    CHECK(missing.at("code") == -32602);
    CHECK(missing.at("data") == value{{"uri", "test://none"}});
}

TEST_CASE_METHOD(Fixture, "a list is read page by page; a cursor of somebody else's is refused")
{
    modern("tools/list");
    const auto first = result();
    CHECK(first.at("tools").as_array().size() == kPageMax);
    modern("tools/list", {{"cursor", first.at("nextCursor")}});
    const auto last = result().as_object();
    CHECK(last.at("tools").as_array().size() == 1);
    CHECK_FALSE(last.contains("nextCursor"));
    CHECK(last.at("cacheScope") == first.at("cacheScope"));
    for (const value& cursor : {value("page-3"), value("x"), value(7)}) {
        modern("tools/list", {{"cursor", cursor}});
        CHECK(error() == -32602);
    }
    modern("resources/list", {{"cursor", first.at("nextCursor")}});
    CHECK(error() == -32602);
    for (const value& cursor : {value(""), value(nullptr)}) {
        modern("tools/list", {{"cursor", cursor}});
        CHECK(result().at("tools").as_array().size() == kPageMax);
    }
}

// What is said on the way.

TEST_CASE_METHOD(Fixture, "progress is told to who wants it, strictly rising, and never afterwards")
{
    std::shared_ptr<Call> over;
    catalog["t"] = [&](Responder responder) {
        over = responder.shared();
        for (const int done : {0, 5, 5, 2, 3, 9})
            responder.call().progress({.done = done, .total = 9, .message = "on"});
        responder(said("done"));
        over->progress({.done = 10});
    };
    modern("tools/call", {{"name", "t"}});
    CHECK(text_of(result()) == "done");

    for (const value& token : {value("p"), value(0)}) {
        modern("tools/call", {{"name", "t"}, {"_meta", {{"progressToken", token}}}});
        for (const int done : {0, 5, 9}) {
            const auto notice = next();
            REQUIRE(notice);
            CHECK(*notice == value{{"jsonrpc", "2.0"},
                                   {"method", "notifications/progress"},
                                   {"params",
                                    {{"progressToken", token},
                                     {"progress", done},
                                     {"total", 9},
                                     {"message", "on"}}}});
        }
        CHECK(text_of(result()) == "done");
    }

    initialize("2024-11-05");
    request("tools/call", {{"name", "t"}, {"_meta", {{"progressToken", 1}}}});
    CHECK_FALSE(next()->at("params").as_object().contains("message"));
}

TEST_CASE_METHOD(Fixture, "a call that waits is reported on, until it is answered")
{
    std::optional<Responder> waiting;
    catalog["t"] = [&](Responder responder) { waiting.emplace(std::move(responder)); };
    const auto pass = [&](std::size_t ticks) {
        for (; ticks > 0; --ticks) behind.protocol.tick();
    };
    modern("tools/call", {{"name", "t"}});
    pass(10 * kProgressTicks);
    CHECK_FALSE(next());  // nobody wants to hear of that one
    (*waiting)(said("done"));
    CHECK(text_of(result()) == "done");

    modern("tools/call", {{"name", "t"}, {"_meta", {{"progressToken", "p"}}}});
    pass(kProgressTicks - 1);
    CHECK_FALSE(next());
    pass(1);
    CHECK(next()->at("params").at("progress") == 1);
    pass(kProgressTicks);
    CHECK(next()->at("params").at("progress") == 2);
    (*waiting)(said("done"));
    CHECK(text_of(result()) == "done");
    pass(10 * kProgressTicks);
    CHECK_FALSE(next());
}

TEST_CASE_METHOD(Fixture, "log messages are sent from the level on that was asked for")
{
    catalog["t"] = [](Responder responder) {
        responder.call().log(LogSeverity::debug, R"("low")");
        responder.call().log(LogSeverity::warning, R"({"what":"high"})");
        responder(said("done"));
    };
    const auto logged = [&] {
        int count = 0;
        auto frame = next();
        for (; frame && frame->as_object().contains("method"); frame = next()) ++count;
        CHECK(text_of(frame->at("result")) == "done");
        return count;
    };
    const auto modern_with = [&](std::string_view level) {
        modern("tools/call",
               {{"name", "t"}, {"_meta", {{"io.modelcontextprotocol/logLevel", level}}}});
        return logged();
    };
    modern("tools/call", {{"name", "t"}});
    CHECK(logged() == 0);
    CHECK(modern_with("debug") == 2);
    CHECK(modern_with("warning") == 1);
    CHECK(modern_with("error") == 0);

    initialize();
    const auto legacy_with = [&](std::string_view level) {
        request("logging/setLevel", {{"level", level}});
        CHECK(result() == object{});
        request("tools/call", {{"name", "t"}});
        return logged();
    };
    CHECK(legacy_with("debug") == 2);
    CHECK(legacy_with("warning") == 1);
    CHECK(legacy_with("emergency") == 0);
    request("logging/setLevel", {{"level", "loud"}});
    CHECK(error() == -32602);
    request("logging/setLevel");
    CHECK(error() == -32602);
    modern("tools/call", {{"name", "t"}});  // each modern request speaks for itself
    CHECK(logged() == 0);
}

TEST_CASE_METHOD(Fixture, "no request stays without an answer, whatever its handler does")
{
    catalog["drops"] = [](const Responder&) {};
    catalog["throws"] = [](const Responder&) { throw std::runtime_error{"a secret"}; };
    catalog["twice"] = [](Responder responder) {
        responder(said("first"));
        responder(said("second"));
    };
    catalog["error"] = [](Responder responder) {
        responder(RpcError{ErrorCode::invalid_params, "no", R"({"why":1})"});
    };
    modern("tools/call", {{"name", "drops"}});
    CHECK(error() == -32603);
    modern("tools/call", {{"name", "throws"}});
    const auto thrown = answer();
    CHECK(thrown.at("error").at("code") == -32603);
    CHECK(serialize(thrown).find("secret") == std::string::npos);
    modern("tools/call", {{"name", "twice"}});
    CHECK(text_of(result()) == "first");
    modern("tools/call", {{"name", "error"}});
    CHECK(answer().at("error").at("data").at("why") == 1);
    CHECK(frames->calls() == 0);
}

TEST_CASE_METHOD(Fixture, "a subscription is granted what is offered and was asked for")
{
    modern("subscriptions/listen", {{"notifications",
                                     {{"toolsListChanged", true},
                                      {"promptsListChanged", false},
                                      {"resourcesListChanged", 1},
                                      {"resourceSubscriptions", {"test://r", 7, "test://s"}}}}});
    const auto granted = next()->at("params").at("notifications");
    CHECK(granted ==
          value{{"toolsListChanged", true}, {"resourceSubscriptions", {"test://r", "test://s"}}});
    behind.protocol.notices().prompts_changed();
    CHECK_FALSE(next());
    behind.protocol.notices().resource_updated("test://s");
    CHECK(next()->at("params").at("uri") == "test://s");
    notify("notifications/cancelled", {{"requestId", ids}});
    behind.protocol.notices().tools_changed();
    CHECK_FALSE(next());
}
